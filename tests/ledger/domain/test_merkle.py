import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.keccak import keccak256
from ledger.domain.merkle import merkle_proof, merkle_root, root_from_proof

hashes = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def test_keccak_is_ethereums_and_not_the_later_standard():
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"").hex() == empty


def test_an_odd_hash_is_promoted_and_not_duplicated():
    a, b, c = (bytes([n]) * 32 for n in (1, 2, 3))
    pair = keccak256(b"\x03" + a + b)
    assert merkle_root([a]) == a
    assert merkle_root([a, b]) == pair
    assert merkle_root([a, b, c]) == keccak256(b"\x03" + pair + c)


@given(hashes, st.data())
def test_every_position_is_proven_and_no_other(items, data):
    index = data.draw(st.integers(0, len(items) - 1))
    siblings = merkle_proof(items, index)
    root = merkle_root(items)
    assert root_from_proof(items[index], index, len(items), siblings) == root
    assert root_from_proof(b"\xff" * 31 + b"\0", index, len(items), siblings) != root
    with pytest.raises(ValueError, match="too many"):
        root_from_proof(items[index], index, len(items), (*siblings, root))
    if siblings:
        with pytest.raises(ValueError, match="too few"):
            root_from_proof(items[index], index, len(items), siblings[:-1])


def test_a_tree_of_nothing_and_a_position_outside_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        merkle_root([])
    with pytest.raises(IndexError):
        merkle_proof([b"\0" * 32], 1)
    with pytest.raises(ValueError, match="no position"):
        root_from_proof(b"\0" * 32, 1, 1, ())
