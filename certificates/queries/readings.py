"""What the registry already knows of a device's meter."""

from datetime import datetime, timedelta

import numpy as np
from django.db.models import QuerySet

from certificates.domain.meter_values import EPOCH, minute_of
from certificates.domain.reading_rules import LENGTHS, Known
from certificates.models import Device, MeterFile, Reading

LONGEST = max(LENGTHS)


def known_readings(device: Device, from_minute: int, to_minute: int) -> Known:
    """The latest readings that touch [from, to), both in minutes since 1970-01-01T00:00Z.

    The latest version is what was stated last, also where it waits for review or ended there.
    """
    rows = (
        Reading.objects.filter(
            device=device,
            starts_at__gt=EPOCH + timedelta(minutes=from_minute - LONGEST),
            starts_at__lt=EPOCH + timedelta(minutes=to_minute),
        )
        .order_by("starts_at", "version")
        .values_list("starts_at", "ends_at", "energy_wh", "remainder_uwh")
    )
    table = np.array(
        [
            (minute_of(start), (end - start) // timedelta(minutes=1), wh, remainder)
            for start, end, wh, remainder in rows
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    is_latest = np.append(table[1:, 0] != table[:-1, 0], np.ones(min(1, len(table)), np.bool_))
    table = table[is_latest]
    return Known(*(np.ascontiguousarray(table[:, n]) for n in range(4)))


def usual_length(device: Device) -> int | None:
    """Minutes of the device's latest interval, if it has any."""
    last = Reading.objects.filter(device=device).order_by("-starts_at").first()
    return (last.ends_at - last.starts_at) // timedelta(minutes=1) if last else None


def unfinished_imports(before: datetime) -> QuerySet[MeterFile]:
    """Files uploaded before an instant and confirmed, whose import has not come to an end."""
    return MeterFile.objects.filter(
        status=MeterFile.Status.IMPORTING, uploaded_at__lt=before
    ).order_by("pk")
