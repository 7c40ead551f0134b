"""The checker beside matchings that were tampered with in one place."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from charging.domain.matching import Share, certify, certify_columns, match_columns, match_interval
from tests.charging.domain.matching.intervals import INTERVALS
from tests.charging.domain.matching.test_columns import CHARGES, LOTS, columns

ODDLY = st.integers(-(10**7), 10**7).filter(bool) | st.sampled_from([-2, -1, 1, 2])


def drawn(data, shares: list[Share]) -> int:
    assume(shares)
    return data.draw(st.integers(0, len(shares) - 1))


@given(INTERVALS, st.data(), ODDLY)
@settings(max_examples=400, deadline=None)
def test_no_amount_can_be_another(interval, data, change):
    asked, held, couplings = interval
    shares = match_interval(asked, held, couplings)
    n = drawn(data, shares)
    shares[n] = replace(shares[n], amount_wh=shares[n].amount_wh + change)
    assert not certify(asked, held, shares, couplings).proven


@given(INTERVALS, st.data())
@settings(max_examples=200, deadline=None)
def test_no_share_can_be_left_out_nor_stand_twice_nor_be_a_stranger_s(interval, data):
    asked, held, couplings = interval
    shares = match_interval(asked, held, couplings)
    n = drawn(data, shares)
    others = shares[:n] + shares[n + 1 :]
    for tampered in (
        others,
        [*shares, shares[n]],
        [*others, replace(shares[n], key="nobody")],
        [*others, replace(shares[n], code="nothing")],
    ):
        assert not certify(asked, held, tampered, couplings).proven


@given(INTERVALS, st.data())
@settings(max_examples=400, deadline=None)
def test_no_share_of_two_wh_can_go_to_another_charge(interval, data):
    asked, held, couplings = interval
    shares = match_interval(asked, held, couplings)
    n = drawn(data, shares)
    assume(shares[n].amount_wh > 1)
    other = data.draw(st.sampled_from([d.key for d in asked]))
    assume(other != shares[n].key)
    shares[n] = replace(shares[n], key=other)
    assert not certify(asked, held, shares, couplings).proven


@given(CHARGES, LOTS, st.data(), ODDLY)
@settings(max_examples=300, deadline=None)
def test_no_amount_of_a_column_can_be_another(charges, lots, data, change):
    demand, supply = columns(charges, lots)
    shares = match_columns(demand, supply)
    assume(len(shares.demand))
    wh = shares.amount_wh.copy()
    wh[data.draw(st.integers(0, len(wh) - 1))] += change
    assert not certify_columns(demand, supply, replace(shares, amount_wh=wh)).proven


@given(CHARGES, LOTS, st.data())
@settings(max_examples=300, deadline=None)
def test_no_two_wh_of_a_column_can_go_to_another_charge(charges, lots, data):
    demand, supply = columns(charges, lots)
    shares = match_columns(demand, supply)
    assume(len(shares.demand))
    n = data.draw(st.integers(0, len(shares.demand) - 1))
    assume(shares.amount_wh[n] > 1)
    other = data.draw(st.integers(0, len(charges) - 1))
    assume(other != shares.demand[n])
    moved = shares.demand.copy()
    moved[n] = np.int64(other)
    assert not certify_columns(demand, supply, replace(shares, demand=moved)).proven
