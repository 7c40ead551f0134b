"""The chain's store as the settings name it: read, exported, imported."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from eth.abc import BlockHeaderAPI

from ledger.chain import transcript
from ledger.chain.engine import Engine
from ledger.chain.opening import STORE_NAME, key_ring
from ledger.chain.store import SQLiteStore
from ledger.chain.writer_lock import WriterLock
from ledger.errors import ChainCorrupt

Progress = Callable[[int, int], None]  # (blocks done, blocks in all)
DRAFT_NAME = "import.sqlite3"


@contextmanager
def reading() -> Iterator[Engine]:
    """The stored blocks, for one thread. Raises: ChainMissing when there is no store."""
    store = SQLiteStore(Path(settings.CHAIN_DIR) / STORE_NAME, writable=False)
    try:
        yield Engine(store, chain_id=settings.CHAIN_ID)
    finally:
        store.close()


def export_chain(directory: Path, *, progress: Progress) -> BlockHeaderAPI:
    """Write the chain to files; returns the last header written.

    Raises: ChainMissing, FileExistsError.
    """
    with reading() as engine:
        return engine.header(transcript.export(engine, directory, progress=progress))


def import_chain(directory: Path, *, into: Path | None, progress: Progress) -> BlockHeaderAPI:
    """Execute an export into a new store, which appears only when every block followed.

    Seals count by the keys in the registry's directory of keys; without any, by any key.
    Raises: ChainCorrupt when there is a chain already, ChainBusy, ChainUnreadable,
    ChainDeviates.
    """
    home = into or Path(settings.CHAIN_DIR)
    lock = WriterLock(home)
    draft = home / DRAFT_NAME
    try:
        if (home / STORE_NAME).exists():
            raise ChainCorrupt("There is a chain already; an import wants an empty directory.")
        draft.unlink(missing_ok=True)
        store = SQLiteStore(draft, writable=True)
        try:
            engine = Engine(store, chain_id=settings.CHAIN_ID)
            sealers = key_ring().sealers() or None
            transcript.import_into(engine, directory, sealers=sealers, progress=progress)
            head = engine.head()
        finally:
            store.close()
        draft.rename(home / STORE_NAME)
        return head
    finally:
        for path in home.glob(f"{DRAFT_NAME}*"):
            path.unlink()
        lock.release()
