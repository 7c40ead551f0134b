"""Rows for other programs: CSV, JSON and NDJSON, one at a time."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

Value = str | int | bool | datetime | date | None
Row = Sequence[Value]
# A spreadsheet takes a text that begins so for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(value: Value) -> str | int | bool | None:
    """A value as JSON has it: instants in UTC with Z, days as ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def cell(value: Value) -> str | int | bool:
    """A value for a spreadsheet: no text is ever taken for a formula, nothing is empty text."""
    told = plain(value)
    if told is None:
        return ""
    if isinstance(told, str) and told.startswith(FORMULA):
        return f"'{told}"
    return told


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A header and a line for each row (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in _with_head(columns, rows):
        writer.writerow(row)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def ndjson_text(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """An object on each line."""
    for row in rows:
        yield _object(columns, row) + "\n"


def json_text(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """One array of objects."""
    before = "["
    for row in rows:
        yield f"{before}\n{_object(columns, row)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _with_head(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Sequence[object]]:
    yield columns
    for row in rows:
        yield [cell(value) for value in row]


def _object(columns: Sequence[str], row: Row) -> str:
    facts = {name: plain(value) for name, value in zip(columns, row, strict=True)}
    return json.dumps(facts, ensure_ascii=False)
