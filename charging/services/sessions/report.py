"""What became of a file's rows: counted, and every bad one named."""

from dataclasses import asdict, dataclass, field
from typing import Any

from charging.domain.session_rows import Verdict
from charging.models import SessionFile
from charging.services.sessions.row_weighing import DUPLICATE, RowWeighing


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


def report_of(file: SessionFile) -> ImportReport:
    """The report that was given when this file first came."""
    content = dict(file.report)
    errors = tuple(LineError(**error) for error in content.pop("errors"))
    return ImportReport(**content, errors=errors, repeated=True)


def report_on(weighing: RowWeighing) -> ImportReport:
    """What a file's rows came to."""
    counts = weighing.counts
    return ImportReport(
        rows=counts["rows"],
        accepted=counts[Verdict.ACCEPTED],
        held=counts[Verdict.HELD],
        rejected=counts[Verdict.REJECTED],
        duplicates=counts[DUPLICATE],
        skipped=counts[Verdict.SKIPPED],
        errors=tuple(
            LineError(row.line, reason["field"], reason["value"], reason["reason"])
            for row in weighing.kept
            for reason in row.reasons
        ),
    )
