"""What the registry already knows of a device's meter."""

from datetime import datetime, timedelta
from typing import BinaryIO

import numpy as np
from django.db.models import QuerySet

from certificates.domain.formats.file import layout_of
from certificates.domain.meter_values import EPOCH, minute_of
from certificates.domain.reading_rules import LENGTHS, Known
from certificates.models import Device, MeterFile, Reading

LONGEST = max(LENGTHS)
REMEMBERED = 20  # imports looked back through for one of the same layout


def known_readings(device: Device, from_minute: int, to_minute: int) -> Known:
    """Current readings that touch [from, to), both in minutes since 1970-01-01T00:00Z."""
    rows = (
        Reading.objects.filter(
            device=device,
            replaced_by__isnull=True,
            starts_at__gt=EPOCH + timedelta(minutes=from_minute - LONGEST),
            starts_at__lt=EPOCH + timedelta(minutes=to_minute),
        )
        .order_by("starts_at")
        .values_list("starts_at", "ends_at", "energy_wh", "remainder_uwh")
    )
    table = np.array(
        [
            (minute_of(start), (end - start) // timedelta(minutes=1), wh, remainder)
            for start, end, wh, remainder in rows
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    return Known(*(np.ascontiguousarray(table[:, n]) for n in range(4)))


def usual_length(device: Device) -> int | None:
    """Minutes of the device's latest interval, if it has any."""
    last = Reading.objects.filter(device=device).order_by("-starts_at").first()
    return (last.ends_at - last.starts_at) // timedelta(minutes=1) if last else None


def remembered_selection(device: Device, stream: BinaryIO) -> dict[str, str]:
    """How the device's last imported file of the same layout was read; nothing for none.

    `stream` is the new file. Raises: MeterFileRefused and its kinds.
    """
    done = MeterFile.objects.filter(device=device, status=MeterFile.Status.IMPORTED)
    layout: tuple[str, list[str]] | None = None
    for file in done.order_by("-pk")[:REMEMBERED]:
        if not file.selection or "format" not in file.report:
            continue
        layout = layout or layout_of(stream)
        if layout == (file.report["format"], file.report.get("names", [])):
            return dict(file.selection)
    return {}


def unfinished_imports(before: datetime) -> QuerySet[MeterFile]:
    """Files uploaded before an instant and confirmed, whose import has not come to an end."""
    return MeterFile.objects.filter(
        status=MeterFile.Status.IMPORTING, uploaded_at__lt=before
    ).order_by("pk")
