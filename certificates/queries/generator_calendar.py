"""What plants produced and what of it is certified, by UTC hour and month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Max, Min, Sum

from certificates.models import Device, Lot, Reading

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
    span = Reading.objects.filter(device__in=devices).aggregate(
        first=Min("starts_at"), last=Max("starts_at")
    )
    return list(range(span["first"].year, span["last"].year + 1)) if span["first"] else []


def calendar(devices: Sequence[Device], year: int) -> Calendar:
    """A UTC year of the devices together. A device's readings count while they are in force."""
    period = {
        "device__in": devices,
        "starts_at__gte": datetime(year, 1, 1, tzinfo=UTC),
        "starts_at__lt": datetime(year + 1, 1, 1, tzinfo=UTC),
    }
    metered = Reading.objects.latest_versions().filter(
        **period, status=Reading.Status.ACCEPTED, energy_wh__gt=0
    )
    produced = metered.values_list("starts_at").annotate(wh=Sum("energy_wh")).order_by()
    issued = Lot.objects.standing().filter(**period)
    certified = issued.values_list("starts_at").annotate(wh=Sum("amount_wh")).order_by()
    return Calendar(_by_hour(produced), _by_hour(certified))


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


def _by_hour(rows: Iterable[tuple[Any, ...]]) -> Hours:
    hours: Hours = {}
    for at, wh in rows:
        key = at.date(), at.hour
        hours[key] = hours.get(key, 0) + int(wh)
    return hours
