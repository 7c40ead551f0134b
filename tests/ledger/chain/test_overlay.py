"""A block's changes reach the store together, or not at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.overlay import BlockDatabase
from ledger.chain.store import MemoryStore
from ledger.domain.keccak import keccak256

KEYS = st.sampled_from([b"a", b"b", bytes(32), b"\x01" * 32])
STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "delete"]), KEYS, st.binary(min_size=1, max_size=3)),
    max_size=20,
)


def test_a_block_is_written_when_it_ends() -> None:
    store = MemoryStore()
    database = BlockDatabase(store)
    with database.block():
        database[b"a"] = b"1"
        assert database[b"a"] == b"1"
        assert store.values == {}
    assert store.values == {b"a": b"1"}


def test_a_block_that_raises_leaves_no_trace() -> None:
    store = MemoryStore()
    database = BlockDatabase(store)
    with suppress(ZeroDivisionError), database.block():
        database[bytes(32)] = b"1"
        raise ZeroDivisionError
    assert store.values == {}
    assert bytes(32) not in database


def test_nothing_is_written_outside_a_block() -> None:
    database = BlockDatabase(MemoryStore())
    with pytest.raises(TypeError):
        database[b"a"] = b"1"
    with pytest.raises(TypeError):
        del database[b"a"]
    with pytest.raises(RuntimeError), database.atomic_batch():
        pass


def test_what_was_read_is_let_go_of_and_read_again_from_the_store() -> None:
    store, value = MemoryStore(), b"node"
    database = BlockDatabase(store)
    with database.block():
        database[keccak256(value)] = value
    del store.values[keccak256(value)]
    assert database[keccak256(value)] == value  # remembered
    database.forget()
    assert keccak256(value) not in database


def test_blocks_do_not_nest() -> None:
    database = BlockDatabase(MemoryStore())
    with database.block(), pytest.raises(RuntimeError), database.block():
        pass


def test_an_abandoned_batch_inside_a_block_is_dropped_alone() -> None:
    store = MemoryStore()
    database = BlockDatabase(store)
    with database.block():
        database[b"a"] = b"1"
        with suppress(ZeroDivisionError), database.atomic_batch() as batch:
            batch[b"b"] = b"2"
            raise ZeroDivisionError
    assert store.values == {b"a": b"1"}


def test_another_process_head_is_never_remembered() -> None:
    store = MemoryStore()
    database = BlockDatabase(store)
    store.write({b"v1:head": b"1"}, [])
    assert database[b"v1:head"] == b"1"
    store.write({b"v1:head": b"2"}, [])
    assert database[b"v1:head"] == b"2"


@given(blocks=st.lists(STEPS, max_size=4))
def test_a_database_over_a_store_behaves_as_a_dictionary(
    blocks: list[list[tuple[str, bytes, bytes]]],
) -> None:
    store, model = MemoryStore(), dict[bytes, bytes]()
    database = BlockDatabase(store)
    for steps in blocks:
        with database.block(), database.atomic_batch() as batch:
            for act, key, value in steps:
                if act == "set":
                    batch[key] = model[key] = value
                else:
                    del batch[key]
                    model.pop(key, None)
                assert {k: batch[k] for k in model} == model
                assert (key in batch) == (key in model)
        assert store.values == model
        assert all(database[key] == value for key, value in model.items())
