"""Which intervals a plant's meter data leave out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from certificates.models import Device, Reading

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without readings between the first and the last; `intervals` fit into it."""

    starts_at: datetime
    ends_at: datetime
    length: timedelta

    @property
    def intervals(self) -> int:
        return max(1, (self.ends_at - self.starts_at) // self.length)

    def starts(self) -> Iterator[datetime]:
        """When each missing interval starts."""
        return (self.starts_at + n * self.length for n in range(self.intervals))


def missing_hours(device: Device, year: int) -> set[tuple[date, int]]:
    """The UTC day and hour of everything that gaps of a year touch."""
    found = set()
    for gap in gaps(device, year):
        at = gap.starts_at.astimezone(UTC).replace(minute=0)
        while at < gap.ends_at:
            found.add((at.date(), at.hour))
            at += HOUR
    return found


def gaps(device: Device, year: int | None = None) -> list[Gap]:
    """Every gap, in order of time; of a UTC year those between its own readings.

    A reading counts in whatever state: its interval is there.
    """
    rows = Reading.objects.filter(device=device, replaced_by__isnull=True).order_by("starts_at")
    if year is not None:
        begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        rows = rows.filter(starts_at__gte=begin, starts_at__lt=end)
    found: list[Gap] = []
    covered: datetime | None = None
    for start, end in rows.values_list("starts_at", "ends_at").iterator(chunk_size=10_000):
        if covered is not None and start > covered:
            found.append(Gap(covered, start, end - start))
        covered = end if covered is None else max(covered, end)
    return found
