"""The rules of matching written out again for a solver of linear programmes (scipy's HiGHS)."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog

from charging.domain.matching import Couplings, Demand, Supply

Place = tuple[int, int, bool]  # ring, rank of preference, no green tariff


def place(demand: Demand, supply: Supply, couplings: Couplings) -> Place | None:
    """From the rules in words: when this lot comes up for this charge, or that it never does."""
    if demand.site and demand.site == supply.site:
        ring = 0
    elif demand.area == supply.area:
        ring = 1
    elif (supply.area, demand.area) in couplings:
        ring = 2
    else:
        return None
    for rank, wish in enumerate(demand.preferences):
        if wish.supplier in ("", supply.supplier) and supply.source.startswith(wish.source):
            return ring, rank, not demand.green_tariff
    return None if demand.strict else (ring, len(demand.preferences), not demand.green_tariff)


class Programme:
    """Wh between charges and lots, and what was found out about the best of them so far."""

    def __init__(self, asked: Sequence[Demand], held: Sequence[Supply], couplings: Couplings):
        self.arcs = {
            (i, j): found
            for i, demand in enumerate(asked)
            for j, supply in enumerate(held)
            if (found := place(demand, supply, couplings)) is not None
        }
        self._asked, self._held = asked, held
        self._rows = np.zeros((len(asked) + len(held), len(self.arcs) + 1))
        for n, (i, j) in enumerate(self.arcs):
            self._rows[i, n] = self._rows[len(asked) + j, n] = 1
        self._limits = [*(d.amount_wh for d in asked), *(s.amount_wh for s in held)]
        self._fixed: list[tuple[np.ndarray, int]] = []

    def stages(self) -> dict[Place, int]:
        """Wh of each stage, lexicographically the most; kept from now on."""
        found = sorted(set(self.arcs.values()))
        return {stage: self._most([s == stage for s in self.arcs.values()]) for stage in found}

    def use(self) -> None:
        """Lots that expire first, then the cheapest, are used most; kept from now on."""
        orders = [(s.expires is None, s.expires or 0, s.price) for s in self._held]
        for order in sorted(set(orders)):
            self._most([orders[j] == order for _, j in self.arcs])

    def lowest_coverage(self) -> float:
        """How well the charge is covered that is covered worst, where that is best (0 to 1)."""
        worst = np.zeros((len(self._asked), self._rows.shape[1]))
        for n, (i, _) in enumerate(self.arcs):
            worst[i, n] = -1
        worst[:, -1] = [demand.amount_wh for demand in self._asked]
        rows = np.vstack([self._rows, worst])
        goal = np.zeros(rows.shape[1])
        goal[-1] = 1
        return self._solve(goal, rows, [*self._limits, *[0] * len(self._asked)])

    def _most(self, counted: Sequence[bool]) -> int:
        goal = np.array([*counted, False], float)
        best = round(self._solve(goal, self._rows, self._limits))
        self._fixed.append((goal, best))
        return best

    def _solve(self, goal: np.ndarray, rows: np.ndarray, limits: Sequence[float]) -> float:
        answer = linprog(
            -goal,
            A_ub=rows,
            b_ub=limits,
            A_eq=np.array([row for row, _ in self._fixed]) if self._fixed else None,
            b_eq=[wh for _, wh in self._fixed] if self._fixed else None,
            method="highs",
        )
        assert answer.success, answer.message
        return -float(answer.fun)
