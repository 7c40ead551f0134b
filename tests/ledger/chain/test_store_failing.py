"""A full disk, a damaged file, a file from the future: said in words, and never papered over."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.chain.embedded import EmbeddedChain
from ledger.chain.store import FORMAT, SQLiteStore
from ledger.errors import ChainCorrupt, StoreFull, StoreNewer
from tests.ledger.chain.chains import ALICE, Clock, issue, open_reader, open_writer, token

NAME = "chain.sqlite3"
PAGE = 4096


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """What a full disk does: the system lets no file of this process grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[EmbeddedChain]:
    with open_writer(tmp_path) as opened:
        yield opened


def closed_store(directory: Path) -> Path:
    """A file of some hundred pages."""
    store = SQLiteStore(directory / NAME, writable=True)
    store.write({n.to_bytes(4, "big"): bytes([n % 251]) * 900 for n in range(600)}, [])
    store.close()
    return directory / NAME


def test_a_full_disk_keeps_the_last_block_and_takes_the_next_once_there_is_room(
    tmp_path: Path, chain: EmbeddedChain
) -> None:
    clock, before = Clock(), chain.head()
    raw = chain.prepare(1, 2, issue()).raw
    log = tmp_path / f"{NAME}-wal"
    with no_file_beyond(log.stat().st_size + PAGE), pytest.raises(StoreFull, match="make room"):
        chain.submit([raw], clock())
    assert chain.refresh() == before
    with open_reader(tmp_path) as reader:
        assert reader.head() == before
        assert reader.unexplained(balances={}, lots={}, odometers={}) == []
    assert chain.submit([raw], clock())[0].success
    assert chain.submit([raw], clock())[0].success
    assert chain.head().number == before.number + 1
    assert chain.balance(ALICE, token()) == 600


@pytest.mark.parametrize("pages", range(1, 8))
def test_a_write_that_fills_the_file_at_any_page_leaves_nothing(tmp_path: Path, pages: int) -> None:
    store = SQLiteStore(tmp_path / NAME, writable=True)
    store.write({b"a": b"1"}, [])
    (count,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {count + pages}")
    with pytest.raises(StoreFull):
        store.write({n.to_bytes(2, "big"): b"x" * PAGE for n in range(9)} | {b"a": b"2"}, [])
    assert store.get(b"a") == b"1"
    assert store.get(b"\0\1") is None
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.write({b"a": b"3"}, [])
    assert store.get(b"a") == b"3"
    store.close()


@pytest.mark.parametrize("writable", [False, True])
def test_a_damaged_page_is_said(tmp_path: Path, writable: bool) -> None:
    path = closed_store(tmp_path)
    with path.open("r+b") as file:
        for page in range(2, path.stat().st_size // PAGE):
            file.seek(PAGE * page)
            file.write(b"\xa5" * 64)
    store = SQLiteStore(path, writable=writable)
    keys = [n.to_bytes(4, "big") for n in range(600)]
    with pytest.raises(ChainCorrupt, match="damaged"):
        list(map(store.get, keys))
    store.close()


@pytest.mark.parametrize("writable", [False, True])
def test_a_file_that_is_no_database_is_said(tmp_path: Path, writable: bool) -> None:
    (tmp_path / NAME).write_bytes(b"no database at all " * 500)
    with pytest.raises(ChainCorrupt, match="damaged"):
        SQLiteStore(tmp_path / NAME, writable=writable)


def test_a_bit_lost_inside_a_node_is_never_believed(tmp_path: Path) -> None:
    """SQLite does not notice it; the node's own hash does."""
    with open_writer(tmp_path) as chain:
        chain.submit([chain.prepare(1, 2, issue()).raw], Clock()())
        root = chain.head().state_root
    file = sqlite3.connect(tmp_path / NAME)
    (place,) = file.execute("SELECT n FROM place0 WHERE k = ?", (root,)).fetchone()
    (node,) = file.execute("SELECT v FROM hashed WHERE n = ?", (place,)).fetchone()
    wrong = bytes([*node[:-1], node[-1] ^ 1])
    file.execute("UPDATE hashed SET v = ? WHERE n = ?", (wrong, place))
    file.commit()
    file.close()
    said = f"0x{root.hex()} has another hash"
    with open_reader(tmp_path) as reader, pytest.raises(ChainCorrupt, match=said):
        reader.balance(ALICE, token())
    with open_writer(tmp_path) as chain, pytest.raises(ChainCorrupt, match=said):
        chain.submit([chain.prepare(2, 3, issue(60)).raw], Clock()())


@pytest.mark.parametrize("writable", [False, True])
def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, writable: bool) -> None:
    path = closed_store(tmp_path)
    file = sqlite3.connect(path)
    file.execute(f"PRAGMA user_version = {FORMAT + 1}")
    file.close()
    before = path.read_bytes()
    with pytest.raises(StoreNewer, match=f"format {FORMAT + 1}; this software knows {FORMAT}"):
        SQLiteStore(path, writable=writable)
    assert path.read_bytes() == before


def test_a_store_from_before_the_mark_is_taken_and_marked(tmp_path: Path) -> None:
    path = closed_store(tmp_path)
    file = sqlite3.connect(path)
    file.execute("PRAGMA user_version = 0")
    file.close()
    store = SQLiteStore(path, writable=True)
    assert store.get(b"\0\0\0\1") is not None
    assert store._connection.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    store.close()
