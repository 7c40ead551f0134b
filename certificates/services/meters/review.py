"""An auditor decides on readings that the rules held back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from certificates.errors import ReviewRefused
from certificates.models import Device, Reading
from certificates.queries.readings.tallies import chunks
from certificates.services import notices, stretches
from certificates.services.meters.versions import Versions, put_in_force, versions_of
from ledger.services import audit

Status = Reading.Status
LONGEST_REASON = 500
BATCH = 500  # rows in one statement


def release(*, reading: Reading, reason: str, now: datetime, actor: object) -> Reading:
    """Accept a held reading: it issues certificates, or corrects what stands in its place.

    Raises: ReviewRefused.
    """
    (released,) = release_all(readings=[reading], reason=reason, now=now, actor=actor)
    return released


@transaction.atomic
def release_all(
    *, readings: Iterable[Reading], reason: str, now: datetime, actor: object
) -> list[Reading]:
    """Accept held readings, all or none.

    Raises: ReviewRefused.
    """
    released: list[Reading] = []
    for device, rows in _lock(readings, reason):
        known = versions_of(device, [row.starts_at for row in rows])
        for row in rows:
            _check_grid(row)
            _put_in_place(row, known[row.starts_at])
        _save(rows, Status.ACCEPTED)
        minutes = [int(row.starts_at.timestamp()) // 60 for row in rows]
        stretches.touch_readings(device=device, minutes=minutes)
        _record("reading.released", rows, reason, now, actor)
        later = [row.pk for row in rows if row.version > 1]
        put_in_force(device=device, readings=later, known=known, now=now)
        released += rows
    return released


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
    ended: list[Reading] = []
    for device, rows in _lock(readings, reason):
        _save(rows, Status.ENDED)
        _record("reading.ended", rows, reason, now, actor)
        notices.send(
            key=f"reading-ended:{min(row.pk for row in rows)}",
            organisation_id=device.organisation_id,
            kind=notices.Kind.READING_ENDED,
            message=f"{_ended_in_words(device, rows)}: {reason} Upload the right value as a "
            "correction.",
            now=now,
        )
        ended += rows
    return ended


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


def _lock(readings: Iterable[Reading], reason: str) -> Iterator[tuple[Device, list[Reading]]]:
    """Each plant, locked, with those of the readings that are its own, as they stand now."""
    if not reason.strip():
        raise ReviewRefused("Say why; the reason is kept and shown.")
    if len(reason) > LONGEST_REASON:
        raise ReviewRefused(f"A reason has at most {LONGEST_REASON} characters.")
    asked: dict[int, list[int]] = {}
    for reading in readings:
        asked.setdefault(reading.device_id, []).append(reading.pk)
    for plant, pks in sorted(asked.items()):
        device = Device.objects.select_for_update().get(pk=plant)
        rows = [row for some in chunks(pks) for row in Reading.objects.filter(pk__in=some)]
        rows.sort(key=lambda row: row.pk)
        for row in rows:
            if row.status != Status.HELD:
                raise ReviewRefused(
                    f"Reading {row.pk} is {row.status}; only held ones are decided."
                )
        yield device, rows


def _put_in_place(reading: Reading, versions: Versions) -> None:
    """A later version takes the place of the one in force, else of the latest statement."""
    if versions.last_version > reading.version:
        raise ReviewRefused(
            f"Version {versions.last_version} of this interval came later. End this one."
        )
    if reading.version > 1:
        earlier = Reading.objects.filter(
            device=reading.device_id, starts_at=reading.starts_at, version__lt=reading.version
        )
        free = earlier.filter(replaced_by__isnull=True).order_by("-version")
        reading.replaces_id = versions.in_force or free.values_list("pk", flat=True).first()


def _save(rows: Sequence[Reading], status: Reading.Status) -> None:
    for row in rows:
        row.status = status
    Reading.objects.bulk_update(rows, ["status", "replaces"], batch_size=BATCH)


def _check_grid(reading: Reading) -> None:
    length = reading.ends_at - reading.starts_at
    if (reading.starts_at - datetime.fromtimestamp(0, reading.starts_at.tzinfo)) % length:
        minutes = length // timedelta(minutes=1)
        raise ReviewRefused(
            f"The interval starts off the grid of {minutes} minutes in UTC, where no certificate "
            "can lie. End it, and ask for a file on the grid."
        )


def _record(
    action: str, rows: Sequence[Reading], reason: str, now: datetime, actor: object
) -> None:
    facts = (
        (row, {"reason": reason, "held": row.hold_reason, "energy_wh": row.energy_wh})
        for row in rows
    )
    audit.record_each(actor=actor, action=action, subjects=facts, now=now)
