"""A company's session files: what was taken of each, and what was not and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from certificates.models import Organisation
from charging.models import SessionFile, SessionRow

LATEST = 50
CHUNK_ROWS = 2_000
COUNTS = ("rows", "accepted", "held", "rejected", "duplicates", "skipped")
# What a spreadsheet takes for a formula is set behind an apostrophe.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file and its counts: rows = accepted + held + rejected + duplicates + skipped."""

    pk: int
    name: str
    profile: str
    status: str
    uploaded_at: datetime
    rows: int
    accepted: int
    held: int
    rejected: int
    duplicates: int
    skipped: int

    @property
    def has_problems(self) -> bool:
        """Whether there is something to correct."""
        return bool(self.held or self.rejected)


def latest_files(organisation: Organisation) -> list[FileSummary]:
    """The latest files of a company, the newest first."""
    files = SessionFile.objects.filter(organisation=organisation).order_by("-pk")[:LATEST]
    return [
        FileSummary(
            file.pk,
            file.name,
            file.profile,
            file.get_status_display(),
            file.uploaded_at,
            *(int(file.report.get(name, 0)) for name in COUNTS),
        )
        for file in files
    ]


def count_waiting(organisation: Organisation) -> tuple[int, int]:
    """Rows held and rejected, of all files."""
    rows = SessionRow.objects.filter(file__organisation=organisation)
    held, rejected = Q(status=SessionRow.Status.HELD), Q(status=SessionRow.Status.REJECTED)
    counts = rows.aggregate(held=Count("pk", filter=held), rejected=Count("pk", filter=rejected))
    return counts["held"], counts["rejected"]


def problem_lines(file: SessionFile) -> Iterator[list[str]]:
    """A table of held and rejected rows: each thing wrong on a line of its own."""
    yield ["line", "status", "field", "found", "reason", "text"]
    rows = SessionRow.objects.filter(
        file=file, status__in=(SessionRow.Status.HELD, SessionRow.Status.REJECTED)
    ).order_by("line")
    for line, status, reasons, raw in rows.values_list("line", "status", "reasons", "raw").iterator(
        chunk_size=CHUNK_ROWS
    ):
        for reason in reasons or [{}]:
            yield [str(line), status, *(_harmless(cell) for cell in (*_told(reason), raw))]


def _told(reason: dict[str, Any]) -> tuple[str, str, str]:
    return (
        str(reason.get("field", "")),
        str(reason.get("value", "")),
        str(reason.get("reason", "")),
    )


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
