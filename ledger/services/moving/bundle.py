"""The closing bundle: a directory of files from which the old chain is proven and carried over."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from ledger.domain.calls import Call
from ledger.domain.moving import State, check_state
from ledger.domain.moving_files import CLOSING, STATE, Closing, read_closing, read_state
from ledger.domain.moving_plan import calls_of
from ledger.errors import MoveRefused

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was closed, and what the contract held then."""

    closing: Closing
    state: State

    def calls(self) -> Iterator[Call]:
        """The calls of the new chain, from the contract's first sequence on."""
        return calls_of(self.state, self.closing.statement)


def read_bundle(directory: Path) -> Bundle:
    """Read what a move needs, held to the statement's hashes.

    Raises: MoveRefused when a file is missing, is another, or contradicts itself.
    """
    try:
        closing = read_closing((directory / CLOSING).read_bytes())
        for name, expected in closing.files.items():
            if Path(name).name != name or sha256_of(directory / name) != expected:
                raise MoveRefused(f"{name} is not the file that {CLOSING} names.")
        if STATE not in closing.files:
            raise MoveRefused(f"{CLOSING} does not name {STATE}.")
        with (directory / STATE).open("rb") as lines:
            state = read_state(lines)
    except OSError as error:
        raise MoveRefused(f"The bundle cannot be read: {error}.") from error
    check_state(state)
    return Bundle(closing, state)


def sha256_of(path: Path) -> str:
    """Of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def written_whole(directory: Path) -> Iterator[Path]:
    """A directory that appears under its name when all is in it, or not at all.

    Raises: MoveRefused when there is one of that name.
    """
    if directory.exists():
        raise MoveRefused(f"{directory} is there already; name a directory that is not.")
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        yield draft
        draft.chmod(0o755)
        draft.rename(directory)
    finally:
        rmtree(draft, ignore_errors=True)
