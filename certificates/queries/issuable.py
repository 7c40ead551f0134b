"""Readings that certificates can be issued for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from certificates.models import Device, Quality, Reading

ISSUING_QUALITIES = (Quality.MEASURED, Quality.CALCULATED)


@dataclass(frozen=True, slots=True)
class IssuableReading:
    """What issuance needs of a reading; `file_sha256` names the meter file."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    energy_wh: int
    quality: str
    file_sha256: str


def first_issuable(readings: QuerySet[Reading], limit: int) -> list[IssuableReading]:
    """The first so many, without the weight of whole rows."""
    rows = readings.values_list(
        "pk", "starts_at", "ends_at", "energy_wh", "quality", "file__sha256"
    )
    return [IssuableReading(*row) for row in rows[:limit]]


def issuable_readings(
    device: Device, starts_at: datetime | None, ends_at: datetime | None, *, now: datetime
) -> QuerySet[Reading]:
    """Accepted, positive, over and without a lot, by time; starts in [starts_at, ends_at).

    Under the policy clip a negative interval issues nothing and takes nothing from others.
    """
    found = Reading.objects.filter(
        device=device,
        status=Reading.Status.ACCEPTED,
        quality__in=ISSUING_QUALITIES,
        energy_wh__gt=0,
        ends_at__lte=now,
        replaced_by__isnull=True,
        version=1,
        lots__isnull=True,
    )
    if starts_at is not None:
        found = found.filter(starts_at__gte=starts_at)
    if ends_at is not None:
        found = found.filter(starts_at__lt=ends_at)
    return found.order_by("starts_at")
