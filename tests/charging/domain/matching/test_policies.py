"""What counts when: by the hour, the month, the year, or within three quarters."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from charging.domain.matching import UNCOUPLED, match_interval
from charging.domain.matching.policies import (
    ANNUAL,
    HOURLY,
    LCFS,
    MONTHLY,
    POLICIES,
    QUARTER_HOURLY,
    total_under,
)
from charging.domain.matching.versions import VERSIONS
from tests.charging.domain.matching.test_interval import DEMANDS, SUPPLIES


def at(month: int, day: int = 1, hour: int = 0, year: int = 2018) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


PLACES = st.tuples(
    st.integers(1, 2),
    st.builds(
        at, st.integers(1, 12), st.integers(1, 28), st.integers(0, 23), st.integers(2018, 2019)
    ),
)
AMOUNTS = st.dictionaries(PLACES, st.integers(0, 1000), max_size=12)


@given(AMOUNTS, AMOUNTS)
def test_a_wider_policy_never_matches_less(demand, supply):
    matched = {
        name: total_under(rule, demand, supply).matched_wh for name, rule in POLICIES.items()
    }
    assert matched["15-minute"] <= matched["hourly"] <= matched["monthly"] <= matched["annual"]
    assert matched["monthly"] <= matched["lcfs"]
    assert matched["annual"] <= min(sum(demand.values()), sum(supply.values()))


@given(AMOUNTS, AMOUNTS)
def test_three_quarters_match_what_a_solver_says_they_can(demand, supply):
    pairs = [
        (d, s)
        for d, (_, used) in enumerate(demand)
        for s, (_, made) in enumerate(supply)
        if 0 <= LCFS.bucket(used) - LCFS.bucket(made) <= 2
    ]
    best = 0
    if pairs:
        rows = np.zeros((len(demand) + len(supply), len(pairs)))
        for n, (d, s) in enumerate(pairs):
            rows[d, n] = rows[len(demand) + s, n] = 1
        limits = [*demand.values(), *supply.values()]
        best = round(-linprog(-np.ones(len(pairs)), A_ub=rows, b_ub=limits).fun)
    assert total_under(LCFS, demand, supply).matched_wh == best


@pytest.mark.parametrize(
    ("made", "used", "policies"),
    [
        (at(1), at(1), {"hourly", "15-minute", "monthly", "lcfs", "annual"}),
        (at(1), at(1, 31), {"monthly", "lcfs", "annual"}),
        (at(1), at(9, 28, 23), {"lcfs", "annual"}),
        (at(1), at(10), {"annual"}),
        (at(4), at(3, 28), {"annual"}),
        (at(12, 28), at(1, 1, year=2019), {"lcfs"}),
    ],
)
def test_how_long_generation_counts(made, used, policies):
    matched = {
        name
        for name, rule in POLICIES.items()
        if total_under(rule, {(1, used): 5}, {(1, made): 5}).matched_wh
    }
    assert matched == policies


def test_areas_are_apart_by_the_hour_and_month_and_together_by_the_year():
    demand, supply = {(1, at(1)): 5}, {(2, at(1)): 5}
    for rule, wh in ((HOURLY, 0), (QUARTER_HOURLY, 0), (MONTHLY, 0), (LCFS, 5), (ANNUAL, 5)):
        assert total_under(rule, demand, supply).matched_wh == wh


@given(DEMANDS, SUPPLIES)
def test_the_first_rule_and_the_present_one_agree_where_nothing_is_special(demands, supplies):
    for matcher in VERSIONS.values():
        assert matcher(demands, supplies, UNCOUPLED) == match_interval(demands, supplies)
