"""What the registry already knows of a device's meter."""

from datetime import UTC, date, datetime, time, timedelta
from typing import BinaryIO

import numpy as np
from django.db.models import QuerySet

from certificates.domain.formats.file import CSV, XLSX, layout_of
from certificates.domain.meter_values import EPOCH, minute_of
from certificates.domain.reading_rules import LENGTHS, Known, Plant
from certificates.models import Device, MeterFile, Quality, Reading
from certificates.queries.plants.ownership import owned_since
from certificates.queries.policies import day_percent_at, policy_at, tolerance_percent_at

LONGEST = max(LENGTHS)
LENGTH = "@length"
REMEMBERED = 20  # imports looked back through for one of the same layout


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
        .values_list("starts_at", "ends_at", "energy_wh", "remainder_uwh", "quality")
    )
    table = np.array(
        [
            (
                minute_of(start),
                (end - start) // timedelta(minutes=1),
                wh,
                remainder,
                quality == Quality.ESTIMATED,
            )
            for start, end, wh, remainder, quality in rows
        ],
        dtype=np.int64,
    ).reshape(-1, 5)
    is_latest = np.append(table[1:, 0] != table[:-1, 0], np.ones(min(1, len(table)), np.bool_))
    table = table[is_latest]
    return Known(*(np.ascontiguousarray(table[:, n]) for n in range(5)))


def plant_of(device: Device, now: datetime) -> Plant:
    """What the rules for readings know of a device under the registry's terms."""
    policy, area = policy_at(now), device.area
    days = policy.upload_deadline_days if policy else None
    since = owned_since(device)
    return Plant(
        technology_code=device.technology_code,
        latitude=None if device.latitude is None else float(device.latitude),
        longitude=None if device.longitude is None else float(device.longitude),
        first_minute=_midnight(device.commissioned_on),
        last_minute=None if device.valid_until is None else _midnight(device.valid_until),
        area_from=minute_of(area.valid_from),
        area_to=None if area.valid_to is None else minute_of(area.valid_to),
        deadline_minutes=None if days is None else days * 1_440,
        owned_from=None if since is None else minute_of(since),
        day_percent=day_percent_at(device.technology_code, policy),
        tolerance_percent=tolerance_percent_at(policy),
        estimates=device.quality == Quality.ESTIMATED,
    )


def _midnight(day: date) -> int:
    return minute_of(datetime.combine(day, time(), UTC))


def usual_length(device: Device) -> int | None:
    """Minutes of the device's latest interval, if it has any."""
    last = Reading.objects.filter(device=device).order_by("-starts_at").first()
    return (last.ends_at - last.starts_at) // timedelta(minutes=1) if last else None


def remembered_selection(device: Device, stream: BinaryIO) -> dict[str, str]:
    """How the device's last imported file of the same layout was read; nothing for none.

    A length is not remembered: it was asked for one line, and more lines show their own.
    `stream` is the new file. Raises: MeterFileRefused and its kinds.
    """
    done = MeterFile.objects.filter(device=device, status=MeterFile.Status.IMPORTED)
    layout: tuple[str, list[str]] | None = None
    for file in done.order_by("-pk")[:REMEMBERED]:
        if not file.selection or "format" not in file.report:
            continue
        if layout is None:
            kind, names = layout_of(stream)
            layout = _layout(kind), names
        if layout == (_layout(file.report["format"]), file.report.get("names", [])):
            return {name: value for name, value in file.selection.items() if name != LENGTH}
    return {}


def _layout(kind: str) -> str:
    """A sheet's lines come back as CSV to be corrected: both are one table."""
    return CSV if kind == XLSX else kind


def unfinished_imports(before: datetime) -> QuerySet[MeterFile]:
    """Files uploaded before an instant and confirmed, whose import has not come to an end."""
    return MeterFile.objects.filter(
        status=MeterFile.Status.IMPORTING, uploaded_at__lt=before
    ).order_by("pk")
