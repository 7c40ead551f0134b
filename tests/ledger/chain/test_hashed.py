"""Values under their hash, found through layers that are merged: as a dictionary would have it."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.hashed import LAYERS, ROOM, SCHEMA, HashedValues
from ledger.chain.store import FORMAT, SQLiteStore
from ledger.chain.store import SCHEMA as KV
from ledger.domain.keccak import keccak256

KEYS = st.integers(0, 30).map(lambda number: keccak256(bytes([number])))
WRITES = st.lists(
    st.tuples(
        st.dictionaries(KEYS, st.binary(min_size=1, max_size=4), max_size=12),
        st.lists(KEYS, max_size=2),
        st.booleans(),
    ),
    max_size=12,
)
SMALL = (3, 8)


def opened(room: tuple[int, ...] = ROOM) -> tuple[sqlite3.Connection, HashedValues]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for table in SCHEMA:
        connection.execute(table)
    return connection, HashedValues(connection, room)


@given(writes=WRITES)
def test_it_behaves_as_a_dictionary_whatever_is_merged_undone_or_opened_again(writes) -> None:
    connection, values = opened(SMALL)
    model: dict[bytes, bytes] = {}
    for puts, deletes, is_undone in writes:
        connection.execute("BEGIN")
        values.write(list(puts.items()), deletes)
        connection.execute("ROLLBACK" if is_undone else "COMMIT")
        if is_undone:
            values.recount()
        else:
            model |= puts
            for key in deletes:
                model.pop(key, None)
        every = {keccak256(bytes([number])) for number in range(31)}
        assert {key: values.get(key) for key in every} == {key: model.get(key) for key in every}
        assert values.get_each(sorted(every)).keys() == model.keys()


@given(st.lists(st.sets(st.integers(0, 200), max_size=30), max_size=8))
def test_many_are_found_at_once_in_whatever_layers_they_lie(writes) -> None:
    _, values = opened(SMALL)
    for numbers in writes:
        values.write([(keccak256(bytes([n])), bytes([n])) for n in numbers], [])
    every = {keccak256(bytes([n])): bytes([n]) for n in range(201)}
    there = {keccak256(bytes([n])): bytes([n]) for n in set().union(*writes)}
    assert values.get_each(list(every)) == there


def test_full_layers_pour_into_the_next_and_stay_small() -> None:
    connection, values = opened(SMALL)
    for number in range(200):
        values.write([(keccak256(bytes([number])), b"v")], [])
        held = [
            connection.execute(f"SELECT count(*) FROM place{layer}").fetchone()[0]
            for layer in LAYERS
        ]
        assert sum(held) == number + 1
        assert all(count <= room for count, room in zip(held, SMALL, strict=False))
    assert held[-1] > 180


def test_a_write_touches_few_pages_of_a_large_store_too(tmp_path: Path) -> None:
    """What the layers are for: in a table of the hashes' own order it is one for each value."""
    store = SQLiteStore(tmp_path / "chain.sqlite3", writable=True)
    store._hashed = HashedValues(store._connection, (2_000, 16_000))
    store._connection.execute("PRAGMA wal_autocheckpoint = 0")
    log, values, pages = tmp_path / "chain.sqlite3-wal", 1_000, []
    for write in range(54):  # the second layer is full after every eighteen
        store._connection.execute("PRAGMA wal_checkpoint(RESTART)")
        keys = [keccak256(b"%d/%d" % (write, n)) for n in range(values)]
        store.write({key: key * 10 for key in keys}, [])
        pages.append(_logged(log))
    store.close()
    assert sum(pages[-18:]) < 1.5 * sum(pages[:18])
    assert sum(pages) < values * len(pages) / 4


def _logged(log: Path) -> int:
    """Frames of the log's last round: they bear the salt of its header."""
    held = log.read_bytes()
    frame = 24 + 4096
    frames = range(32, len(held) - frame + 1, frame)
    return sum(held[at + 8 : at + 16] == held[16:24] for at in frames)


def earlier_format(path: Path, values: dict[bytes, bytes]) -> None:
    file = sqlite3.connect(path)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute(KV)
    file.executemany("INSERT INTO kv VALUES (?, ?)", values.items())
    file.execute("PRAGMA user_version = 1")
    file.commit()
    file.close()


def test_a_store_of_the_earlier_format_is_read_and_written_on(tmp_path: Path) -> None:
    path, old, new = tmp_path / "chain.sqlite3", keccak256(b"old"), keccak256(b"new")
    earlier_format(path, {old: b"old", b"head": b"1"})
    reader = SQLiteStore(path, writable=False)
    assert (reader.get(old), reader.get(new), reader.get(b"head")) == (b"old", None, b"1")
    writer = SQLiteStore(path, writable=True)
    writer.write({new: b"new", b"head": b"2"}, [])
    for store in (reader, writer):  # the reader came before the first writer of this format
        assert (store.get(old), store.get(new), store.get(b"head")) == (b"old", b"new", b"2")
    assert writer._connection.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    writer.write({}, [old])
    assert reader.get(old) is None


def test_a_write_that_fails_half_way_leaves_no_value_and_no_place(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "chain.sqlite3", writable=True)
    good, bad = keccak256(b"good"), keccak256(b"bad")
    with pytest.raises(sqlite3.Error):
        store.write({good: b"1", bad: object()}, [])  # type: ignore[dict-item]
    assert (store.get(good), store.get(bad)) == (None, None)
    store.write({good: b"2"}, [])
    assert store.get(good) == b"2"
