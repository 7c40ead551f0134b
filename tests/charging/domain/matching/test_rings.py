"""Rings, preferences and tariffs: the best there is, says a solver; fair, says the checker."""

import random
from collections import defaultdict
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from charging.domain.matching import (
    Coupling,
    Demand,
    Preference,
    Supply,
    certify,
    in_force,
    match_interval,
)
from tests.charging.domain.matching.intervals import INTERVALS

WIND, SUN = "F01050100", "F01040100"


def got(shares) -> dict[str, int]:
    amounts: dict[str, int] = defaultdict(int)
    for share in shares:
        amounts[share.key] += share.amount_wh
    return dict(amounts)


def by_pair(shares) -> dict[tuple[str, str], int]:
    return {(share.key, share.code): share.amount_wh for share in shares}


@given(INTERVALS)
@settings(max_examples=400, deadline=None)
def test_every_matching_is_proven_by_the_checker(interval):
    asked, held, couplings = interval
    verdict = certify(asked, held, match_interval(asked, held, couplings), couplings)
    assert verdict.violations == ()


@given(INTERVALS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_input_changes_nothing(interval, order: random.Random):
    asked, held, couplings = interval
    first = match_interval(asked, held, couplings)
    mixed_asked, mixed_held = list(asked), list(held)
    order.shuffle(mixed_asked)
    order.shuffle(mixed_held)
    assert match_interval(mixed_asked, mixed_held, couplings) == first


def test_generation_at_the_site_goes_to_the_charges_there():
    shares = match_interval(
        [Demand("a", 10, site="mill"), Demand("b", 10)], [Supply("1", 8, site="mill")]
    )
    assert got(shares) == {"a": 8, "b": 0} or got(shares) == {"a": 8}


def test_who_has_no_roof_is_made_up_to_from_the_area():
    shares = match_interval(
        [Demand("a", 50, site="mill"), Demand("b", 50)],
        [Supply("1", 2, site="mill"), Supply("2", 10)],
    )
    assert got(shares) == {"a": 6, "b": 6}
    assert by_pair(shares)["a", "1"] == 2


def test_one_who_can_wait_for_the_coupled_area_leaves_the_own_to_the_other():
    shares = match_interval(
        [Demand("a", 10, area="GB"), Demand("b", 10, area="FR")],
        [Supply("1", 10, area="GB"), Supply("2", 10, area="NL")],
        frozenset({("GB", "FR"), ("NL", "FR")}),
    )
    assert by_pair(shares) == {("a", "1"): 10, ("b", "2"): 10}


def test_a_ring_is_never_made_smaller_for_a_later_one():
    shares = match_interval(
        [
            Demand("a", 10, site="mill"),
            Demand("b", 10, preferences=(Preference(source=SUN),), strict=True),
        ],
        [Supply("1", 10, site="mill", source=SUN)],
    )
    assert by_pair(shares) == {("a", "1"): 10}


def test_a_green_tariff_comes_before_the_others():
    shares = match_interval(
        [Demand("a", 10), Demand("b", 10, green_tariff=True)], [Supply("1", 12)]
    )
    assert got(shares) == {"b": 10, "a": 2}


def test_what_is_preferred_comes_first_and_the_rest_if_it_may():
    wind = (Preference(source="F0105"),)
    lots = [Supply("1", 6, source=SUN), Supply("2", 6, source=WIND)]
    assert by_pair(match_interval([Demand("a", 8, preferences=wind)], lots)) == {
        ("a", "2"): 6,
        ("a", "1"): 2,
    }
    only = match_interval([Demand("a", 8, preferences=wind, strict=True)], lots)
    assert by_pair(only) == {("a", "2"): 6}


def test_who_takes_anything_leaves_the_wind_to_who_takes_nothing_else():
    shares = match_interval(
        [Demand("a", 10), Demand("b", 10, preferences=(Preference(source="F0105"),), strict=True)],
        [Supply("1", 10, source=WIND), Supply("2", 10, source=SUN)],
    )
    assert got(shares) == {"a": 10, "b": 10}


def test_the_lot_that_expires_first_and_then_the_cheapest_is_used_first():
    lots = [
        Supply("1", 5),
        Supply("2", 5, expires=9, price=3),
        Supply("3", 5, expires=9, price=2),
        Supply("4", 5, expires=7, price=9),
    ]
    assert list(by_pair(match_interval([Demand("a", 17)], lots)).items()) == [
        (("a", "4"), 5),
        (("a", "3"), 5),
        (("a", "2"), 5),
        (("a", "1"), 2),
    ]


def test_areas_are_coupled_only_by_the_table_and_only_while_it_says_so():
    spring = datetime(2018, 3, 1, tzinfo=UTC)
    summer = datetime(2018, 6, 1, tzinfo=UTC)
    table = [Coupling("FR", "GB", spring, summer)]
    pair = [Demand("a", 5, area="GB")], [Supply("1", 5, area="FR")]
    assert match_interval(*pair) == []
    assert match_interval(*pair, in_force(table, summer)) == []
    assert got(match_interval(*pair, in_force(table, spring))) == {"a": 5}


def test_ten_sites_and_a_thousand_charges_are_matched_and_proven():
    order = random.Random(7)
    asked = [
        Demand(
            f"charge-{n:04}",
            order.randrange(1, 20_000),
            site=f"site-{n % 10}",
            green_tariff=n % 3 == 0,
            preferences=(Preference(source=SUN),) if n % 2 else (),
        )
        for n in range(1000)
    ]
    held = [
        Supply(
            f"{n:040x}",
            order.randrange(1, 90_000),
            site=f"site-{n}" if n < 5 else "",
            source=(SUN, WIND)[n % 2],
        )
        for n in range(40)
    ]
    shares = match_interval(asked, held)
    assert certify(asked, held, shares).proven
