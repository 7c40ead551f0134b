"""What a company's files came to, as it stands now."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from certificates.models import Organisation
from charging.models import ChargeFinding, Session, SessionDraft, SessionFile, SessionRow

FILES_SHOWN = 50
Status = SessionRow.Status


@dataclass(frozen=True, slots=True)
class FileCounts:
    """Rows of one file: rows = accepted + held + rejected + duplicates + skipped.

    What was held and then repaired counts as accepted, what was left out as rejected.
    """

    file: SessionFile
    rows: int
    accepted: int
    held: int
    rejected: int
    duplicates: int
    skipped: int


def counts_of(organisation: Organisation) -> list[FileCounts]:
    """The newest files and their rows."""
    files = SessionFile.objects.filter(organisation=organisation).annotate(
        held=Count("rows", filter=Q(rows__status=Status.HELD)),
        rejected=Count("rows", filter=Q(rows__status=Status.REJECTED)),
        repaired=Count("rows", filter=Q(rows__status=Status.REPAIRED)),
    )
    return [
        FileCounts(
            file=file,
            rows=file.report.get("rows", 0),
            accepted=file.report.get("accepted", 0) + file.repaired,
            held=file.held,
            rejected=file.rejected,
            duplicates=file.report.get("duplicates", 0),
            skipped=file.report.get("skipped", 0),
        )
        for file in files.order_by("-pk")[:FILES_SHOWN]
    ]


def drafts_of(organisation: Organisation) -> QuerySet[SessionDraft]:
    """Uploads that wait for a yes, are on their way, or failed; the newest first."""
    open_ones = SessionDraft.objects.exclude(status=SessionDraft.Status.IMPORTED)
    return open_ones.filter(organisation=organisation).defer("body").order_by("-pk")


def count_held_rows(organisation: Organisation) -> int:
    """How many rows of all the company's files wait for a decision."""
    held = SessionRow.objects.filter(file__organisation=organisation, status=Status.HELD)
    return held.count()


def rows_of(
    organisation: Organisation, status: str, file: SessionFile | None = None
) -> QuerySet[SessionRow]:
    """The company's rows in one state, by file (the newest first) and line."""
    rows = SessionRow.objects.filter(file__organisation=organisation, status=status)
    if file is not None:
        rows = rows.filter(file=file)
    return rows.select_related("file", "session", "decided_by").order_by("-file", "line")


def sessions_of(organisation: Organisation, file: SessionFile | None = None) -> QuerySet[Session]:
    """The company's standing charges, the newest start first."""
    mine = Session.objects.filter(claimant=organisation, voided_at__isnull=True)
    if file is not None:
        mine = mine.filter(file=file)
    return mine.select_related("evse__location", "area").order_by("-started_at", "-pk")


def findings_of(organisation: Organisation | None, code: str = "") -> QuerySet[ChargeFinding]:
    """Open findings of a company's standing charges, of everybody's without one."""
    rows = ChargeFinding.objects.filter(settled_at__isnull=True, session__voided_at__isnull=True)
    if organisation is not None:
        rows = rows.filter(session__claimant=organisation)
    if code:
        rows = rows.filter(code=code)
    return rows.select_related("session__evse", "session__claimant").order_by("-pk")


def findings_of_charge(session: Session) -> QuerySet[ChargeFinding]:
    """Everything that was ever found of one charge, what still stands first."""
    return session.findings.order_by(F("settled_at").desc(nulls_first=True), "pk")
