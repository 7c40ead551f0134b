"""A list as a file: CSV, XLSX, JSON or NDJSON, sent while its rows are being read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ledger.domain import workbook
from ledger.domain.exporting import Row, csv_text, json_text, ndjson_text
from ledger.services.long_lists import in_turn, refuse_what_no_sheet_holds

XLSX = "xlsx"
MARK = "\ufeff"  # tells spreadsheets that a CSV file is UTF-8, or names come out garbled
Writer = Callable[[Sequence[str], Iterable[Row]], Iterator[str]]


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file of a list is, and its pieces; they are closed when nobody wants more."""

    content_type: str
    pieces: Iterator[str | bytes]


def _marked_csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield MARK
    yield from csv_text(columns, rows)


WRITERS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", _marked_csv),
    "json": ("application/json", json_text),
    "ndjson": ("application/x-ndjson", ndjson_text),
}
KINDS = ("csv", XLSX, "json", "ndjson")


def list_file(
    *,
    reader: str,
    title: str,
    kind: str,
    columns: Sequence[str],
    rows: Iterator[Row],
    counted: "QuerySet[Any, Any]",
) -> ListFile:
    """A file of some `kind` for somebody; `counted` are the rows as they are asked how many.

    Raises: ListsUnderWay, ExportRefused.
    """
    pieces: Iterator[str | bytes]
    if kind == XLSX:
        refuse_what_no_sheet_holds(counted)
        content_type = workbook.MEDIA_TYPE
        pieces = workbook.workbook(title, columns, rows)
    else:
        content_type, writer = WRITERS[kind]
        pieces = writer(columns, rows)
    return ListFile(content_type, in_turn(reader, counted, pieces))
