"""Meter files become readings."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np
from django.db import transaction

from certificates.domain.meter_csv import MeterLines, parse
from certificates.domain.meter_diff import diff_of
from certificates.domain.meter_values import minute_of
from certificates.domain.reading_rules import (
    ACCEPTED,
    DUPLICATE,
    HELD,
    REJECTED,
    Judge,
    Verdicts,
    infer_length,
)
from certificates.errors import CertificatesError, DeviceNotApproved
from certificates.models import Device, MeterFile, Reading, User
from certificates.queries.readings import known_readings, plant_of, usual_length
from certificates.services import reading_versions
from certificates.services.meter_storage import StoredFile, opened, store
from ledger.models.bulk import insert, instants

Progress = Callable[[int, int], None]
CHUNK = 20_000
ERRORS_KEPT = 10_000  # lines listed in a report that is kept; the rest are counted
STATUS = {ACCEPTED: Reading.Status.ACCEPTED.value, HELD: Reading.Status.HELD.value}


def preview(
    *, device: Device, stream: BinaryIO, selection: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What an import would do, with every bad line; keeps nothing.

    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    _check_device(device)
    stored = store(stream)
    with _dropping_unused(stored):
        return _report(*_examine(device, stored, selection, now), kept=None)


def upload(
    *,
    device: Device,
    stream: BinaryIO,
    name: str,
    selection: Mapping[str, str],
    now: datetime,
    user: User | None = None,
) -> MeterFile:
    """Keep a file and what its import would do, for a person to confirm.

    The same file, device and selection answer with the first one.
    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    _check_device(device)
    stored = store(stream)
    with _dropping_unused(stored):
        known = MeterFile.objects.filter(key=_key(device, stored, selection)).first()
        if known and known.status != MeterFile.Status.FAILED:
            return known
        lines, verdicts = _examine(device, stored, selection, now)
        return _keep(
            device=device,
            stored=stored,
            selection=selection,
            status=MeterFile.Status.PREVIEWED,
            report=_report(lines, verdicts),
            name=name[:200],
            uploaded_by=user,
            uploaded_at=now,
        )


@transaction.atomic
def import_file(
    *, file: MeterFile, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Store the readings of an uploaded file, all or none; again answers with the first report.

    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    # The lock lets one import of a device look for known intervals and write at a time.
    device = Device.objects.select_for_update().get(pk=file.device_id)
    file.refresh_from_db()
    if file.status == MeterFile.Status.IMPORTED:
        return dict(file.report)
    _check_device(device)
    lines, verdicts = _examine(
        device, StoredFile(file.sha256, file.stored_as, 0), file.selection, now
    )
    if verdicts:
        _insert(device, file, lines, verdicts, progress)
        reading_versions.store(device=device, file=file, lines=lines, verdicts=verdicts, now=now)
    file.report = _report(lines, verdicts)
    file.status, file.rows_done = MeterFile.Status.IMPORTED, lines.rows
    file.save(update_fields=["report", "status", "rows_done"])
    return dict(file.report)


def import_readings(
    *,
    device: Device,
    stream: BinaryIO,
    name: str,
    selection: Mapping[str, str],
    now: datetime,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Upload and import at once. Raises: DeviceNotApproved, MeterFileRefused and its kinds."""
    _check_device(device)
    stored = store(stream)
    with _dropping_unused(stored), transaction.atomic():
        file = MeterFile.objects.filter(key=_key(device, stored, selection)).first()
        if file is None or file.status == MeterFile.Status.FAILED:
            file = _keep(
                device=device,
                stored=stored,
                selection=selection,
                status=MeterFile.Status.IMPORTING,
                name=name[:200],
                uploaded_at=now,
            )
        return import_file(file=file, now=now, progress=progress)


def mark_failed(*, file: MeterFile, error: CertificatesError) -> None:
    """Say on the file why nothing of it was imported, unless it was imported meanwhile."""
    MeterFile.objects.filter(pk=file.pk).exclude(status=MeterFile.Status.IMPORTED).update(
        status=MeterFile.Status.FAILED,
        report={"error": {"code": error.code, "message": str(error)}},
    )


def _check_device(device: Device) -> None:
    if device.status not in (Device.Status.APPROVED, Device.Status.SUSPENDED):
        raise DeviceNotApproved(
            f"{device.name} is {device.status}. Its meter data are read once it is approved."
        )


@contextmanager
def _dropping_unused(stored: StoredFile) -> Iterator[None]:
    """Take the stored content away again where no row came to refer to it."""
    try:
        yield
    finally:
        if not MeterFile.objects.filter(sha256=stored.sha256).exists():
            stored.path.unlink(missing_ok=True)


def _keep(
    *, device: Device, stored: StoredFile, selection: Mapping[str, str], **facts: Any
) -> MeterFile:
    file, _ = MeterFile.objects.update_or_create(
        key=_key(device, stored, selection),
        defaults={
            "device": device,
            "sha256": stored.sha256,
            "stored_as": stored.stored_as,
            "selection": dict(selection),
            **facts,
        },
    )
    return file


def _key(device: Device, stored: StoredFile, selection: Mapping[str, str]) -> str:
    chosen = "&".join(f"{name}={value}" for name, value in sorted(selection.items()))
    if len(chosen) > 100:
        chosen = hashlib.sha256(chosen.encode()).hexdigest()
    return f"import:{stored.sha256}:{device.gsrn}:{chosen}"


def _examine(
    device: Device, stored: StoredFile, selection: Mapping[str, str], now: datetime
) -> tuple[MeterLines, Verdicts | None]:
    with opened(stored.path) as stream:
        lines = parse(stream, selection)
    if not lines.raw:
        return lines, None
    minutes = np.array(lines.minute, dtype=np.int64)
    length = infer_length(minutes, usual_length(device))
    known = known_readings(device, int(minutes.min()), int(minutes.max()) + length)
    verdicts = Judge(lines, length).judge(
        capacity_w=device.capacity_w,
        now_minute=minute_of(now),
        known=known,
        plant=plant_of(device, now),
    )
    return lines, verdicts


def _insert(
    device: Device,
    file: MeterFile,
    lines: MeterLines,
    verdicts: Verdicts,
    progress: Progress | None,
) -> None:
    kept = (verdicts.status == ACCEPTED) | (verdicts.status == HELD)
    positions = np.flatnonzero(kept & ~verdicts.corrects)
    starts = np.array(lines.minute, dtype=np.int64)
    names = ["device", "starts_at", "ends_at", "version", "energy_wh", "remainder_uwh"]
    names += ["raw_value", "quality", "status", "hold_reason", "file", "line"]
    for begin in range(0, len(positions), CHUNK):
        chunk = positions[begin : begin + CHUNK]
        begins = instants(starts[chunk])
        ends = instants(starts[chunk] + verdicts.length)
        rows = [
            (
                device.pk,
                starts_at,
                ends_at,
                1,
                lines.wh[at],
                lines.remainder[at],
                lines.raw[at],
                device.quality,
                STATUS[status],
                verdicts.reasons.get(at, ""),
                file.pk,
                lines.line[at],
            )
            for at, status, starts_at, ends_at in zip(
                chunk.tolist(), verdicts.status[chunk].tolist(), begins, ends, strict=True
            )
        ]
        insert(Reading, names, rows)
        if progress:
            progress(begin + len(chunk), len(positions))


def _report(
    lines: MeterLines, verdicts: Verdicts | None, kept: int | None = ERRORS_KEPT
) -> dict[str, Any]:
    problems = [*lines.problems, *(verdicts.problems if verdicts else [])]
    problems.sort(key=lambda problem: problem.line)
    report: dict[str, Any] = {
        "rows": lines.rows,
        "accepted": 0,
        "held": 0,
        "rejected": len(lines.problems),
        "duplicates": 0,
        "skipped": lines.filtered + lines.unobserved,
        "filtered": lines.filtered,
        "unobserved": lines.unobserved,
        "same": 0,
        **diff_of(None, None),
        "negative": 0,
        "energy_wh": 0,
        "interval_minutes": None,
        "errors": [problem.as_dict() for problem in problems[:kept]],
        "errors_omitted": len(problems) - len(problems[:kept]),
    }
    if verdicts:
        wh = np.array(lines.wh, dtype=np.int64)[verdicts.status == ACCEPTED]
        report |= {
            "accepted": len(wh),
            "held": len(verdicts.positions(HELD)),
            "rejected": len(lines.problems) + len(verdicts.positions(REJECTED)),
            "duplicates": len(verdicts.positions(DUPLICATE)),
            "same": verdicts.same,
            **diff_of(lines, verdicts),
            "negative": int(np.count_nonzero(wh < 0)),
            "energy_wh": int(wh.sum()),
            "interval_minutes": verdicts.length,
        }
    return report
