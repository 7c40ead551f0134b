"""What devices produced: by hour for a heat map, by day for a chart. Days are UTC."""

from dataclasses import dataclass, field
from datetime import date, datetime

from certificates.models import Device, Lot, Reading

HOURS = 24


@dataclass(slots=True)
class CalendarDay:
    """A day's certificates, Wh by hour; None where nothing was issued for the hour."""

    day: date
    hours: list[int | None] = field(default_factory=lambda: [None] * HOURS)

    @property
    def total_wh(self) -> int:
        return sum(wh for wh in self.hours if wh)


def calendar(device: Device, starts_at: datetime, ends_at: datetime) -> list[CalendarDay]:
    """Wh issued for each UTC hour in [starts_at, ends_at), for days that have any."""
    days: dict[date, CalendarDay] = {}
    rows = Lot.objects.standing().filter(
        device=device, starts_at__gte=starts_at, starts_at__lt=ends_at
    )
    for at, wh in rows.order_by("starts_at").values_list("starts_at", "amount_wh"):
        day = days.setdefault(at.date(), CalendarDay(at.date()))
        day.hours[at.hour] = (day.hours[at.hour] or 0) + wh
    return list(days.values())


def production_by_day(device: Device, starts_at: datetime, ends_at: datetime) -> dict[date, int]:
    """Wh metered on each UTC day in [starts_at, ends_at), own consumption taken off."""
    found: dict[date, int] = {}
    rows = Reading.objects.filter(
        device=device,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
        status=Reading.Status.ACCEPTED,
        replaced_by__isnull=True,
    )
    for at, wh in rows.order_by("starts_at").values_list("starts_at", "energy_wh"):
        found[at.date()] = found.get(at.date(), 0) + wh
    return found
