"""What the registry has of a plant's intervals on one UTC day, to be stated anew."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from certificates.models import Device, Reading
from certificates.queries.readings.known import usual_length

HOUR = 60


@dataclass(frozen=True, slots=True)
class Stated:
    """One interval and its latest version; `energy_wh` is None where there is none."""

    starts_at: datetime
    ends_at: datetime
    version: int = 0
    energy_wh: int | None = None
    status: str = ""


def day_of(device: Device, day: date) -> list[Stated]:
    """Every interval of the day, in the length of the plant's latest reading (else an hour)."""
    length = timedelta(minutes=usual_length(device) or HOUR)
    first = datetime.combine(day, time(), UTC)
    rows = Reading.objects.filter(
        device=device, starts_at__gte=first, starts_at__lt=first + timedelta(days=1)
    ).order_by("version")
    found = {row.starts_at: row for row in rows}
    starts = {first + n * length for n in range(timedelta(days=1) // length)} | set(found)
    return [_stated(at, length, found.get(at)) for at in sorted(starts)]


def _stated(at: datetime, length: timedelta, row: Reading | None) -> Stated:
    if row is None:
        return Stated(at, at + length)
    return Stated(at, row.ends_at, row.version, row.energy_wh, row.get_status_display())


def last_day(device: Device) -> date | None:
    """The UTC day of the plant's latest reading."""
    last = Reading.objects.filter(device=device).order_by("-starts_at").first()
    return last.starts_at.date() if last else None
