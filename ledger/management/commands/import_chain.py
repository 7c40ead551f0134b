"""The chain from files."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.chain.stored import import_chain
from ledger.errors import LedgerError
from ledger.management.registry_command import RegistryCommand, progress_bar


class Command(RegistryCommand):
    help = (
        "Execute an export's blocks again, from the genesis, into a new store. Nothing is kept "
        "when one of them does not follow."
    )
    needs_database = False
    refusals = (LedgerError, OSError)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR")
        parser.add_argument(
            "--into",
            type=Path,
            metavar="STORE_DIR",
            help="directory of the new store (default: that of this registry's chain)",
        )

    def perform(
        self, *, now: datetime, directory: Path, into: Path | None = None, **options: Any
    ) -> dict[str, Any]:
        with progress_bar("importing", "block") as show:
            head = import_chain(directory, into=into, progress=show)
        return {
            "blocks": head.block_number,
            "head": f"0x{head.hash.hex()}",
            "state_root": f"0x{head.state_root.hex()}",
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['blocks']:,} blocks executed again; the head is {result['head']}."
