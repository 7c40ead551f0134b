"""Joining the walk of the storage with what the book expects, in parts and from a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import layout, reconciliation
from ledger.chain.port import Unexplained
from ledger.chain.reconciliation import MORE, Expected, differences
from ledger.errors import ChainCorrupt

pytestmark = pytest.mark.once
words = st.integers(0, (1 << 256) - 1)
slots = st.dictionaries(st.integers(0, 300), words, max_size=40)


def rlp_of(number: int) -> bytes:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return raw if len(raw) == 1 and raw[0] < 0x80 else bytes([0x80 + len(raw)]) + raw


def leaves_of(held: dict[int, int]) -> list[tuple[bytes, bytes]]:
    return sorted((layout.trie_key(slot), rlp_of(value)) for slot, value in held.items() if value)


def expecting(stated: dict[int, int]) -> Expected:
    expected = Expected()
    for slot, value in stated.items():
        expected.add(slot, f"slot {slot}", value)
    return expected


def by_definition(held: dict[int, int], stated: dict[int, int]) -> set[Unexplained]:
    names = {
        slot: f"slot {slot}" if slot in stated else f"storage leaf {layout.trie_key(slot).hex()}"
        for slot in held.keys() | stated.keys()
    }
    return {
        Unexplained(name, stated.get(slot, 0), held.get(slot, 0))
        for slot, name in names.items()
        if stated.get(slot, 0) != held.get(slot, 0)
    }


@pytest.mark.parametrize("held_bytes", [0, 200, 1 << 26])
@given(held=slots, stated=slots)
def test_exactly_what_differs_is_found_however_much_fits_in_memory(held_bytes, held, stated):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconciliation, "HELD_BYTES", held_bytes)
        found = differences(leaves_of(held), expecting(stated), ignored=set())
    assert set(found) == by_definition(held, stated)
    assert len(found) == len(set(found))


def test_the_last_value_said_counts(monkeypatch):
    monkeypatch.setattr(reconciliation, "HELD_BYTES", 0)
    expected = expecting({1: 5})
    expected.add(1, "slot 1", 7)
    assert differences(leaves_of({1: 7}), expected, ignored=set()) == []


def test_what_is_ignored_is_no_difference():
    ignored = {layout.trie_key(3)}
    assert differences(leaves_of({3: 9}), expecting({}), ignored=ignored) == []


def test_a_book_of_another_registry_does_not_fill_the_memory_with_differences(monkeypatch):
    monkeypatch.setattr(reconciliation, "MOST", 10)
    found = differences(leaves_of(dict.fromkeys(range(1, 900), 1)), expecting({}), ignored=set())
    assert len(found) == 11
    assert found[-1].what == MORE


def test_leaves_out_of_order_are_refused():
    leaves = leaves_of({1: 1, 2: 2, 3: 3, 4: 4, 5: 5})
    with pytest.raises(ChainCorrupt, match="order"):
        differences([*leaves[1:], leaves[0]], expecting({}), ignored=set())
