"""A file that a person uploads: kept sealed, shown as it would be read, imported on their yes.

The import itself is the worker's; the draft says how far it is, and what came of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from certificates.models import Organisation, User
from charging.domain.session_file import header_of, read_all, read_rows, said_of_encoding
from charging.errors import ChargingError, DecisionRefused, TooManyFiles
from charging.models import SessionDraft, SessionFile
from charging.models.sealing import seal, unseal
from charging.queries.company.layouts import layout_for
from charging.services.sessions.importing import Upload, foresee_import, import_sessions
from charging.services.sessions.options import (
    Options,
    check_options,
    file_key,
    options_from,
    options_json,
)
from charging.services.sessions.report import ImportReport
from charging.services.sessions.row_judging import Progress
from ledger.services import audit

KEPT = timedelta(days=1)
OVERDUE = timedelta(minutes=10)  # an import this old without a result may have lost its task
OPEN = (SessionDraft.Status.WAITING, SessionDraft.Status.FAILED)
OUR_FAULT = (
    "Something went wrong on our side. Nothing of the file was counted. Try again; if it stays "
    "so, tell the registry the name of the file and the time."
)
MOST_ROWS = 50_000  # that a person can wait for; what the others come to is told once imported
MOST_WAITING = 20  # files of one company on their way to the worker
MOST = 5  # drafts of one company at a time; the oldest makes room


@dataclass(frozen=True, slots=True)
class Understood:
    """How a draft would be read: its columns, and the report; or why it cannot be read so.

    `said` is what a person should know of how its text was read.
    """

    columns: tuple[str, ...]
    report: ImportReport | None
    refusal: str = ""
    said: str = ""


@transaction.atomic
def upload(
    *, organisation: Organisation, user: User, file: Any, area: str, now: datetime
) -> SessionDraft:
    """Keep an uploaded file for its preview. Raises: FileTooLarge, UnreadableFile."""
    data = read_all(file)
    header = header_of(data)
    drop_old(now=now)
    mine = SessionDraft.objects.filter(organisation=organisation, status__in=OPEN).order_by("-pk")
    oldest = list(mine.values_list("pk", flat=True)[MOST - 1 :])
    SessionDraft.objects.filter(pk__in=oldest, status__in=OPEN).delete()
    return SessionDraft.objects.create(
        organisation=organisation,
        name=file.name[:200],
        body=seal(data),
        options={**layout_for(organisation, header.names), "area": area},
        uploaded_by=user,
        uploaded_at=now,
    )


@transaction.atomic
def receive(
    *, organisation: Organisation, upload: Upload, options: Options, now: datetime
) -> SessionDraft:
    """Take a file that needs no preview for its import in the queue; call that after this.

    What speaks against the whole of it is said at once. Raises: as `import_sessions`, and
    TooManyFiles.
    """
    profile = check_options(organisation, options)
    next(read_rows(upload.data, profile))
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    drop_old(now=now)
    waiting = SessionDraft.objects.filter(
        organisation=organisation, status=SessionDraft.Status.IMPORTING
    )
    if waiting.count() >= MOST_WAITING:
        raise TooManyFiles(
            f"{MOST_WAITING} files of yours wait to be imported. Send the next one when some "
            "of them are done."
        )
    draft = SessionDraft.objects.create(
        organisation=organisation,
        name=upload.name[:200],
        body=seal(upload.data),
        options=options_json(options),
        uploaded_by=upload.user,
        sent_by=upload.sent_by[:100],
        uploaded_at=now,
        status=SessionDraft.Status.IMPORTING,
    )
    audit.record(actor=upload.sent_by, action="session_draft.received", subject=draft, now=now)
    return draft


def drop_old(*, now: datetime) -> None:
    """Uploads are kept for a day; one that is on its way stays until it has arrived."""
    idle = SessionDraft.objects.exclude(status=SessionDraft.Status.IMPORTING)
    idle.filter(uploaded_at__lt=now - KEPT).delete()


@transaction.atomic
def choose(*, organisation: Organisation, draft_id: int, options: dict[str, Any]) -> None:
    """How the draft is to be read from now on.

    Raises: DecisionRefused for a draft that is gone, or on its way already.
    """
    draft = _locked(organisation, draft_id)
    if draft.status not in OPEN:
        raise DecisionRefused("The file is on its way already and cannot be read otherwise.")
    draft.options, draft.status, draft.failure = options, SessionDraft.Status.WAITING, ""
    draft.save(update_fields=["options", "status", "failure"])


def understand(*, draft: SessionDraft, now: datetime) -> Understood:
    """Read a draft, or its first rows, as its options say; nothing is written."""
    data = unseal(draft.body)
    columns, said = header_of(data).names, said_of_encoding(data)
    try:
        report = foresee_import(
            organisation=draft.organisation,
            upload=Upload(draft.name, data),
            options=options_from(draft.options),
            now=now,
            most_rows=MOST_ROWS,
        )
    except ChargingError as error:
        return Understood(columns, None, str(error), said)
    return Understood(columns, report, said=said)


@transaction.atomic
def confirm(*, organisation: Organisation, draft_id: int, user: User, now: datetime) -> bool:
    """Release a draft for its import in the queue; False where that was done before.

    One that failed may be released again. Raises: DecisionRefused for a draft that is gone.
    """
    draft = _locked(organisation, draft_id)
    if draft.status not in OPEN:
        return False
    draft.status, draft.failure, draft.rows_done = SessionDraft.Status.IMPORTING, "", 0
    draft.save(update_fields=["status", "failure", "rows_done"])
    audit.record(actor=user, action="session_draft.confirmed", subject=draft, now=now)
    return True


def import_draft(*, draft_id: int, now: datetime) -> None:
    """Import what was released; what refuses the whole file stays on the draft as its failure.

    Safe to run twice, and at once: the file is imported once. `rows_done` is written as it goes.
    """
    draft = SessionDraft.objects.filter(pk=draft_id, status=SessionDraft.Status.IMPORTING).first()
    if draft is None:
        return
    waiting = SessionDraft.objects.filter(pk=draft_id, status=SessionDraft.Status.IMPORTING)

    def show(done: int, rows: int) -> None:
        waiting.update(rows_done=done, rows=rows)

    try:
        file = _import(draft, now, show)
    except ChargingError as error:
        waiting.update(status=SessionDraft.Status.FAILED, failure=str(error))
    except OperationalError:
        raise  # the database was busy or gone: the sweep asks again
    except Exception:
        waiting.update(status=SessionDraft.Status.FAILED, failure=OUR_FAULT)
        raise
    else:
        # The rows are kept where they belong by now; the text goes.
        waiting.update(status=SessionDraft.Status.IMPORTED, file=file, body=b"")


def _import(draft: SessionDraft, now: datetime, progress: Progress) -> SessionFile:
    data, options = unseal(draft.body), options_from(draft.options)
    import_sessions(
        organisation=draft.organisation,
        upload=Upload(draft.name, data, draft.uploaded_by, draft.sent_by or "command"),
        options=options,
        now=now,
        progress=progress,
    )
    return SessionFile.objects.get(key=file_key(data, draft.organisation, options))


def unfinished(now: datetime) -> list[int]:
    """Drafts released so long ago that their task may be lost."""
    overdue = SessionDraft.objects.filter(
        status=SessionDraft.Status.IMPORTING, uploaded_at__lt=now - OVERDUE
    )
    return list(overdue.order_by("pk").values_list("pk", flat=True))


def _locked(organisation: Organisation, draft_id: int) -> SessionDraft:
    drafts = SessionDraft.objects.select_for_update().filter(organisation=organisation)
    draft = drafts.filter(pk=draft_id).first()
    if draft is None:
        raise DecisionRefused("This upload has expired. Upload the file again.")
    return draft
