"""The ladder of fees."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.foreign.fees import highest_rung, ladder, rung_for, wei

pytestmark = pytest.mark.once
FIRST = st.integers(1, 10**12)


@given(first=FIRST)
def test_every_rung_outbids_the_one_before_by_more_than_a_tenth(first: int) -> None:
    rungs = ladder(first)
    assert rungs[0].most == first
    for below, above in pairwise(rungs):
        assert above.most * 10 >= below.most * 11
        assert above.tip <= above.most


@given(first=FIRST, cap=st.integers(1, 10**15), base_fee=st.integers(0, 10**15))
def test_no_rung_beyond_the_cap_is_chosen(first: int, cap: int, base_fee: int) -> None:
    rung = rung_for(first, cap, base_fee)
    assert rung == 0 or ladder(first)[rung].most <= cap


@given(first=st.integers(10**8, 10**12), base_fee=st.integers(0, 10**13))
def test_the_chosen_rung_outlasts_a_doubled_base_fee(first: int, base_fee: int) -> None:
    fee = ladder(first)[rung_for(first, 10**18, base_fee)]
    assert fee.most >= 2 * base_fee


@given(first=FIRST)
def test_the_cap_itself_is_allowed(first: int) -> None:
    assert ladder(first)[highest_rung(first, ladder(first)[9].most)].most == ladder(first)[9].most


def test_where_gas_is_free_there_is_one_rung() -> None:
    assert len(ladder(0)) == 1
    assert rung_for(0, 0, 0) == 0


@pytest.mark.parametrize(("gwei", "expected"), [("1", 10**9), ("0.05", 5 * 10**7), ("0", 0)])
def test_gwei_become_whole_wei(gwei: str, expected: int) -> None:
    assert wei(gwei) == expected


@pytest.mark.parametrize("gwei", ["", "x", "-1", "nan", "inf", "0.0000000001"])
def test_what_is_no_price_is_refused(gwei: str) -> None:
    with pytest.raises(ValueError):
        wei(gwei)
