"""Whole lists in one answer, as NDJSON, CSV or XLSX: rows go out as they are read, memory stays
flat.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from ledger.domain import workbook
from ledger.domain.exporting import (
    CUT_SHORT,
    Value,
    batches,
    cut_short_line,
    harmless,
    with_ending,
)

ROWS = 2_000  # read, and sent, at a time
SHEET_NAME = 25  # letters; a spreadsheet takes 31, and a further sheet is numbered
Row = Mapping[str, Any]


class NdjsonRenderer(JSONRenderer):
    """One JSON object a line. A refusal is still a problem in JSON."""

    media_type = "application/x-ndjson"
    format = "ndjson"


class CsvRenderer(JSONRenderer):
    """A header and a line for each row (RFC 4180). A refusal is still a problem in JSON."""

    media_type = "text/csv"
    format = "csv"


class XlsxRenderer(JSONRenderer):
    """A sheet with a header. A refusal is still a problem in JSON."""

    media_type = workbook.MEDIA_TYPE
    format = "xlsx"


class Negotiation(DefaultContentNegotiation):
    """A `format` that nobody knows is a parameter of the wrong kind."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002 - theirs
        known = [each.format for each in renderers]
        if format not in known:
            raise ValidationError({"format": [f"Choose from: {', '.join(known)}."]})
        return super().filter_renderers(renderers, format)


STREAMED = {one.format: one for one in (NdjsonRenderer, CsvRenderer, XlsxRenderer)}
RENDERERS = (JSONRenderer, *STREAMED.values())


def encoded(
    form: str, names: Sequence[str], rows: Iterable[Row], *, title: str
) -> Iterator[str | bytes]:
    """Every row, `form` being a renderer's format; `names` are the columns, `title` the sheet's."""
    if form == XlsxRenderer.format:
        told = ([_told(row[name]) for name in names] for row in rows)
        return workbook.workbook(title[:SHEET_NAME], names, told)
    if form == CsvRenderer.format:
        return with_ending(_csv(names, rows), f"{CUT_SHORT}\r\n")
    return with_ending(_ndjson(rows), cut_short_line())


def answer(form: str, name: str, pieces: Iterable[str | bytes]) -> StreamingHttpResponse:
    """The answer that sends such pieces; `name` is the file's, without its ending."""
    media_type = STREAMED[form].media_type
    if form == XlsxRenderer.format:
        response = StreamingHttpResponse(pieces, content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response
    return StreamingHttpResponse(pieces, content_type=f"{media_type}; charset=utf-8")


def _ndjson(rows: Iterable[Row]) -> Iterator[str]:
    lines = JSONEncoder(separators=(",", ":"))
    for some in batches(rows, ROWS):
        yield "".join(f"{lines.encode(row)}\n" for row in some)


def _csv(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    for some in batches(rows, ROWS):
        writer.writerows([_harmless(row[name]) for name in names] for row in some)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _harmless(value: Any) -> str:
    """As JSON writes it; text that a spreadsheet would take for a formula behind an apostrophe."""
    if isinstance(value, bool):
        return str(value).lower()
    text = _told(value)
    if isinstance(text, date | Decimal):
        text = json.loads(json.dumps(value, cls=JSONEncoder))
    if not isinstance(text, str):
        return "" if text is None else str(text)
    return harmless(text, numbers=True)


def _told(value: Any) -> Value:
    """A value that a cell can hold; others as JSON writes them."""
    if value is None or isinstance(value, str | int | date | Decimal):
        return value
    told = json.loads(json.dumps(value, cls=JSONEncoder))
    return told if isinstance(told, str) else json.dumps(told)
