"""All intervals without special rules at once: the same answer as `match_interval`, in columns.

A company has a million session hours in a good year. Sorting and running sums over whole
columns take their place in a few seconds; memory grows with the rows and nothing else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charging.domain.matching.shares import share_proportionally

Column = NDArray[np.int64]
LIMIT = 2**62  # beyond it a product could leave 64 bits


@dataclass(frozen=True, slots=True)
class DemandColumns:
    """What charges ask for: the number of the interval, the place of the charge's key among
    all keys, and Wh. The pair (interval, rank) is unique.
    """

    interval: Column
    rank: Column
    amount_wh: Column


@dataclass(frozen=True, slots=True)
class SupplyColumns:
    """What is held: the number of the interval, the place of the lot in the order of use, Wh,
    and whether it proves renewable. The pair (interval, rank) is unique.
    """

    interval: Column
    rank: Column
    amount_wh: Column
    renewable: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ShareColumns:
    """Rows of the demand and of the supply, and the Wh between them."""

    demand: Column
    supply: Column
    amount_wh: Column


def match_columns(demand: DemandColumns, supply: SupplyColumns) -> ShareColumns:
    """Share out every interval by the rules of `match_interval` for one ring.

    Raises: ValueError when an (interval, rank) stands twice or an amount is negative;
    OverflowError beyond 4.6e18 Wh in all.
    """
    _check(demand.interval, demand.rank, demand.amount_wh)
    _check(supply.interval, supply.rank, supply.amount_wh)
    places = np.intersect1d(demand.interval, supply.interval)
    asked = _Side(demand.interval, demand.rank, demand.amount_wh, places)
    parts = []
    for renewable in (True, False):
        rows = np.flatnonzero(supply.renewable == renewable)
        held = _Side(supply.interval[rows], supply.rank[rows], supply.amount_wh[rows], places, rows)
        given = np.minimum(asked.totals(), held.totals())
        got = _proportionally(asked, given)
        used = np.clip(given[held.place] - held.before(), 0, held.amount)
        parts.append(_pair(asked.row, got, held.row, used))
        asked.amount = asked.amount - got
    return ShareColumns(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class _Side:
    """Rows of one side in the intervals that both sides have, sorted by interval and rank."""

    def __init__(
        self,
        interval: Column,
        rank: Column,
        amount: Column,
        places: Column,
        rows: Column | None = None,
    ) -> None:
        place = np.searchsorted(places, interval)
        found = np.flatnonzero(np.isin(interval, places))
        order = found[np.lexsort((rank[found], place[found]))]
        self.row = order if rows is None else rows[order]
        self.place = place[order]
        self.amount = amount[order]
        self.starts = np.searchsorted(self.place, np.arange(len(places) + 1))

    def totals(self) -> Column:
        """Wh of each interval."""
        return self.sums(self.amount)

    def sums(self, column: Column) -> Column:
        """The sum of a column over each interval."""
        running = _running(column)
        return running[self.starts[1:]] - running[self.starts[:-1]]

    def before(self) -> Column:
        """Wh of the same interval before each row."""
        running = _running(self.amount)
        return running[:-1] - running[self.starts[self.place]]


def _proportionally(asked: _Side, given: Column) -> Column:
    """Whole shares by largest remainder; the earlier row of an interval wins a tie."""
    total, whole = asked.totals()[asked.place], given[asked.place]
    if not len(asked.amount):
        return asked.amount
    wide = asked.amount.astype(float) * whole >= LIMIT
    safe = np.where(wide, 0, asked.amount)
    shares, remainders = np.divmod(safe * np.where(wide, 0, whole), np.maximum(total, 1))
    left = given - asked.sums(shares)
    order = np.lexsort((-remainders, asked.place))
    nth = np.arange(len(order)) - asked.starts[asked.place[order]]
    shares[order] += nth < left[asked.place[order]]
    for place in np.unique(asked.place[wide]):
        rows = slice(asked.starts[place], asked.starts[place + 1])
        shares[rows] = share_proportionally(asked.amount[rows].tolist(), int(given[place]))
    return shares


def _pair(
    demand: Column, got: Column, supply: Column, used: Column
) -> tuple[Column, Column, Column]:
    """Lay what was got and what was used on one line: every piece has one row of each."""
    taking, giving = np.flatnonzero(got), np.flatnonzero(used)
    ends_of_got, ends_of_used = np.cumsum(got[taking]), np.cumsum(used[giving])
    ends = np.union1d(ends_of_got, ends_of_used)
    return (
        demand[taking[np.searchsorted(ends_of_got, ends)]],
        supply[giving[np.searchsorted(ends_of_used, ends)]],
        np.diff(ends, prepend=0),
    )


def _running(column: Column) -> Column:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(column)))


def _check(interval: Column, rank: Column, amount: Column) -> None:
    if len(amount) and int(amount.min()) < 0:
        raise ValueError("an amount of energy is negative")
    if float(amount.astype(float).sum()) >= LIMIT:
        raise OverflowError("the amounts add up to more Wh than are counted at once")
    order = np.lexsort((rank, interval))
    same = (np.diff(interval[order]) == 0) & (np.diff(rank[order]) == 0)
    if same.any():
        raise ValueError("a charge or an asset stands twice in one interval")
