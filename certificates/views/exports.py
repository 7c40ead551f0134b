"""Lists as files: CSV, XLSX, JSON, NDJSON, sent while their rows are being read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates.models import Organisation
from certificates.queries.every_list import LISTINGS
from certificates.queries.listing import Listing
from certificates.views.holder.access import holders_only
from ledger.domain import workbook
from ledger.domain.exporting import Row, csv_text, json_text, ndjson_text
from ledger.errors import ExportRefused, ListsUnderWay
from ledger.services.long_lists import RETRY_S, in_turn, refuse_what_no_sheet_holds

XLSX = "xlsx"
MARK = "\ufeff"  # tells spreadsheets that a CSV file is UTF-8, or names come out garbled
Writer = Callable[[Sequence[str], Iterable[Row]], Iterator[str]]


def _marked_csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield MARK
    yield from csv_text(columns, rows)


WRITERS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", _marked_csv),
    "json": ("application/json", json_text),
    "ndjson": ("application/x-ndjson", ndjson_text),
}
KINDS = ("csv", XLSX, "json", "ndjson")


@require_safe
@holders_only
def export(request: HttpRequest, name: str, kind: str, holder: Organisation) -> HttpResponseBase:
    """One of the organisation's lists, row by row."""
    return list_file(request, LISTINGS, name, kind, holder)


def list_file(
    request: HttpRequest,
    listings: Mapping[str, Listing[Any]],
    name: str,
    kind: str,
    whose: Any,
) -> HttpResponseBase:
    """A list as a file, or a page that says why not; `whose` has a slug for the file's name.

    Raises: Http404.
    """
    listing = listings.get(name)
    if listing is None or kind not in KINDS:
        raise Http404
    rows = listing.found(whose)
    try:
        response = _stream(request, listing, rows, (name, kind))
    except ListsUnderWay as error:
        return _refusal(request, error, HTTPStatus.TOO_MANY_REQUESTS)
    except ExportRefused as error:
        return _refusal(request, error, HTTPStatus.UNPROCESSABLE_ENTITY)
    response["Content-Disposition"] = f'attachment; filename="{whose.slug}-{name}.{kind}"'
    return response


def _stream(
    request: HttpRequest, listing: Listing[Any], rows: "QuerySet[Any, Any]", file: tuple[str, str]
) -> StreamingHttpResponse:
    name, kind = file
    pieces: Iterator[str] | Iterator[bytes]
    if kind == XLSX:
        refuse_what_no_sheet_holds(rows)
        content_type = workbook.MEDIA_TYPE
        pieces = workbook.workbook(name, listing.names, listing.read(rows))
    else:
        content_type, writer = WRITERS[kind]
        pieces = writer(listing.names, listing.read(rows))
    reader = f"user {request.user.pk}"
    return StreamingHttpResponse(in_turn(reader, rows, pieces), content_type=content_type)


def _refusal(request: HttpRequest, error: Exception, status: HTTPStatus) -> HttpResponseBase:
    is_busy = status == HTTPStatus.TOO_MANY_REQUESTS
    context = {"refusal": str(error), "again": request.get_full_path() if is_busy else ""}
    response = render(request, "parts/list_refused.html", context, status=status)
    if is_busy:
        response["Retry-After"] = str(RETRY_S)
    return response
