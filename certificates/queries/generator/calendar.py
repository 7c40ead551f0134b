"""What plants produced and what of it is certified, by UTC hour and month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from certificates.domain.stretches import I64
from certificates.models import Device
from certificates.queries.generator.home import reading_spans
from certificates.queries.stretches import hours

Hours = dict[tuple[date, int], int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Wh by day and UTC hour, summed over plants: metered above zero, and issued."""

    produced: Hours
    certified: Hours


@dataclass(slots=True)
class MonthLine:
    """A UTC month's sums, Wh. `open_wh` is metered and not certified."""

    first: date
    hours: int = 0
    produced_wh: int = 0
    certified_wh: int = 0

    @property
    def open_wh(self) -> int:
        return max(0, self.produced_wh - self.certified_wh)


def production_years(devices: Sequence[Device]) -> list[int]:
    """The years that have readings of the devices, the last one last."""
    spans = reading_spans(devices).values()
    if not spans:
        return []
    return list(range(min(s[0] for s in spans).year, max(s[1] for s in spans).year + 1))


def calendar(devices: Sequence[Device], year: int) -> Calendar:
    """A UTC year of the devices together. A device's readings count while they are in force."""
    period = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    produced, certified = hours(devices, *period)
    return Calendar(_by_hour(period[0], produced), _by_hour(period[0], certified))


def month_lines(found: Calendar) -> list[MonthLine]:
    """The calendar's sums by month, in order."""
    months: dict[date, MonthLine] = {}
    for (day, _), wh in found.produced.items():
        line = _month(months, day)
        line.hours += 1
        line.produced_wh += wh
    for (day, _), wh in found.certified.items():
        _month(months, day).certified_wh += wh
    return sorted(months.values(), key=lambda line: line.first)


def _month(months: dict[date, MonthLine], day: date) -> MonthLine:
    first = day.replace(day=1)
    return months.setdefault(first, MonthLine(first))


def _by_hour(begin: datetime, amounts: I64) -> Hours:
    days = [begin.date() + timedelta(days=n) for n in range(len(amounts) // 24)]
    places = np.flatnonzero(amounts)
    return {
        (days[place // 24], place % 24): wh
        for place, wh in zip(places.tolist(), amounts[places].tolist(), strict=True)
    }
