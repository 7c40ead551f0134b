"""Meter files become readings."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np
from django.db import transaction

from certificates.domain.device_states import check_generates
from certificates.domain.meter_lines import MeterLines, qualities_under
from certificates.domain.reading_rules import ACCEPTED, HELD, Verdicts
from certificates.errors import (
    CertificatesError,
    CertifiedElsewhere,
    ColumnsMissing,
    DeviceNotApproved,
    MeterFileRefused,
)
from certificates.models import Device, MeterFile, Reading, User
from certificates.queries.readings.known import remembered_selection
from certificates.services import stretches
from certificates.services.meters import import_progress
from certificates.services.meters import versions as reading_versions
from certificates.services.meters.examination import (
    Examined,
    examine,
    examine_stored,
    open_report,
    report_of,
    shared_reads,
)
from certificates.services.meters.identity import (
    REPEATS,
    check_not_overtaken,
    keep,
    known_file,
)
from certificates.services.meters.storing import StoredFile, opened, stored_while_used
from ledger.models.bulk import insert_columns

Progress = Callable[[int, int], None]
CHUNK = 20_000
MINUTES = "datetime64[m]"
STATUS = {ACCEPTED: Reading.Status.ACCEPTED.value, HELD: Reading.Status.HELD.value}


def preview(
    *, device: Device, stream: BinaryIO, selection: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What an import would do, with every bad line; keeps nothing.

    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    check_device(device)
    with stored_while_used(stream, is_used) as stored:
        meant = _meant(device, stored, selection)
        return report_of(examine_stored(device, stored, meant, now), kept=None)


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

    The same file, device and selection answer with the first one, unless its values were
    corrected since: then it is kept once more, as a correction. Without a selection the one of
    the device's last import of such a file is taken. What the file leaves open is
    asked in the report instead of refused.
    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    check_device(device)
    with stored_while_used(stream, is_used) as stored:
        known = known_file(device, stored, selection, now)
        if known:
            return known
        meant = _meant(device, stored, selection)
        known = known_file(device, stored, meant, now)
        if known:
            return known
        try:
            report = open_preview(device, stored, meant, now)
        except MeterFileRefused:
            if meant == selection:
                raise
            # What fitted the last file does not fit this one: ask anew.
            meant, report = selection, open_preview(device, stored, selection, now)
        return keep(
            device=device,
            stored=stored,
            selection=meant,
            status=MeterFile.Status.PREVIEWED,
            report=report,
            name=name[:200],
            uploaded_by=user,
            uploaded_at=now,
        )


def open_preview(
    device: Device, stored: StoredFile, selection: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """A report in which questions may be open. Raises: MeterFileRefused and its kinds."""
    try:
        return report_of(examine_stored(device, stored, selection, now, must_be_settled=False))
    except ColumnsMissing as error:
        if len(error.names) < 2:
            raise
        return open_report(error.names, str(error))


def import_file(
    *, file: MeterFile, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Store the readings of an uploaded file, all or none; again answers with the first report.

    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    (report,) = import_files(files=[file], now=now, progress=progress)
    return report


@transaction.atomic
def import_files(
    *, files: Sequence[MeterFile], now: datetime, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Store the readings of files in one transaction, one content read once for all.

    A file that is imported answers with its first report.
    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    # The locks let one import of a device look for known intervals and write at a time.
    wanted = {file.device_id for file in files}
    locked = Device.objects.select_for_update(of=["self"]).select_related("area")
    devices = {row.pk: row for row in locked.filter(pk__in=wanted).order_by("pk")}
    reports: dict[int, dict[str, Any]] = {}
    for sha256 in sorted({file.sha256 for file in files}):
        alike = [file for file in files if file.sha256 == sha256]
        stored = StoredFile(sha256, alike[0].stored_as, 0)
        for file in alike:
            file.refresh_from_db()
        waiting = [file for file in alike if file.status != MeterFile.Status.IMPORTED]
        reports |= {file.pk: dict(file.report) for file in alike if file not in waiting}
        if len(waiting) == 1:
            device = devices[waiting[0].device_id]
            check_device(device)
            examined = examine_stored(device, stored, waiting[0].selection, now)
            reports[waiting[0].pk] = _store(device, waiting[0], examined, now, progress)
        elif waiting:
            reports |= _import_shared(stored, waiting, devices, now, progress)
    return [reports[file.pk] for file in files]


def import_readings(
    *,
    device: Device,
    stream: BinaryIO,
    name: str,
    selection: Mapping[str, str],
    now: datetime,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Upload and import at once; the same file again answers with the first report.

    Where others corrected its values since, it is refused: nobody looks at it before.
    Raises: DeviceNotApproved, FileOvertaken, MeterFileRefused and its kinds.
    """
    check_device(device)
    # Committed before the file is let go.
    with stored_while_used(stream, is_used) as stored, transaction.atomic():
        for each in (selection, _meant(device, stored, selection)):
            check_not_overtaken(device, stored, each, now)
        return _import_stored(device, stored, name, selection, now, progress)


def import_again(
    *,
    device: Device,
    stream: BinaryIO,
    name: str,
    selection: Mapping[str, str],
    now: datetime,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The same, but values that others corrected since are corrected back to what it says.

    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    check_device(device)
    # Committed before the file is let go.
    with stored_while_used(stream, is_used) as stored, transaction.atomic():
        return _import_stored(device, stored, name, selection, now, progress)


def mark_failed(*, file: MeterFile, error: CertificatesError) -> None:
    """Say on the file why nothing of it was imported, unless it was imported meanwhile."""
    MeterFile.objects.filter(pk=file.pk).exclude(status=MeterFile.Status.IMPORTED).update(
        status=MeterFile.Status.FAILED,
        report={"error": {"code": error.code, "message": str(error)}},
    )


def check_device(device: Device) -> None:
    """Raises: CertifiedElsewhere, DeviceNotApproved."""
    if device.kind == Device.Kind.EXTERNAL:
        raise CertifiedElsewhere(
            f"{device.name} gets its certificates from another registry, so its meter files make "
            "none here. Bring those certificates in instead."
        )
    check_generates(device.name, device.kind)
    if device.status not in (Device.Status.APPROVED, Device.Status.SUSPENDED):
        raise DeviceNotApproved(
            f"{device.name} is {device.status}. Its meter data are read once it is approved."
        )


def is_used(stored: StoredFile) -> bool:
    """Whether a row refers to this content, whichever plant's it is."""
    return MeterFile.objects.filter(sha256=stored.sha256).exists()


def _meant(device: Device, stored: StoredFile, selection: Mapping[str, str]) -> Mapping[str, str]:
    """The selection given, else the one remembered for such files of the device."""
    if selection:
        return selection
    with opened(stored.path) as stream:
        return remembered_selection(device, stream)


def _import_stored(
    device: Device,
    stored: StoredFile,
    name: str,
    selection: Mapping[str, str],
    now: datetime,
    progress: Progress | None,
) -> dict[str, Any]:
    file = known_file(device, stored, selection, now)
    if file is None:
        meant = _meant(device, stored, selection)
        file = known_file(device, stored, meant, now) or keep(
            device=device,
            stored=stored,
            selection=meant,
            status=MeterFile.Status.IMPORTING,
            name=name[:200],
            uploaded_at=now,
        )
    return import_file(file=file, now=now, progress=progress)


def _import_shared(
    stored: StoredFile,
    files: Sequence[MeterFile],
    devices: Mapping[int, Device],
    now: datetime,
    progress: Progress | None,
) -> dict[int, dict[str, Any]]:
    reports: dict[int, dict[str, Any]] = {}
    before, total = 0, sum(_kept(file.report) for file in files)
    with (
        shared_reads(stored, devices[files[0].device_id]) as reads,
        import_progress.shown(import_progress.TOGETHER, files[0].pk, progress) as show,
    ):
        for file in files:
            device = devices[file.device_id]
            check_device(device)
            read = reads.read(file.selection)
            examined = examine(device=device, read=read, now=now, must_be_settled=True)
            part = import_progress.part(show, before, total)
            reports[file.pk] = _store(device, file, examined, now, part)
            before += _kept(reports[file.pk])
    return reports


def _kept(report: Mapping[str, Any]) -> int:
    """How many readings a report says are written."""
    return int(report.get("accepted", 0)) + int(report.get("held", 0))


def _store(
    device: Device,
    file: MeterFile,
    examined: Examined,
    now: datetime,
    progress: Progress | None,
) -> dict[str, Any]:
    if examined.verdicts:
        lines, verdicts = examined.lines, examined.verdicts
        _touch(device, lines, verdicts)
        with import_progress.shown(import_progress.METER, file.pk, progress) as show:
            _insert(device, file, lines, verdicts, show)
        reading_versions.store(device=device, file=file, lines=lines, verdicts=verdicts, now=now)
    repeats = {name: file.report[name] for name in (REPEATS,) if name in file.report}
    file.report = report_of(examined) | repeats
    file.status, file.rows_done = MeterFile.Status.IMPORTED, file.report["rows"]
    file.save(update_fields=["report", "status", "rows_done"])
    return dict(file.report)


def _touch(device: Device, lines: MeterLines, verdicts: Verdicts) -> None:
    kept = (verdicts.status == ACCEPTED) | (verdicts.status == HELD)
    stretches.touch_readings(device=device, minutes=np.array(lines.minute, np.int64)[kept])


def _insert(
    device: Device,
    file: MeterFile,
    lines: MeterLines,
    verdicts: Verdicts,
    progress: Progress,
) -> None:
    kept = (verdicts.status == ACCEPTED) | (verdicts.status == HELD)
    positions = np.flatnonzero(kept & ~verdicts.corrects)
    starts = np.array(lines.minute, dtype=np.int64)
    qualities = qualities_under(device.quality)
    for begin in range(0, len(positions), CHUNK):
        chunk = positions[begin : begin + CHUNK]
        places = chunk.tolist()
        columns = {
            "device": device.pk,
            "starts_at": starts[chunk].astype(MINUTES),
            "ends_at": (starts[chunk] + verdicts.length).astype(MINUTES),
            "version": 1,
            "energy_wh": [lines.wh[at] for at in places],
            "remainder_uwh": [lines.remainder[at] for at in places],
            "raw_value": [lines.raw[at] for at in places],
            "quality": [qualities[lines.quality[at]] for at in places],
            "status": [STATUS[status] for status in verdicts.status[chunk].tolist()],
            "hold_reason": [verdicts.reasons.get(at, "") for at in places],
            "file": file.pk,
            "line": [lines.line[at] for at in places],
        }
        insert_columns(Reading, columns, len(places))
        progress(begin + len(chunk), len(positions))
