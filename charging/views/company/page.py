"""A company's year as its page draws it."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from charging.domain import drawing
from charging.domain.local_time import to_utc
from charging.queries.company.coverage import IntervalCoverage
from charging.queries.matching.demand import Place
from charging.queries.matching.provisional import OpenInterval


@dataclass(frozen=True, slots=True)
class Year:
    """The year shown, and the first and last there are."""

    number: int
    first: int
    last: int

    @property
    def period(self) -> tuple[datetime, datetime]:
        """From its first instant to that of the next, UTC."""
        return datetime(self.number, 1, 1, tzinfo=UTC), datetime(self.number + 1, 1, 1, tzinfo=UTC)

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > self.first else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.last else None


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """Wh of one UTC month: charged, matched in the same interval, generated but left over."""

    first_day: date
    demand_wh: int
    matched_wh: int
    spare_wh: int

    @property
    def name(self) -> str:
        """The month in words."""
        return f"{self.first_day:%B}"


@dataclass(frozen=True, slots=True)
class HourCell:
    """One hour of a month: what it took, what was matched (Wh).

    `provisional_wh` would be matched besides if it closed now; `None` once it is closed.
    """

    hour: int
    demand_wh: int
    matched_wh: int
    provisional_wh: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still change, because a part of it is not closed."""
        return self.provisional_wh is not None

    @property
    def level(self) -> int:
        """0 nothing matched to 3 all of it, as in the picture of the year."""
        return drawing.level(self._told_wh, self.demand_wh)

    @property
    def percent(self) -> int:
        """The share in whole percent, rounded down and never above all of it."""
        return min(100, 100 * self._told_wh // self.demand_wh)

    @property
    def _told_wh(self) -> int:
        return self.matched_wh + (self.provisional_wh or 0)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One UTC day: a cell for each of its 24 hours, `None` where no car charged."""

    day: date
    cells: tuple[HourCell | None, ...]

    @property
    def demand_wh(self) -> int:
        """Wh charged on the day."""
        return sum(cell.demand_wh for cell in self.cells if cell)

    @property
    def matched_wh(self) -> int:
        """Wh of them that are matched."""
        return sum(cell.matched_wh for cell in self.cells if cell)


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


def months_of(intervals: Sequence[IntervalCoverage], year: int) -> list[MonthCoverage]:
    """The twelve months of the intervals' year."""
    totals = {date(year, number, 1): [0, 0, 0] for number in range(1, 13)}
    for interval in intervals:
        row = totals[interval.starts_at.date().replace(day=1)]
        row[0] += interval.demand_wh
        row[1] += interval.matched_wh
        row[2] += interval.spare_wh
    return [MonthCoverage(first_day, *amounts) for first_day, amounts in totals.items()]


def days_of(
    intervals: Sequence[IntervalCoverage],
    first_day: date,
    still_open: Mapping[Place, OpenInterval],
) -> list[DayRow]:
    """Every day of a month, hour by hour, with what open hours would come to."""
    demand: dict[tuple[date, int], int] = {}
    matched: dict[tuple[date, int], int] = {}
    for interval in intervals:
        place = (interval.starts_at.date(), interval.starts_at.hour)
        demand[place] = demand.get(place, 0) + interval.demand_wh
        matched[place] = matched.get(place, 0) + interval.matched_wh
    provisional: dict[tuple[date, int], int] = {}
    for (_, start), one in still_open.items():
        at = to_utc(start)
        place = (at.date(), at.hour)
        provisional[place] = provisional.get(place, 0) + one.provisional_wh
    _, length = monthrange(first_day.year, first_day.month)
    days = [first_day.replace(day=number) for number in range(1, length + 1)]
    return [
        DayRow(
            day,
            tuple(
                HourCell(
                    hour,
                    demand[day, hour],
                    matched[day, hour],
                    provisional.get((day, hour)),
                )
                if demand.get((day, hour))
                else None
                for hour in range(24)
            ),
        )
        for day in days
    ]
