"""What a witness keeps in its directory beside the blocks: whom it follows, what it signed.

chain.sqlite3      the blocks, each executed here
witness.json       the chain and the sealers that were accepted, the last signature sent
evidence/          blocks that do not follow, and pairs of sealed blocks of one height
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger.chain.framing import SealedBlock
from ledger.errors import ChainCorrupt

NAME = "witness.json"
EVIDENCE = "evidence"


class Notes:
    """A small JSON file, replaced as a whole."""

    def __init__(self, directory: Path) -> None:
        """Raises: ChainCorrupt when the file is there and cannot be read."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._path = directory / NAME
        try:
            self.values: dict[str, Any] = json.loads(self._path.read_text())
        except FileNotFoundError:
            self.values = {}
        except ValueError as error:
            raise ChainCorrupt(f"{NAME} cannot be read; remove it to start anew.") from error

    def write(self, values: Mapping[str, Any]) -> None:
        """Change some values, durably."""
        self.values |= values
        _replace(self._path, json.dumps(self.values, indent=2) + "\n")

    def keep_equivocation(
        self, *, height: int, ours: SealedBlock, theirs: SealedBlock, facts: Mapping[str, Any]
    ) -> Path:
        """Write down two sealed blocks of one height; returns the file.

        `facts` name what each seal signs, so that anyone can check both without this software.
        """
        found = {"height": height, **facts, "first": _shown(ours), "second": _shown(theirs)}
        return self._keep(f"equivocation-{height}.json", found)

    def keep_deviation(self, *, height: int, what: str, block: SealedBlock) -> Path:
        """Write down a block that does not follow, and why; returns the file."""
        found = {"height": height, "what": what, **_shown(block)}
        return self._keep(f"deviation-{height}.json", found)

    def _keep(self, name: str, found: Mapping[str, Any]) -> Path:
        folder = self.directory / EVIDENCE
        folder.mkdir(exist_ok=True)
        _replace(folder / name, json.dumps(found, indent=2) + "\n")
        return folder / name


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _shown(sealed: SealedBlock) -> dict[str, str]:
    return {"block": f"0x{sealed.block.hex()}", "seal": f"0x{sealed.seal.hex()}"}
