"""A company's year as its page draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from charging.domain import drawing
from charging.queries.coverage import IntervalCoverage


@dataclass(frozen=True, slots=True)
class Year:
    """The year shown, and the first and last there are."""

    number: int
    first: int
    last: int

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > self.first else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.last else None


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """Wh of one UTC month: charged, matched in the same interval, generated but left over."""

    name: str
    demand_wh: int
    matched_wh: int
    spare_wh: int


def year_of(intervals: Sequence[IntervalCoverage]) -> dict[int, str]:
    """Paths of the heat map, one for each level, day by hour."""
    demand: dict[tuple[int, int], int] = {}
    matched: dict[tuple[int, int], int] = {}
    for interval in intervals:
        cell = (drawing.day_of_year(interval.starts_at.date()), interval.starts_at.hour)
        demand[cell] = demand.get(cell, 0) + interval.demand_wh
        matched[cell] = matched.get(cell, 0) + interval.matched_wh
    return drawing.heat_paths(
        {cell: drawing.level(matched[cell], wh) for cell, wh in demand.items() if wh}
    )


def months_of(intervals: Sequence[IntervalCoverage]) -> list[MonthCoverage]:
    """The twelve months of the intervals' year."""
    totals = {number: [0, 0, 0] for number in range(1, 13)}
    for interval in intervals:
        row = totals[interval.starts_at.month]
        row[0] += interval.demand_wh
        row[1] += interval.matched_wh
        row[2] += interval.spare_wh
    return [
        MonthCoverage(f"{date(2000, number, 1):%B}", *amounts) for number, amounts in totals.items()
    ]
