"""RLP has one form for each value, and every other is refused."""

import pytest
import rlp as stock
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.proof import rlp

pytestmark = pytest.mark.once
ITEMS = st.recursive(st.binary(max_size=70), lambda each: st.lists(each, max_size=6), max_leaves=20)


@given(ITEMS)
def test_it_agrees_with_the_library_that_the_chain_uses(item):
    encoded = stock.encode(item)
    assert rlp.encode(item) == encoded
    assert rlp.decode(encoded) == item


@given(st.binary(max_size=80))
def test_what_is_read_is_what_would_be_written(data):
    try:
        item = rlp.decode(data)
    except ValueError:
        return
    assert rlp.encode(item) == data


@pytest.mark.parametrize(
    "data",
    [b"", b"\x81\x05", b"\xb8\x05hello", b"\xb9\x00\x40", b"\x83ab", b"\xc2\x01", b"\x01\x02"],
)
def test_a_cut_or_longer_form_is_refused(data):
    with pytest.raises(ValueError, match="RLP"):
        rlp.decode(data)


def test_deep_nesting_is_refused():
    item = []
    for _ in range(20):
        item = [item]
    with pytest.raises(ValueError, match="deeper"):
        rlp.decode(rlp.encode(item))
