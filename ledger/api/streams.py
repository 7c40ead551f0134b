"""Whole lists in one answer, as NDJSON or CSV: rows go out as they are read, memory stays flat."""

import csv
import io
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

ROWS = 2_000  # read, and sent, at a time
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
Row = Mapping[str, Any]
CUT = {
    "code": "stream_incomplete",
    "detail": "The registry failed amid this list: not all of it is above. Ask for it again.",
}
logger = logging.getLogger(__name__)


class NdjsonRenderer(JSONRenderer):
    """One JSON object a line. A refusal is still a problem in JSON."""

    media_type = "application/x-ndjson"
    format = "ndjson"


class CsvRenderer(JSONRenderer):
    """A header and a line for each row (RFC 4180). A refusal is still a problem in JSON."""

    media_type = "text/csv"
    format = "csv"


class Negotiation(DefaultContentNegotiation):
    """A `format` that nobody knows is a parameter of the wrong kind."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002 - theirs
        known = [each.format for each in renderers]
        if format not in known:
            raise ValidationError({"format": [f"Choose from: {', '.join(known)}."]})
        return super().filter_renderers(renderers, format)


RENDERERS = (JSONRenderer, NdjsonRenderer, CsvRenderer)


def stream(form: str, names: Sequence[str], rows: Iterable[Row]) -> StreamingHttpResponse:
    """Answer with every row, `form` being a renderer's format; `names` are the CSV's columns."""
    if form == CsvRenderer.format:
        last = f"{CUT['code']}: {CUT['detail']}\r\n"
        return _answer(_whole(_csv(names, rows), last), CsvRenderer.media_type)
    last = f"{json.dumps(CUT)}\n"
    return _answer(_whole(_ndjson(rows), last), NdjsonRenderer.media_type)


def _answer(texts: Iterator[str], media_type: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(texts, content_type=f"{media_type}; charset=utf-8")


def _whole(texts: Iterator[str], last: str) -> Iterator[str]:
    """All of it, or a last line that says that it is not: the status went out long before, and
    the server ends the answer as if nothing had been.
    """
    try:
        yield from texts
    except Exception:
        logger.exception("A stream was cut off.")
        yield last


def _ndjson(rows: Iterable[Row]) -> Iterator[str]:
    lines = JSONEncoder(separators=(",", ":"))
    for some in _some(rows):
        yield "".join(f"{lines.encode(row)}\n" for row in some)


def _csv(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    for some in _some(rows):
        writer.writerows([_harmless(row[name]) for name in names] for row in some)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _some(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == ROWS:
            yield some
            some = []
    if some:
        yield some


def _harmless(value: Any) -> str:
    """As JSON writes it; text that a spreadsheet would take for a formula behind an apostrophe."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, int):
        return str(value)
    text = json.loads(json.dumps(value, cls=JSONEncoder))
    if not isinstance(text, str):
        return json.dumps(text)
    is_formula = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text
