"""Sessions from files: every row accepted, held, rejected, a duplicate or skipped."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Organisation, User
from charging.domain.profiles import Profile
from charging.domain.session_file import header_of
from charging.domain.session_rows import Verdict
from charging.models import SessionFile
from charging.services.session_options import Options, check_options, file_key, options_json
from charging.services.session_reader import DUPLICATE, Judged, Progress, Reader, judge_rows
from charging.services.session_records import declare_final, write_file
from ledger.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and the person who sent it, or the name of what did."""

    name: str
    data: bytes
    user: User | None = None
    sent_by: str = "command"


@dataclass(frozen=True, slots=True)
class LineError:
    """One thing wrong with one field of one line."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every row: rows = accepted + held + rejected + duplicates + skipped."""

    rows: int
    accepted: int
    held: int
    rejected: int
    duplicates: int
    skipped: int
    errors: tuple[LineError, ...]
    repeated: bool = field(default=False, compare=False)
    partial: bool = field(default=False, compare=False)  # of the file's first rows alone

    def as_json(self) -> dict[str, Any]:
        """The report as it is kept and printed."""
        content = asdict(self)
        del content["repeated"], content["partial"]
        content["errors"] = [asdict(error) for error in self.errors]
        return content


def import_sessions(
    *,
    organisation: Organisation,
    upload: Upload,
    options: Options,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take a file of sessions in one transaction; the same file and options twice is one.

    A dry run reports the same and writes nothing. Rows are read before the transaction opens,
    so that `progress` may write where others can see it.
    Raises: NotAChargingCompany, UnknownProfile, InvalidMapping, UnknownArea, InvalidPeriod,
    UnreadableFile, FileTooLarge, MissingColumns.
    """
    if dry_run:
        return foresee_import(organisation=organisation, upload=upload, options=options, now=now)
    profile = check_options(organisation, options)
    key = file_key(upload.data, organisation, options)
    imported = SessionFile.objects.filter(key=key, status=SessionFile.Status.IMPORTED)
    if earlier := imported.first():
        return report_of(earlier)
    judged = judge_rows(upload.data, profile, options, organisation, progress)
    with transaction.atomic():
        reader = _locked_reader(organisation, profile, options, now)
        if earlier := imported.first():
            return report_of(earlier)
        report = _weighed(reader, judged)
        file = SessionFile.objects.create(
            key=key,
            organisation=organisation,
            sha256=hashlib.sha256(upload.data).hexdigest(),
            name=upload.name[:200],
            profile=profile.name,
            options=options_json(options) | _header_json(upload.data),
            status=SessionFile.Status.IMPORTED,
            report=report.as_json(),
            uploaded_by=upload.user,
            uploaded_at=now,
        )
        _write(file, reader, options, now)
        _record(file, report, upload, now)
    return report


def _header_json(data: bytes) -> dict[str, Any]:
    """The file's header as it is kept, so that rows can be given back in their own layout."""
    header = header_of(data)
    return {"columns": list(header.names), "delimiter": header.delimiter}


def _write(file: SessionFile, reader: Reader, options: Options, now: datetime) -> None:
    write_file(file=file, accepted=reader.accepted, kept=reader.kept, final=options.final, now=now)
    if options.final:
        declare_final(operator=file.organisation, uids=reader.repeated)


def foresee_import(
    *,
    organisation: Organisation,
    upload: Upload,
    options: Options,
    now: datetime,
    most_rows: int | None = None,
) -> ImportReport:
    """What an import would report, of a file's first `most_rows` rows or of all; nothing is kept.

    Raises: as `import_sessions`.
    """
    profile = check_options(organisation, options)
    key = file_key(upload.data, organisation, options)
    earlier = SessionFile.objects.filter(key=key, status=SessionFile.Status.IMPORTED).first()
    if earlier:
        return report_of(earlier)
    most = None if most_rows is None else most_rows + 1
    judged = judge_rows(upload.data, profile, options, organisation, most=most)
    is_partial = most is not None and len(judged) == most
    with transaction.atomic():
        reader = _locked_reader(organisation, profile, options, now)
        report = _weighed(reader, judged[:most_rows])
        transaction.set_rollback(True)
    return replace(report, partial=is_partial)


def _locked_reader(
    organisation: Organisation, profile: Profile, options: Options, now: datetime
) -> Reader:
    """One import of a company at a time: whoever comes second sees what the first wrote."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    return Reader(organisation, profile, options, now)


def _weighed(reader: Reader, judged: Sequence[Judged]) -> ImportReport:
    reader.used.load(row.proof for row in judged)
    for row in judged:
        reader.take(row)
    reader.finish()
    return _report(reader)


def report_of(file: SessionFile) -> ImportReport:
    """The report that was given when this file first came."""
    content = dict(file.report)
    errors = tuple(LineError(**error) for error in content.pop("errors"))
    return ImportReport(**content, errors=errors, repeated=True)


def _report(reader: Reader) -> ImportReport:
    counts = reader.counts
    return ImportReport(
        rows=counts["rows"],
        accepted=counts[Verdict.ACCEPTED],
        held=counts[Verdict.HELD],
        rejected=counts[Verdict.REJECTED],
        duplicates=counts[DUPLICATE],
        skipped=counts[Verdict.SKIPPED],
        errors=tuple(
            LineError(row.line, reason["field"], reason["value"], reason["reason"])
            for row in reader.kept
            for reason in row.reasons
        ),
    )


def _record(file: SessionFile, report: ImportReport, upload: Upload, now: datetime) -> None:
    user = upload.user
    counts = {name: value for name, value in report.as_json().items() if name != "errors"}
    AuditEvent.objects.create(
        at=now,
        actor=str(user) if user else upload.sent_by,
        actor_id=str(user.pk) if user else "",
        action="sessions.import",
        subject=file.key,
        detail={"file": file.name, "organisation": file.organisation.slug, **counts},
    )
