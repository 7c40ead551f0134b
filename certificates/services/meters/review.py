"""An auditor decides on readings that the rules held back."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from certificates.errors import ReviewRefused
from certificates.models import Device, Reading
from certificates.services import notices, stretches
from certificates.services.meters.versions import put_in_force, versions_of
from ledger.services import audit

Status = Reading.Status
LONGEST_REASON = 500


@transaction.atomic
def release(*, reading: Reading, reason: str, now: datetime, actor: object) -> Reading:
    """Accept a held reading: it issues certificates, or corrects what stands in its place.

    Raises: ReviewRefused.
    """
    locked, device = _lock(reading, reason)
    _check_grid(locked)
    known = versions_of(device, [locked.starts_at])
    versions = known[locked.starts_at]
    if versions.last_version > locked.version:
        raise ReviewRefused(
            f"Version {versions.last_version} of this interval came later. End this one."
        )
    locked.status = Status.ACCEPTED
    if locked.version > 1:
        earlier = device.readings.filter(starts_at=locked.starts_at, version__lt=locked.version)
        free = earlier.filter(replaced_by__isnull=True).order_by("-version")
        locked.replaces_id = versions.in_force or free.values_list("pk", flat=True).first()
    locked.save(update_fields=["status", "replaces"])
    stretches.touch_readings(device=device, minutes=[int(locked.starts_at.timestamp()) // 60])
    _record("reading.released", locked, reason, now, actor)
    if locked.version > 1:
        put_in_force(device=device, readings=[locked.pk], known=known, now=now)
    return locked


def end(*, reading: Reading, reason: str, now: datetime, actor: object) -> Reading:
    """Do not accept a held reading: it stays visible and never issues. The owner is told.

    Raises: ReviewRefused.
    """
    (ended,) = end_all(readings=[reading], reason=reason, now=now, actor=actor)
    return ended


@transaction.atomic
def end_all(
    *, readings: Iterable[Reading], reason: str, now: datetime, actor: object
) -> list[Reading]:
    """End held readings, all or none; the owner of each plant is told once.

    Raises: ReviewRefused.
    """
    ended: dict[Device, list[Reading]] = {}
    for reading in readings:
        locked, device = _lock(reading, reason)
        locked.status = Status.ENDED
        locked.save(update_fields=["status"])
        _record("reading.ended", locked, reason, now, actor)
        ended.setdefault(device, []).append(locked)
    for device, rows in ended.items():
        notices.send(
            key=f"reading-ended:{min(row.pk for row in rows)}",
            organisation_id=device.organisation_id,
            kind=notices.Kind.READING_ENDED,
            message=f"{_ended_in_words(device, rows)}: {reason} Upload the right value as a "
            "correction.",
            now=now,
        )
    return [row for rows in ended.values() for row in rows]


def _ended_in_words(device: Device, rows: Sequence[Reading]) -> str:
    first = f"{min(row.starts_at for row in rows):%Y-%m-%d %H:%M}"
    wh = sum(row.energy_wh for row in rows)
    if len(rows) == 1:
        return f"The reading of {device.name} for {first} UTC ({wh} Wh) was not accepted"
    last = f"{max(row.ends_at for row in rows):%Y-%m-%d %H:%M}"
    return (
        f"{len(rows):,} readings of {device.name} from {first} to {last} UTC ({wh:,} Wh) were not "
        "accepted"
    )


def _lock(reading: Reading, reason: str) -> tuple[Reading, Device]:
    if not reason.strip():
        raise ReviewRefused("Say why; the reason is kept and shown.")
    if len(reason) > LONGEST_REASON:
        raise ReviewRefused(f"A reason has at most {LONGEST_REASON} characters.")
    device = Device.objects.select_for_update().get(pk=reading.device_id)
    locked = Reading.objects.get(pk=reading.pk)
    if locked.status != Status.HELD:
        raise ReviewRefused(f"Reading {locked.pk} is {locked.status}; only held ones are decided.")
    return locked, device


def _check_grid(reading: Reading) -> None:
    length = reading.ends_at - reading.starts_at
    if (reading.starts_at - datetime.fromtimestamp(0, reading.starts_at.tzinfo)) % length:
        minutes = length // timedelta(minutes=1)
        raise ReviewRefused(
            f"The interval starts off the grid of {minutes} minutes in UTC, where no certificate "
            "can lie. End it, and ask for a file on the grid."
        )


def _record(action: str, reading: Reading, reason: str, now: datetime, actor: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=reading,
        now=now,
        detail={"reason": reason, "held": reading.hold_reason, "energy_wh": reading.energy_wh},
    )
