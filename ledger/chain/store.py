"""Bytes under bytes, in a file that survives a crash: one durable write per block."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ledger.chain import hashed
from ledger.errors import ChainCorrupt, ChainMissing, StoreFull, StoreNewer

CACHE_KIB = 65_536
# Pages in the log before it is written into the file: those that several blocks change are
# then written once (32 MB).
LOG_PAGES = 8_192
# Kept in the file's user_version; stores older than this mark bear 0. Up to 1 all lay in `kv`,
# where it is still found.
FORMAT = 2
PRIMARY_CODE = 0xFF  # SQLite's extended codes hold the primary one in their lowest byte
FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
SCHEMA = "CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID"
TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'kv'"
NO_CHAIN = "There is no chain yet. Start the chain writer first."
UPSERT = "INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v"


class Store(Protocol):
    """What a chain keeps its nodes, blocks and indices in."""

    def get(self, key: bytes) -> bytes | None:
        """The value, or None."""
        ...

    def get_each(self, digests: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What lies under these hashes, as far as it is there."""
        ...

    def write(self, puts: Mapping[bytes, bytes], deletes: Iterable[bytes]) -> None:
        """All of it, durably, or none of it."""
        ...

    def close(self) -> None: ...


class MemoryStore:
    """A store for replays and tests: gone with the process."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        return self.values.get(key)

    def get_each(self, digests: Sequence[bytes]) -> Mapping[bytes, bytes]:
        return {digest: self.values[digest] for digest in digests if digest in self.values}

    def write(self, puts: Mapping[bytes, bytes], deletes: Iterable[bytes]) -> None:
        self.values.update(puts)
        for key in deletes:
            self.values.pop(key, None)

    def close(self) -> None:
        """Nothing is held."""


class SQLiteStore:
    """A file of its own: write-ahead log, every commit forced to the disk.

    One writer and any number of readers, who never wait for it. A writer's connection belongs
    to the thread that opened it; a reader's may move between threads, one user at a time.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open the file; only a writer creates it.

        Raises: ChainMissing when a reader comes before the first writer; StoreNewer,
        StoreFull; ChainCorrupt when it is no database or damaged.
        """
        if not writable and not path.exists():
            raise ChainMissing(NO_CHAIN)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with said_of(path):
            self._connection = _connect(path, "rwc") if writable else _connect_reader(path)
            self._hashed = hashed.HashedValues(self._connection)
            try:
                self._prepare(writable)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, writable: bool) -> None:
        run = self._connection.execute
        run(f"PRAGMA cache_size = -{CACHE_KIB}")
        run("PRAGMA cell_size_check = ON")
        (found,) = run("PRAGMA user_version").fetchone()
        if found > FORMAT:
            raise StoreNewer(
                f"The chain's store {self._path} has format {found}; this software knows {FORMAT}. "
                "Run the newer version, or put back the copy from before its first start."
            )
        if writable:
            run("PRAGMA journal_mode = WAL")
            run("PRAGMA synchronous = FULL")
            run(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
            run("BEGIN IMMEDIATE")
            for table in (SCHEMA, *hashed.SCHEMA):
                run(table)
            run(f"PRAGMA user_version = {FORMAT}")
            run("COMMIT")
            found = FORMAT
        self._is_layered: bool = found == FORMAT

    def get(self, key: bytes) -> bytes | None:
        """Raises: ChainCorrupt when the file cannot be read there."""
        try:
            if len(key) == hashed.DIGEST_BYTES and self._has_layers():
                value = self._hashed.get(key)
                if value is not None:
                    return value
            row = self._connection.execute("SELECT v FROM kv WHERE k = ?", (key,)).fetchone()
        except sqlite3.DatabaseError as error:
            raise said(self._path, error) from None
        return row[0] if row else None

    def get_each(self, digests: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Raises: ChainCorrupt when the file cannot be read there."""
        with said_of(self._path):
            found = self._hashed.get_each(digests) if self._has_layers() else {}
        for digest in digests:
            if digest not in found and (value := self.get(digest)) is not None:
                found[digest] = value
        return found

    def _has_layers(self) -> bool:
        """Whether a writer of this format has opened the file; a reader may have come before."""
        if not self._is_layered:
            (found,) = self._connection.execute("PRAGMA user_version").fetchone()
            self._is_layered = found == FORMAT
        return self._is_layered

    def write(self, puts: Mapping[bytes, bytes], deletes: Iterable[bytes]) -> None:
        """Raises: StoreFull, ChainCorrupt; nothing of it is kept then."""
        connection = self._connection
        under_hash = [pair for pair in puts.items() if len(pair[0]) == hashed.DIGEST_BYTES]
        others = [pair for pair in puts.items() if len(pair[0]) != hashed.DIGEST_BYTES]
        gone = list(deletes)
        with said_of(self._path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._hashed.write(under_hash, gone)
                connection.executemany(UPSERT, others)
                connection.executemany("DELETE FROM kv WHERE k = ?", [(key,) for key in gone])
                connection.execute("COMMIT")
            except BaseException:
                self._hashed.recount()
                if connection.in_transaction:  # a full disk ends it by itself
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        self._connection.close()


@contextmanager
def said_of(path: Path) -> Iterator[None]:
    """Raises: StoreFull, ChainCorrupt; any other error as it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise said(path, error) from None


def said(path: Path, error: sqlite3.DatabaseError) -> Exception:
    """What SQLite says of a full disk or a damaged file, in words; any other error itself."""
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
    if code in FULL:
        return StoreFull(
            f"The chain's store {path} cannot be written or read to its end ({error}): the disk "
            "is full or broken. The last block was not kept; make room and start again."
        )
    if code in DAMAGED:
        return ChainCorrupt(
            f"The chain's store {path} is damaged ({error}). Stop the writer, put back the last "
            "copy, and fetch the blocks since from a witness or an export."
        )
    return error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{path}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=20,
        check_same_thread=mode != "ro",
    )


def _connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises: ChainMissing when there is no table yet."""
    connection = _connect(path, "ro")
    try:
        table = connection.execute(TABLE).fetchone()
    except sqlite3.OperationalError:
        # A killed writer left a journal, which only a connection that may write can undo.
        connection.close()
        recovering = _connect(path, "rw")
        recovering.execute(TABLE).fetchone()
        recovering.close()
        connection = _connect(path, "ro")
        table = connection.execute(TABLE).fetchone()
    if table is None:
        connection.close()
        raise ChainMissing(NO_CHAIN)
    return connection
