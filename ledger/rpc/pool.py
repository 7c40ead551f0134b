"""Readers of the chain's store, kept open between requests; each serves one at a time."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.chain.engine import Engine
from ledger.chain.opening import STORE_NAME
from ledger.chain.store import SQLiteStore
from ledger.errors import ChainMissing
from ledger.rpc.deadline import Deadline
from ledger.rpc.errors import refused
from ledger.rpc.log_index import LogIndex
from ledger.rpc.snapshot import Snapshot

# Python computes one at a time anyway; each holds a cache of trie nodes.
READERS = 4
WAIT_SECONDS = 10.0
REQUEST_SECONDS = 5.0


@dataclass(frozen=True)
class Reader:
    """An engine over an open store."""

    store: SQLiteStore
    engine: Engine
    index: LogIndex

    def close(self) -> None:
        self.index.close()
        self.store.close()


class Pool:
    """The readers of one store; they are opened as requests come."""

    def __init__(self, directory: Path, chain_id: int) -> None:
        self._directory, self._chain_id = directory, chain_id
        self._idle: queue.LifoQueue[Reader | None] = queue.LifoQueue()
        for _ in range(READERS):
            self._idle.put(None)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The newest block, for one request.

        Raises: RpcRefused when all readers stay busy; ChainMissing, ChainCorrupt.
        """
        try:
            reader = self._idle.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise refused("the server is busy; ask again in a moment") from None
        try:
            if reader is None:
                reader = self._open()
            deadline = Deadline(REQUEST_SECONDS)
            yield Snapshot(reader.engine, reader.engine.head(), deadline, reader.index)
        finally:
            self._idle.put(reader)

    def close(self) -> None:
        """Close what is idle."""
        while not self._idle.empty():
            reader = self._idle.get_nowait()
            if reader is not None:
                reader.close()

    def _open(self) -> Reader:
        store = SQLiteStore(self._directory / STORE_NAME, writable=False)
        engine = Engine(store, chain_id=self._chain_id)
        return Reader(store, engine, LogIndex(self._directory))


_pools: dict[tuple[Path, int, int], Pool] = {}
_lock = threading.Lock()


def pool_of(directory: Path, chain_id: int) -> Pool:
    """The pool of a chain's directory; a store that was replaced gets a new one.

    Raises: ChainMissing.
    """
    try:
        inode = (directory / STORE_NAME).stat().st_ino
    except FileNotFoundError:
        raise ChainMissing("There is no chain yet. Start the chain writer first.") from None
    with _lock:
        key = (directory, inode, chain_id)
        if key not in _pools:
            for other in [each for each in _pools if each[0] == directory]:
                _pools.pop(other).close()
            _pools[key] = Pool(directory, chain_id)
        return _pools[key]


def close_pools() -> None:
    """Close every idle reader; the next request opens its own."""
    with _lock:
        while _pools:
            _pools.popitem()[1].close()
