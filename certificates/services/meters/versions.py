"""Later versions of readings: stored beside the earlier ones, and put in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from certificates.domain.meter_lines import MeterLines, qualities_under
from certificates.domain.meter_values import EPOCH
from certificates.domain.reading_rules import ACCEPTED, HELD, Verdicts
from certificates.models import Correction, Device, MeterFile, Reading
from certificates.queries.readings.tallies import ISSUING_QUALITIES, chunks
from certificates.services.issuing import corrections
from ledger.models.bulk import insert, reserve_ids
from ledger.services import audit

STATUS = {ACCEPTED: Reading.Status.ACCEPTED.value, HELD: Reading.Status.HELD.value}
FIELDS = ("pk", "starts_at", "version", "status", "energy_wh", "quality", "replaced_by")
LOOK_UP = 500  # ids in one query


@dataclass
class Versions:
    """What the registry has of one interval: the last version, the one in force, those held."""

    last_version: int = 0
    last_free: int | None = None  # the latest that nothing replaces
    in_force: int | None = None
    counted_wh: int = 0  # what the one in force is worth to issuance
    held: list[int] = field(default_factory=list)


@transaction.atomic
def store(
    *, device: Device, file: MeterFile, lines: MeterLines, verdicts: Verdicts, now: datetime
) -> None:
    """Keep a file's corrections as new versions, and carry out those that are accepted.

    A version that is held for review changes nothing yet; a newer statement ends what was
    held before it. The device's row must be locked.
    """
    kept = (verdicts.status == ACCEPTED) | (verdicts.status == HELD)
    positions = np.flatnonzero(verdicts.corrects & kept).tolist()
    if not positions:
        return
    starts = {at: EPOCH + timedelta(minutes=lines.minute[at]) for at in positions}
    known = versions_of(device, list(starts.values()))
    ids = dict(zip(positions, reserve_ids(Reading, len(positions)), strict=True))
    _insert(device, file, lines, verdicts, ids, {at: known[start] for at, start in starts.items()})
    _end([pk for each in known.values() for pk in each.held])
    accepted = [ids[at] for at in positions if verdicts.status[at] == ACCEPTED]
    report = put_in_force(device=device, readings=accepted, known=known, now=now)
    audit.record(
        actor=file.uploaded_by or "registry",
        action="readings.corrected",
        subject=file,
        now=now,
        detail={
            "intervals": len(positions),
            "held": len(positions) - len(accepted),
            "taken_wh": dict(report.taken_wh),
            "owed_wh": report.owed_wh,
            "owed_no_longer_wh": report.lowered_wh,
        },
    )


def _insert(
    device: Device,
    file: MeterFile,
    lines: MeterLines,
    verdicts: Verdicts,
    ids: Mapping[int, int],
    known: Mapping[int, Versions],
) -> None:
    """A reading for each position of the file's lines, after what is `known` of its interval."""
    qualities = qualities_under(device.quality)
    length = timedelta(minutes=verdicts.length)
    starts = {at: EPOCH + timedelta(minutes=lines.minute[at]) for at in ids}
    names = ["id", "device", "starts_at", "ends_at", "version", "energy_wh", "remainder_uwh"]
    names += ["raw_value", "quality", "status", "hold_reason", "file", "line", "replaces"]
    rows = [
        (
            pk,
            device.pk,
            starts[at],
            starts[at] + length,
            known[at].last_version + 1,
            lines.wh[at],
            lines.remainder[at],
            lines.raw[at],
            qualities[lines.quality[at]],
            STATUS[int(verdicts.status[at])],
            verdicts.reasons.get(at, ""),
            file.pk,
            lines.line[at],
            _place_of(known[at]) if verdicts.status[at] == ACCEPTED else None,
        )
        for at, pk in ids.items()
    ]
    insert(Reading, names, rows)


def put_in_force(
    *,
    device: Device,
    readings: Sequence[int],
    known: dict[datetime, Versions],
    now: datetime,
) -> corrections.CorrectionReport:
    """Note what newly accepted versions change, and let certificates follow.

    `known` is what the registry had of their intervals before.
    """
    if not readings:
        return corrections.CorrectionReport()
    rows = []
    for begin in range(0, len(readings), LOOK_UP):
        chunk = Reading.objects.filter(pk__in=readings[begin : begin + LOOK_UP])
        for pk, at, end, wh, quality in chunk.order_by("pk").values_list(
            "pk", "starts_at", "ends_at", "energy_wh", "quality"
        ):
            minutes = (end - at) // timedelta(minutes=1)
            counted = wh if quality in ISSUING_QUALITIES else 0
            rows.append((pk, device.pk, at, minutes, known[at].counted_wh, counted, now))
    ids = reserve_ids(Correction, len(rows))
    names = ["id", "reading", "device", "starts_at", "length_minutes", "before_wh", "after_wh"]
    insert(
        Correction,
        [*names, "corrected_at"],
        [(pk, *row) for pk, row in zip(ids, rows, strict=True)],
    )
    made: list[Correction] = []
    for begin in range(0, len(ids), LOOK_UP):
        found = Correction.objects.select_related("reading")
        made += found.filter(pk__in=ids[begin : begin + LOOK_UP]).order_by("starts_at")
    return corrections.carry_out(device=device, corrections=made, now=now)


def versions_of(device: Device, starts: Sequence[datetime]) -> dict[datetime, Versions]:
    """What there is of the device's intervals that start at these instants."""
    found = {at: Versions() for at in starts}
    for chunk in chunks(sorted(found)):
        rows = Reading.objects.filter(device=device, starts_at__in=chunk).order_by("version")
        for pk, at, version, status, wh, quality, replaced_by in rows.values_list(*FIELDS):
            versions = found[at]
            versions.last_version = version
            if replaced_by is not None:
                continue
            versions.last_free = pk
            if status == Reading.Status.ACCEPTED:
                versions.in_force = pk
                versions.counted_wh = wh if quality in ISSUING_QUALITIES else 0
            elif status == Reading.Status.HELD:
                versions.held.append(pk)
    return found


def _place_of(versions: Versions) -> int | None:
    """Whose place a version takes: of the one in force, else of the latest statement."""
    return versions.in_force if versions.in_force is not None else versions.last_free


def _end(held: Sequence[int]) -> None:
    for begin in range(0, len(held), LOOK_UP):
        rows = Reading.objects.filter(pk__in=held[begin : begin + LOOK_UP])
        rows.update(status=Reading.Status.ENDED)
