"""Rows for other programs: CSV, JSON and NDJSON, some at a time."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import TypeVar

Value = str | int | bool | Decimal | datetime | date | None
Row = Sequence[Value]
One = TypeVar("One")
# A spreadsheet takes a text that begins so for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
AT_ONCE = 500  # rows sent together
CUT_SHORT = "This list is cut short: the registry failed on its way. Ask for it again."


def plain(value: Value) -> str | int | bool | None:
    """A value as JSON has it: instants in UTC with Z, days as ISO 8601, decimals as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def cell(value: Value) -> str | int | bool:
    """A value for a spreadsheet: no text is ever taken for a formula, nothing is empty text."""
    told = plain(value)
    if told is None:
        return ""
    return harmless(value) if isinstance(value, str) else told


def harmless(text: str, *, numbers: bool = False) -> str:
    """Text that no spreadsheet takes for a formula: behind an apostrophe where it would be.

    With `numbers` a plain number stays one: for cells that are sent back as they were read.
    """
    is_kept = numbers and NUMBER.fullmatch(text)
    return f"'{text}" if text.startswith(FORMULA) and not is_kept else text


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A header and a line for each row (RFC 4180)."""

    def lines() -> Iterator[str]:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(columns)
        for some in batches(rows, AT_ONCE):
            writer.writerows([cell(value) for value in row] for row in some)
            yield text.getvalue()
            text.seek(0)
            text.truncate()
        yield text.getvalue()

    return with_ending(lines(), f"{CUT_SHORT}\r\n")


def ndjson_text(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """An object on each line."""
    lines = (
        "".join(f"{_object(columns, row)}\n" for row in some) for some in batches(rows, AT_ONCE)
    )
    return with_ending(lines, cut_short_line())


def json_text(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """One array of objects; one that is cut short has no end, and is no JSON."""
    before = "["
    for some in batches(rows, AT_ONCE):
        objects = ",\n".join(_object(columns, row) for row in some)
        yield f"{before}\n{objects}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def batches(rows: Iterable[One], count: int) -> Iterator[list[One]]:
    """The rows so many at a time."""
    left = iter(rows)
    while some := list(islice(left, count)):
        yield some


def with_ending(texts: Iterator[str], ending: str) -> Iterator[str]:
    """The texts; a failure among them ends in words, since a web server may end the answer as
    if it were whole.
    """
    try:
        yield from texts
    except Exception:
        yield ending
        raise


def cut_short_line() -> str:
    """The last line of an NDJSON list that is not whole."""
    return f"{json.dumps({'code': 'list_cut_short', 'detail': CUT_SHORT})}\n"


def _object(columns: Sequence[str], row: Row) -> str:
    facts = {name: plain(value) for name, value in zip(columns, row, strict=True)}
    return json.dumps(facts, ensure_ascii=False)
