"""Who gets which generation: maximal, fair, the same for every order of the input."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.matching import (
    Demand,
    Supply,
    match_interval,
    matched_by_interval,
    matched_by_period,
    share_of,
    share_proportionally,
)

AMOUNTS = st.integers(0, 10**6)
DEMANDS = st.lists(AMOUNTS, max_size=30).map(
    lambda amounts: [Demand(f"charge-{n}", wh) for n, wh in enumerate(amounts)]
)
SUPPLIES = st.lists(st.tuples(AMOUNTS, st.booleans()), max_size=6).map(
    lambda lots: [Supply(f"{n:040x}", wh, renewable) for n, (wh, renewable) in enumerate(lots)]
)


def total(items) -> int:
    return sum(item.amount_wh for item in items)


@given(DEMANDS, SUPPLIES)
def test_all_that_can_be_matched_is_matched(demands, supplies):
    assert total(match_interval(demands, supplies)) == min(total(demands), total(supplies))


@given(DEMANDS, SUPPLIES)
def test_nobody_gets_more_than_asked_and_no_lot_gives_more_than_it_has(demands, supplies):
    shares = match_interval(demands, supplies)
    assert all(share.amount_wh > 0 for share in shares)
    for demand in demands:
        got = sum(s.amount_wh for s in shares if s.key == demand.key)
        assert got <= demand.amount_wh
    for supply in supplies:
        assert sum(s.amount_wh for s in shares if s.code == supply.code) <= supply.amount_wh


@given(DEMANDS, SUPPLIES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(demands, supplies, order: random.Random):
    first = match_interval(demands, supplies)
    mixed_demands, mixed_supplies = list(demands), list(supplies)
    order.shuffle(mixed_demands)
    order.shuffle(mixed_supplies)
    assert match_interval(mixed_demands, mixed_supplies) == first


@given(DEMANDS, AMOUNTS)
def test_nobody_is_a_whole_wh_away_from_the_exact_share(demands, wh):
    shares = match_interval(demands, [Supply("a", wh)])
    asked, matched = total(demands), total(shares)
    for demand in demands:
        got = sum(s.amount_wh for s in shares if s.key == demand.key)
        assert abs(got * asked - demand.amount_wh * matched) < max(asked, 1)


@given(DEMANDS, AMOUNTS)
def test_who_asks_for_more_never_gets_less(demands, wh):
    got = share_proportionally([demand.amount_wh for demand in demands], wh)
    pairs = sorted(zip((demand.amount_wh for demand in demands), got, strict=True))
    for (small, less), (large, more) in pairwise(pairs):
        assert less <= more or (small == large and less - more <= 1)


@given(DEMANDS, SUPPLIES)
def test_generation_that_proves_renewable_goes_first(demands, supplies):
    shares = match_interval(demands, supplies)
    green = {supply.code for supply in supplies if supply.renewable}
    renewable = sum(share.amount_wh for share in shares if share.code in green)
    assert renewable == min(total(demands), total(s for s in supplies if s.renewable))


def test_lots_are_used_up_in_the_order_of_their_codes():
    shares = match_interval([Demand("a", 70), Demand("b", 50)], [Supply("2", 100), Supply("1", 90)])
    assert [(s.key, s.code, s.amount_wh) for s in shares] == [
        ("a", "1", 70),
        ("b", "1", 20),
        ("b", "2", 30),
    ]


def test_a_tie_is_decided_by_the_natural_key():
    shares = match_interval([Demand("b", 5), Demand("a", 5)], [Supply("1", 5)])
    assert {share.key: share.amount_wh for share in shares} == {"a": 3, "b": 2}


def test_a_charge_or_asset_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        match_interval([Demand("a", 1), Demand("a", 2)], [])
    with pytest.raises(ValueError, match="negative"):
        match_interval([Demand("a", -1)], [])


def test_volume_counted_by_the_period_matches_more_than_by_the_hour():
    demand = {(1, 0): 100, (1, 3600): 100}
    supply = {(1, 0): 190, (2, 3600): 50}
    assert matched_by_interval(demand, supply) == 100
    assert matched_by_period(demand, supply) == 200


@given(AMOUNTS, st.integers(0, 1_000_000))
def test_a_share_rounds_down(wh, ppm):
    share = share_of(wh, ppm)
    assert share * 1_000_000 <= wh * ppm < (share + 1) * 1_000_000
