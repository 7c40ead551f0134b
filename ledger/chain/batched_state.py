"""py-evm's account database with batched storage tries; `vm.STOCK` switches back.

Only the contracts' storage is large here, so the trie of the accounts stays the stock one.
"""

from eth.abc import AccountStorageDatabaseAPI, AtomicDatabaseAPI, DatabaseAPI
from eth.db.account import AccountDB
from eth.db.batch import BatchDB
from eth.db.cache import CacheDB
from eth.db.journal import JournalDB
from eth.db.storage import AccountStorageDB, StorageLookup
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address, Hash32

from ledger.chain.batched_trie import BatchedTrie, Node
from ledger.chain.generations import Generations
from ledger.chain.overlay import BlockDatabase


class _StorageTrie(BatchedTrie):
    """A trie that puts its new nodes beside the old when asked for its root."""

    def __init__(self, nodes: BatchDB, root_hash: bytes, known: Generations[Node]) -> None:
        super().__init__(nodes, root_hash, known)
        self._batch = nodes

    @property
    def root_hash(self) -> Hash32:
        return Hash32(self.commit(self._batch.__setitem__))


class BatchedStorageLookup(StorageLookup):  # type: ignore[misc]
    """Storage slots through a batched trie."""

    _db: BlockDatabase
    _write_trie: _StorageTrie | None  # type: ignore[assignment]
    _read_trie: BatchedTrie | None = None
    _read_root: bytes | None = None

    def _get_write_trie(self) -> _StorageTrie:  # type: ignore[override]
        if self._write_trie is None:
            self._trie_nodes_batch = BatchDB(self._db, read_through_deletes=True)
            self._write_trie = _StorageTrie(
                self._trie_nodes_batch, self._starting_root_hash, self._db.decoded
            )
        return self._write_trie

    def _get_read_trie(self) -> BatchedTrie:  # type: ignore[override]
        return self._reading() if self._write_trie is None else self._write_trie

    def _reading(self) -> BatchedTrie:
        if self._read_trie is None or self._read_root != self._starting_root_hash:
            self._read_root = self._starting_root_hash
            self._read_trie = BatchedTrie(self._db, self._starting_root_hash, self._db.decoded)
        return self._read_trie

    def commit_to(self, db: DatabaseAPI) -> None:
        if self._write_trie is not None:
            self.get_changed_root()  # hashes what is still open into the batch
        super().commit_to(db)


class BatchedStorageDB(AccountStorageDB):  # type: ignore[misc]
    """One account's storage; the same layers as the stock class, over the other lookup."""

    def __init__(self, db: AtomicDatabaseAPI, storage_root: Hash32, address: Address) -> None:
        super().__init__(db, storage_root, address)
        self._storage_lookup = BatchedStorageLookup(db, storage_root, address)
        self._storage_cache = CacheDB(self._storage_lookup)
        self._locked_changes = JournalDB(self._storage_cache)
        self._journal_storage = JournalDB(self._locked_changes)


class BatchedAccountDB(AccountDB):  # type: ignore[misc]
    """Accounts whose storage is batched."""

    def _get_address_store(self, address: Address) -> AccountStorageDatabaseAPI:
        store = self._account_stores.get(address)
        if store is None:
            root = self._get_storage_root(address)
            # The database itself: py-evm's note of each key read is of no use here.
            database = self._raw_store_db.wrapped_db
            store = BatchedStorageDB(database, root, address)
            self._account_stores[address] = store
        return store


class BatchedState(PragueState):
    """Prague's state over the batched database."""

    account_db_class = BatchedAccountDB
