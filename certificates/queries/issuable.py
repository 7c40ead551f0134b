"""Readings that certificates can be issued for."""

from datetime import datetime

from django.db.models import QuerySet

from certificates.models import Device, Quality, Reading

ISSUING_QUALITIES = (Quality.MEASURED, Quality.CALCULATED)


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
