"""py-evm's view of a store: what one block changes is kept aside and written at once.

py-evm's own AtomicDB writes in several steps and was seen torn after a kill; here nothing
reaches the store before the block is whole. What lies under its own hash (nodes, headers,
code) is hashed when it is read: a file that lost a bit is never believed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eth.abc import AtomicWriteBatchAPI
from eth.db.backends.base import BaseAtomicDB, BaseDB

from ledger.chain.batched_trie import Node
from ledger.chain.generations import Generations
from ledger.chain.store import Store
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt

CACHE_ITEMS = 200_000  # encoded, about 0.4 kB each
DECODED_ITEMS = 30_000  # some 1.5 kB each: those near a root, which every block opens
DIGEST_BYTES = 32
LARGEST_CACHED = 4096


class Overlay(BaseDB, AtomicWriteBatchAPI):  # type: ignore[misc]
    """Changes over a database, until somebody takes them."""

    def __init__(self, below: BaseDB) -> None:
        self._below = below
        self.puts: dict[bytes, bytes] = {}
        self.deletes: set[bytes] = set()

    def __getitem__(self, key: bytes) -> bytes:
        value = self.puts.get(key)
        if value is not None:
            return value
        if key in self.deletes:
            raise KeyError(key)
        below: bytes = self._below[key]
        return below

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.deletes.discard(key)
        self.puts[key] = value

    def __delitem__(self, key: bytes) -> None:
        self.puts.pop(key, None)
        self.deletes.add(key)

    def _exists(self, key: bytes) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    def take(self, other: "Overlay") -> None:
        """Adopt the changes of an overlay over this one."""
        for key, value in other.puts.items():
            self[key] = value
        for key in other.deletes:
            del self[key]


class _Reading(BaseDB):  # type: ignore[misc]
    """The store itself, with a cache of trie nodes, which never change under their hash."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._cache = Generations[bytes](CACHE_ITEMS)

    def __getitem__(self, key: bytes) -> bytes:
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        value = self.store.get(key)
        if value is None:
            raise KeyError(key)
        if len(key) == DIGEST_BYTES and keccak256(value) != key:
            raise ChainCorrupt(
                f"The chain's store is damaged: what lies under 0x{key.hex()} has another hash. "
                "Put back the last copy, and fetch the blocks since from a witness or an export."
            )
        self.remember({key: value})
        return value

    def remember(self, values: Mapping[bytes, bytes]) -> None:
        for key, value in values.items():
            if len(key) == DIGEST_BYTES and len(value) < LARGEST_CACHED:
                self._cache[key] = value

    def forget(self) -> None:
        self._cache.clear()

    def __setitem__(self, key: bytes, value: bytes) -> None:
        raise TypeError("the chain's store is written block by block")

    def __delitem__(self, key: bytes) -> None:
        raise TypeError("the chain's store is written block by block")


class BlockDatabase(BaseAtomicDB):  # type: ignore[misc]
    """A database that can be written only inside `block()`, and then as a whole."""

    def __init__(self, store: Store) -> None:
        self._reading = _Reading(store)
        self._block: Overlay | None = None
        # By hash, and therefore true whatever becomes of the block that made them.
        self.decoded = Generations[Node](DECODED_ITEMS)

    @contextmanager
    def block(self) -> Iterator[Overlay]:
        """Collect one block's changes; a raise drops them, the end writes them durably."""
        if self._block is not None:
            raise RuntimeError("a block is already open")
        self._block = overlay = Overlay(self._reading)
        try:
            yield overlay
            self._reading.store.write(overlay.puts, overlay.deletes)
            self._reading.remember(overlay.puts)
        finally:
            self._block = None

    def forget(self) -> None:
        """Let go of what was read. py-evm's caches keep databases long after their last use."""
        self._reading.forget()
        self.decoded.clear()

    @property
    def _top(self) -> BaseDB:
        return self._reading if self._block is None else self._block

    def __getitem__(self, key: bytes) -> bytes:
        value: bytes = self._top[key]
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._top[key] = value

    def __delitem__(self, key: bytes) -> None:
        del self._top[key]

    def _exists(self, key: bytes) -> bool:
        try:
            self._top[key]
        except KeyError:
            return False
        return True

    @contextmanager
    def atomic_batch(self) -> Iterator[Overlay]:
        """py-evm's own grouping of writes, all or nothing inside the open block."""
        if self._block is None:
            raise RuntimeError("no block is open")
        batch = Overlay(self._block)
        yield batch
        self._block.take(batch)
