"""The checker for many intervals at once, none of which has special rules.

It shares no step with the matcher. The rules are those of `certify` for one ring and no
wishes, where being maximal means that each interval's good is given up to the lesser of what
is asked and what is there.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charging.domain.matching.columns import Column, DemandColumns, ShareColumns, SupplyColumns
from charging.domain.matching.proof import EMISSIONS_ONLY, RENEWABLE, StageTotal, Verdict, Violation

SHOWN = 20  # violations of one rule that are named
WIDE = 2**62
AREA_RING = 1


def certify_columns(demand: DemandColumns, supply: SupplyColumns, shares: ShareColumns) -> Verdict:
    """Hold the matching of all intervals to the rules."""
    check = _Check(demand, supply, shares)
    violations = tuple(check.run())
    return Verdict(
        demand_wh=int(demand.amount_wh.sum()),
        supply_wh=int(supply.amount_wh.sum()),
        matched_wh=int(shares.amount_wh.sum()),
        stages=tuple(check.stages),
        violations=violations,
    )


class _Check:
    def __init__(self, demand: DemandColumns, supply: SupplyColumns, shares: ShareColumns) -> None:
        self._demand, self._supply, self._shares = demand, supply, shares
        self._places, numbers = np.unique(
            np.concatenate((demand.interval, supply.interval)), return_inverse=True
        )
        self._place_of_charge = numbers[: len(demand.interval)]
        self._place_of_lot = numbers[len(demand.interval) :]
        self.stages: list[StageTotal] = []

    def run(self) -> Iterator[Violation]:
        """Every rule, as far as the ones before it let it be asked."""
        early = [*self._known()]
        early = early or [*self._amounts()]
        yield from early
        if early:
            return
        open_wh = self._demand.amount_wh.copy()
        for renewable, good in ((True, RENEWABLE), (False, EMISSIONS_ONLY)):
            rows = np.flatnonzero(self._supply.renewable[self._shares.supply] == renewable)
            yield from self._good(good, open_wh, rows, renewable)
            np.subtract.at(open_wh, self._shares.demand[rows], self._shares.amount_wh[rows])

    def _known(self) -> Iterator[Violation]:
        charges, lots = len(self._demand.interval), len(self._supply.interval)
        charge, lot, wh = self._shares.demand, self._shares.supply, self._shares.amount_wh
        strange = (charge < 0) | (charge >= charges) | (lot < 0) | (lot >= lots) | (wh <= 0)
        yield from _name("known", strange, "share")
        if not strange.any():
            counts = np.unique(charge * max(lots, 1) + lot, return_counts=True)[1]
            yield from _name("known", counts > 1, "pair")
            apart = self._place_of_charge[charge] != self._place_of_lot[lot]
            yield from _name("admissible", apart, "share")

    def _amounts(self) -> Iterator[Violation]:
        got = _sum(self._shares.demand, self._shares.amount_wh, len(self._demand.interval))
        used = _sum(self._shares.supply, self._shares.amount_wh, len(self._supply.interval))
        yield from _name("demand", got > self._demand.amount_wh, "charge")
        yield from _name("supply", used > self._supply.amount_wh, "lot")

    def _good(
        self, good: str, open_wh: Column, rows: Column, renewable: bool
    ) -> Iterator[Violation]:
        size = len(self._places)
        charge, lot = self._shares.demand[rows], self._shares.supply[rows]
        wh = self._shares.amount_wh[rows]
        lots = self._supply.renewable == renewable
        asked = _sum(self._place_of_charge, open_wh, size)
        held = _sum(self._place_of_lot[lots], self._supply.amount_wh[lots], size)
        got = _sum(charge, wh, len(open_wh))
        given = _sum(self._place_of_charge, got, size)
        yield from _name("maximal", given != np.minimum(asked, held), "interval", self._places)
        yield from self._equals(open_wh, got, asked, given)
        charges, used = np.unique(charge), np.unique(lot)
        pieces = np.bincount(self._place_of_charge[charge], minlength=size)
        bound = np.bincount(self._place_of_charge[charges], minlength=size)
        bound = bound + np.bincount(self._place_of_lot[used], minlength=size) - 1
        yield from _name("sparse", (pieces > bound) & (pieces > 0), "interval", self._places)
        if len(rows):
            self.stages.append(
                StageTotal(
                    good, AREA_RING, 0, False, int(wh.sum()), len(charges), len(used), len(rows)
                )
            )

    def _equals(
        self, open_wh: Column, got: Column, asked: Column, given: Column
    ) -> Iterator[Violation]:
        total, matched = asked[self._place_of_charge], given[self._place_of_charge]
        exact = _product(open_wh, matched)
        over = exact - got * np.maximum(total, 1).astype(exact.dtype)
        away = np.abs(over) >= np.maximum(total, 1)
        yield from _name("equals", np.asarray(away, bool), "charge")
        remainder = exact % np.maximum(total, 1)
        rounded_up = np.asarray(over < 0, bool)
        candidates = np.flatnonzero(np.asarray(remainder > 0, bool))
        order = candidates[
            np.lexsort(
                (
                    self._demand.rank[candidates],
                    -np.unique(remainder[candidates], return_inverse=True)[1],
                    self._place_of_charge[candidates],
                )
            )
        ]
        jumps = rounded_up[order][1:] & ~rounded_up[order][:-1]
        same = np.diff(self._place_of_charge[order]) == 0
        yield from _name("equals", jumps & same, "tie")


def _product(one: Column, other: Column) -> NDArray[Any]:
    """Exact, in Python's integers where 64 bits are too few."""
    if len(one) and (one.astype(float) * other).max() >= WIDE:
        wide: NDArray[Any] = one.astype(object) * other.astype(object)
        return wide
    product: NDArray[Any] = one * other
    return product


def _sum(number: Column, column: Column, size: int) -> Column:
    total = np.zeros(size, np.int64)
    np.add.at(total, number, column)
    return total


def _name(
    rule: str, wrong: NDArray[np.bool_], what: str, names: Column | None = None
) -> Iterator[Violation]:
    rows = np.flatnonzero(wrong)
    for row in rows[:SHOWN].tolist():
        name = row if names is None else int(names[row])
        yield Violation(rule, f"{what} {name}", f"One of {len(rows)} of this kind.")
