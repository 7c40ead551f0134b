"""The checker finds every way in which a matching can be wrong."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.matching import (
    Demand,
    Preference,
    Share,
    Supply,
    certify,
    match_interval,
)

CHARGES = [Demand("a", 10), Demand("b", 10), Demand("c", 10)]
LOTS = [Supply("1", 9), Supply("2", 9)]
FAIR = [Share("a", "1", 6), Share("b", "1", 3), Share("b", "2", 3), Share("c", "2", 6)]


def rules(demands, supplies, shares, **more) -> set[str]:
    return {violation.rule for violation in certify(demands, supplies, shares, **more).violations}


def test_a_fair_matching_is_proven_with_its_totals():
    verdict = certify(CHARGES, LOTS, FAIR)
    assert verdict.proven
    assert (verdict.demand_wh, verdict.supply_wh, verdict.matched_wh) == (30, 18, 18)
    (stage,) = verdict.stages
    assert (stage.matched_wh, stage.charges, stage.lots, stage.shares) == (18, 3, 2, 4)
    assert json.loads(json.dumps(verdict.as_json()))["proven"] is True


@pytest.mark.parametrize(
    ("shares", "rule"),
    [
        ([*FAIR, Share("d", "1", 1)], "known"),
        ([*FAIR, Share("a", "3", 1)], "known"),
        ([*FAIR, Share("a", "1", 1)], "known"),
        ([*FAIR[:3], Share("c", "2", -6)], "known"),
        ([*FAIR[:3], Share("c", "2", 7)], "supply"),
        ([Share("a", "1", 9), Share("a", "2", 9)], "demand"),
        (FAIR[:3], "maximal"),
        ([], "maximal"),
        ([Share("a", "1", 8), *FAIR[2:], Share("b", "1", 1)], "equals"),
        ([*FAIR[:3], Share("c", "2", 5), Share("c", "1", 1)], "supply"),
        (
            [
                Share("a", "1", 3),
                Share("a", "2", 3),
                Share("b", "1", 3),
                Share("b", "2", 3),
                Share("c", "1", 3),
                Share("c", "2", 3),
            ],
            "sparse",
        ),
    ],
)
def test_what_is_wrong_is_named(shares, rule):
    assert rule in rules(CHARGES, LOTS, shares)


def test_the_wh_of_rounding_goes_to_the_larger_remainder_and_then_the_first_key():
    charges = [Demand("a", 5), Demand("b", 5)]
    lot = [Supply("1", 5)]
    assert rules(charges, lot, [Share("a", "1", 3), Share("b", "1", 2)]) == set()
    assert rules(charges, lot, [Share("a", "1", 2), Share("b", "1", 3)]) == {"equals"}


def test_a_lot_of_another_area_or_against_a_wish_is_not_admissible():
    abroad = [Demand("a", 5, area="GB")], [Supply("1", 5, area="FR")], [Share("a", "1", 5)]
    assert rules(*abroad) == {"admissible"}
    assert rules(*abroad, couplings=frozenset({("FR", "GB")})) == set()
    wish = Demand("a", 5, preferences=(Preference(supplier="north"),), strict=True)
    assert rules([wish], [Supply("1", 5, supplier="south")], [Share("a", "1", 5)]) == {"admissible"}


def test_the_earlier_ring_must_be_filled_first():
    charges = [Demand("a", 5, site="mill")]
    lots = [Supply("1", 5), Supply("2", 5, site="mill")]
    assert rules(charges, lots, [Share("a", "2", 5)]) == set()
    assert rules(charges, lots, [Share("a", "1", 5)]) == {"maximal"}


def test_the_lot_that_expires_first_must_be_used_first():
    lots = [Supply("1", 5), Supply("2", 5, expires=9)]
    assert rules([Demand("a", 5)], lots, [Share("a", "1", 5)]) == {"maximal"}


def test_a_roundabout_gain_is_found():
    charges = [Demand("a", 5, area="GB"), Demand("b", 5, area="FR")]
    lots = [Supply("1", 5, area="GB"), Supply("2", 5, area="NL")]
    pairs = frozenset({("GB", "FR"), ("NL", "FR")})
    assert rules(charges, lots, [Share("b", "1", 5)], couplings=pairs) == {"maximal"}


def test_envy_between_those_who_are_not_equals_is_found():
    charges = [Demand("a", 50, site="mill"), Demand("b", 50)]
    lots = [Supply("1", 2, site="mill"), Supply("2", 10)]
    fair = [Share("a", "1", 2), Share("a", "2", 4), Share("b", "2", 6)]
    assert rules(charges, lots, fair) == set()
    greedy = [Share("a", "1", 2), Share("a", "2", 10)]
    assert rules(charges, lots, greedy) == {"envy"}


@given(st.lists(st.integers(10, 1000), min_size=2, max_size=8), st.integers(5, 9))
def test_two_wh_moved_from_one_equal_to_another_are_never_proven(amounts, tenths):
    asked = [Demand(f"charge-{n}", wh) for n, wh in enumerate(amounts)]
    held = [Supply("1", sum(amounts) * tenths // 10)]
    first, second, *others = match_interval(asked, held)
    moved = [
        replace(first, amount_wh=first.amount_wh - 2),
        replace(second, amount_wh=second.amount_wh + 2),
    ]
    assert not certify(asked, held, [*moved, *others]).proven
