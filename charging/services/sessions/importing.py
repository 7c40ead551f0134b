"""Sessions from files: every row accepted, held, rejected, a duplicate or skipped."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from certificates.models import Organisation, User
from charging.domain.profiles import Profile
from charging.domain.session_file import header_of
from charging.models import SessionFile
from charging.services.sessions.options import Options, check_options, file_key, options_json
from charging.services.sessions.records import declare_final, write_file
from charging.services.sessions.report import ImportReport, report_of, report_on
from charging.services.sessions.row_judging import Judged, Progress, judge_rows
from charging.services.sessions.row_weighing import RowWeighing
from ledger.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and the person who sent it, or the name of what did."""

    name: str
    data: bytes
    user: User | None = None
    sent_by: str = "command"


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
        weighing = _locked(organisation, profile, options, now)
        if earlier := imported.first():
            return report_of(earlier)
        report = _weighed(weighing, judged)
        file = _create_file(key, organisation, upload, options, report, now)
        write_file(
            file=file, accepted=weighing.accepted, kept=weighing.kept, final=options.final, now=now
        )
        if options.final:
            declare_final(operator=organisation, uids=weighing.repeated)
        _record(file, report, upload, now)
    return report


def _create_file(
    key: str,
    organisation: Organisation,
    upload: Upload,
    options: Options,
    report: ImportReport,
    now: datetime,
) -> SessionFile:
    # The header is kept so that rows can be given back in their own layout.
    header = header_of(upload.data)
    layout = {"columns": list(header.names), "delimiter": header.delimiter}
    return SessionFile.objects.create(
        key=key,
        organisation=organisation,
        sha256=hashlib.sha256(upload.data).hexdigest(),
        name=upload.name[:200],
        profile=options.profile,
        options=options_json(options) | layout,
        status=SessionFile.Status.IMPORTED,
        report=report.as_json(),
        uploaded_by=upload.user,
        uploaded_at=now,
    )


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
        weighing = _locked(organisation, profile, options, now)
        report = _weighed(weighing, judged[:most_rows])
        transaction.set_rollback(True)
    return replace(report, partial=is_partial)


def _locked(
    organisation: Organisation, profile: Profile, options: Options, now: datetime
) -> RowWeighing:
    """One import of a company at a time: whoever comes second sees what the first wrote."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    return RowWeighing(organisation, profile, options, now)


def _weighed(weighing: RowWeighing, judged: Sequence[Judged]) -> ImportReport:
    weighing.used.load(row.proof for row in judged)
    for row in judged:
        weighing.take(row)
    weighing.finish()
    return report_on(weighing)


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
