"""Coverage by hour, day, week, month and year: how much of the use was matched in its interval.

The score of carbon-free energy is the share of use, interval by interval, that carbon-free
generation of the same interval covers; what is generated beyond the use of an interval
counts for nothing (24/7 carbon-free energy, as Google's methodology of 2021 counts it). The
grid's own carbon-free share joins only where it is known for the interval.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PPM = 1_000_000


class Span(StrEnum):
    """The periods that coverage is shown by."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # ISO 8601: from Monday
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Covered:
    """Whole Wh of one interval or period: used, and matched in its intervals by each figure.

    `grid_free_ppm` is the carbon-free share of the grid in an interval, where known.
    """

    starts_at: datetime
    used_wh: int
    renewable_wh: int
    carbon_free_wh: int
    tracked_wh: int
    grid_free_ppm: int | None = None

    @property
    def gap_wh(self) -> int:
        """Used without carbon-free generation of the same interval."""
        return self.used_wh - self.carbon_free_wh


def by_span(intervals: Iterable[Covered], span: Span, timezone: str) -> list[Covered]:
    """The intervals added up by periods of the place's calendar, in time order.

    A period without use is left out. Interval figures of the grid do not survive a sum.
    """
    zone = ZoneInfo(timezone)
    totals: dict[datetime, list[int]] = {}
    for one in intervals:
        start = _start(one.starts_at, span, zone)
        row = totals.setdefault(start, [0, 0, 0, 0])
        for index, wh in enumerate(
            (one.used_wh, one.renewable_wh, one.carbon_free_wh, one.tracked_wh)
        ):
            row[index] += wh
    return [Covered(start, *totals[start]) for start in sorted(totals)]


def carbon_free_score_ppm(intervals: Iterable[Covered]) -> int | None:
    """Carbon-free energy over use, in parts per million, rounded down; `None` without use.

    Interval by interval: what was matched, and of the rest the grid's carbon-free share
    where it is known.
    """
    used = free = 0
    for one in intervals:
        used += one.used_wh
        free += one.carbon_free_wh * PPM + one.gap_wh * (one.grid_free_ppm or 0)
    return free // used if used else None


def _start(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """The period's first instant, in UTC; a local day may have 23 or 25 hours."""
    if span is Span.HOUR:
        return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    day = instant.astimezone(zone).date()
    first = {
        Span.DAY: day,
        Span.WEEK: day - timedelta(days=day.weekday()),
        Span.MONTH: day.replace(day=1),
        Span.YEAR: date(day.year, 1, 1),
    }[span]
    return datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
