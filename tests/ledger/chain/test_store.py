"""The file under the chain: all of a write or none, and readers who only read."""

import sqlite3
from pathlib import Path

import pytest

from ledger.chain.store import MemoryStore, SQLiteStore, Store
from ledger.errors import ChainMissing


def sqlite_store(directory: Path, *, writable: bool = True) -> SQLiteStore:
    return SQLiteStore(directory / "deep" / "chain.sqlite3", writable=writable)


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return sqlite_store(tmp_path) if request.param == "sqlite" else MemoryStore()


def test_what_was_written_is_read_back_and_what_was_deleted_is_gone(store: Store) -> None:
    store.write({b"a": b"1", b"b": b"2"}, [])
    store.write({b"a": b"3"}, [b"b"])
    assert (store.get(b"a"), store.get(b"b"), store.get(b"c")) == (b"3", None, None)


def test_every_commit_is_forced_to_the_disk_through_a_log(tmp_path: Path) -> None:
    connection = sqlite_store(tmp_path)._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path)
    with pytest.raises(sqlite3.Error):
        store.write({b"a": b"1", b"b": object()}, [])  # type: ignore[dict-item]
    assert store.get(b"a") is None
    store.write({b"a": b"2"}, [])
    assert store.get(b"a") == b"2"


def test_a_reader_sees_what_is_committed_while_the_writer_stays_open(tmp_path: Path) -> None:
    writer = sqlite_store(tmp_path)
    writer.write({b"a": b"1"}, [])
    reader = sqlite_store(tmp_path, writable=False)
    assert reader.get(b"a") == b"1"
    writer.write({b"a": b"2"}, [])
    assert reader.get(b"a") == b"2"


def test_a_writer_in_the_middle_of_a_write_does_not_block_a_reader(tmp_path: Path) -> None:
    writer = sqlite_store(tmp_path)
    writer.write({b"a": b"1"}, [])
    writer._connection.execute("BEGIN IMMEDIATE")
    writer._connection.execute("UPDATE kv SET v = x'32'")
    assert sqlite_store(tmp_path, writable=False).get(b"a") == b"1"


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    sqlite_store(tmp_path).close()
    with pytest.raises(sqlite3.OperationalError):
        sqlite_store(tmp_path, writable=False).write({b"a": b"1"}, [])


def test_a_reader_before_the_first_writer_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ChainMissing, match="Start the chain writer"):
        sqlite_store(tmp_path, writable=False)
    assert not (tmp_path / "deep").exists()


def test_a_file_whose_first_writer_was_killed_at_once_holds_no_chain(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "chain.sqlite3"
    path.parent.mkdir()
    path.touch()
    with pytest.raises(ChainMissing, match="Start the chain writer"):
        sqlite_store(tmp_path, writable=False)
    sqlite_store(tmp_path).write({b"a": b"1"}, [])
    assert sqlite_store(tmp_path, writable=False).get(b"a") == b"1"
