"""The matcher beside a solver: no stage could carry more, and nobody could be covered better."""

from collections import defaultdict

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from charging.domain.matching import match_interval
from tests.charging.domain.matching.intervals import COUPLINGS, SMALL, demands, supplies
from tests.charging.domain.matching.solver import Place, Programme, place

MIDDLE = st.integers(0, 500)


@given(demands(SMALL), supplies(SMALL), COUPLINGS)
@settings(max_examples=150, deadline=None)
def test_every_stage_carries_what_a_solver_says_it_can(asked, held, couplings):
    held = [supply for supply in held if supply.renewable]
    by_key = {demand.key: demand for demand in asked}
    by_code = {supply.code: supply for supply in held}
    totals: dict[Place, int] = defaultdict(int)
    for share in match_interval(asked, held, couplings):
        totals[place(by_key[share.key], by_code[share.code], couplings)] += share.amount_wh
    best = Programme(asked, held, couplings).stages()
    assert {stage: totals[stage] for stage in best} == best
    assert set(totals) <= set(best)


@given(demands(MIDDLE), supplies(MIDDLE), COUPLINGS)
@settings(max_examples=150, deadline=None)
def test_whoever_is_covered_worst_is_covered_as_well_as_a_solver_says_it_can(
    asked, held, couplings
):
    """A Wh of rounding for the charge's class, and one for the charge in each stage."""
    held = [supply for supply in held if supply.renewable and supply.amount_wh]
    reached = [
        demand
        for demand in asked
        if demand.amount_wh and any(place(demand, supply, couplings) for supply in held)
    ]
    assume(reached)
    best = Programme(reached, held, couplings)
    stages = best.stages()
    best.use()
    lowest = best.lowest_coverage()
    got: dict[str, int] = defaultdict(int)
    for share in match_interval(reached, held, couplings):
        got[share.key] += share.amount_wh
    for demand in reached:
        assert got[demand.key] + 1 + len(stages) > lowest * demand.amount_wh - 1e-6
