"""Columns give what the single intervals give, and their checker finds what is wrong."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.matching import Demand, Supply, certify, match_interval
from charging.domain.matching.columns import (
    DemandColumns,
    ShareColumns,
    SupplyColumns,
    match_columns,
)
from charging.domain.matching.proof_columns import certify_columns

AMOUNTS = st.one_of(st.integers(0, 20), st.integers(0, 10**6), st.integers(0, 10**12))
CHARGES = st.lists(st.tuples(st.integers(-2, 3), AMOUNTS), max_size=30)
LOTS = st.lists(st.tuples(st.integers(-2, 3), AMOUNTS, st.booleans()), max_size=20)


def columns(charges, lots, order=None) -> tuple[DemandColumns, SupplyColumns]:
    """Rank by place in the list, so that keys and codes made of it sort alike."""
    rows = list(range(len(charges)))
    if order is not None:
        order.shuffle(rows)
    return (
        DemandColumns(
            np.array([charges[n][0] for n in rows], np.int64),
            np.array(rows, np.int64),
            np.array([charges[n][1] for n in rows], np.int64),
        ),
        SupplyColumns(
            np.array([lot[0] for lot in lots], np.int64),
            np.arange(len(lots)),
            np.array([lot[1] for lot in lots], np.int64),
            np.array([lot[2] for lot in lots], bool),
        ),
    )


def one_by_one(charges, lots) -> set[tuple[str, str, int]]:
    found = set()
    for interval in {charge[0] for charge in charges}:
        asked = [Demand(f"{n:04}", c[1]) for n, c in enumerate(charges) if c[0] == interval]
        held = [Supply(f"{n:04}", s[1], s[2]) for n, s in enumerate(lots) if s[0] == interval]
        shares = match_interval(asked, held)
        assert certify(asked, held, shares).proven
        found |= {(share.key, share.code, share.amount_wh) for share in shares}
    return found


@given(CHARGES, LOTS, st.randoms(use_true_random=False))
def test_the_columns_say_what_every_interval_says(charges, lots, order):
    demand, supply = columns(charges, lots, order)
    shares = match_columns(demand, supply)
    rows = zip(shares.demand, shares.supply, shares.amount_wh, strict=True)
    found = [(f"{demand.rank[d]:04}", f"{s:04}", int(wh)) for d, s, wh in rows]
    assert len(found) == len(set(found))
    assert set(found) == one_by_one(charges, lots)


@given(CHARGES, LOTS)
def test_every_matching_in_columns_is_proven(charges, lots):
    demand, supply = columns(charges, lots)
    verdict = certify_columns(demand, supply, match_columns(demand, supply))
    assert verdict.violations == ()
    assert verdict.demand_wh == sum(wh for _, wh in charges)


@pytest.mark.parametrize(
    ("shares", "rule"),
    [
        ([(0, 0, 6), (1, 0, 3), (1, 1, 3), (2, 1, 6)], None),
        ([(0, 0, 6), (1, 0, 3), (1, 1, 3), (2, 1, 7)], "supply"),
        ([(0, 0, 6), (1, 0, 3), (1, 1, 3), (9, 1, 6)], "known"),
        ([(0, 0, 6), (0, 0, 3), (1, 1, 3), (2, 1, 6)], "known"),
        ([(0, 0, 6), (1, 0, 3), (1, 1, 3), (2, 2, 6)], "admissible"),
        ([(0, 0, 9), (0, 1, 9)], "demand"),
        ([(0, 0, 8), (1, 0, 1), (1, 1, 3), (2, 1, 6)], "equals"),
        ([(n, m, 3) for n in range(3) for m in range(2)], "sparse"),
        ([], "maximal"),
    ],
)
def test_what_is_wrong_is_named(shares, rule):
    demand, supply = columns([(0, 10)] * 3, [(0, 9, True), (0, 9, True), (1, 9, True)])
    rows = np.array(shares, np.int64).reshape(-1, 3)
    verdict = certify_columns(demand, supply, ShareColumns(*rows.T))
    assert {violation.rule for violation in verdict.violations} == ({rule} if rule else set())


def test_a_wh_of_rounding_that_went_to_the_wrong_charge_is_found():
    demand, supply = columns([(0, 5), (0, 5)], [(0, 5, True)])
    right, wrong = np.array([[0, 0, 3], [1, 0, 2]]), np.array([[0, 0, 2], [1, 0, 3]])
    assert certify_columns(demand, supply, ShareColumns(*right.T)).proven
    assert not certify_columns(demand, supply, ShareColumns(*wrong.T)).proven


def test_amounts_that_no_column_holds_are_refused():
    demand, supply = columns([(0, 2**61), (1, 2**61)], [])
    with pytest.raises(OverflowError):
        match_columns(demand, supply)
    with pytest.raises(ValueError, match="negative"):
        match_columns(*columns([(0, -1)], []))
    demand, supply = columns([(0, 1), (0, 1)], [])
    with pytest.raises(ValueError, match="twice"):
        match_columns(replace(demand, rank=np.zeros(2, np.int64)), supply)


def test_amounts_whose_product_leaves_64_bits_are_still_exact():
    charges, lots = [(0, 10**12), (0, 3 * 10**12 + 1)], [(0, 2 * 10**12, True)]
    demand, supply = columns(charges, lots)
    shares = match_columns(demand, supply)
    assert shares.amount_wh.sum() == 2 * 10**12
    assert certify_columns(demand, supply, shares).proven
