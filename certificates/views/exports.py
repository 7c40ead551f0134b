"""An organisation's lists as files."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates.models import Organisation
from certificates.queries.every_list import LISTINGS
from certificates.queries.listing import Listing
from certificates.views.holder.access import holders_only
from ledger.errors import ExportRefused, ListsUnderWay
from ledger.services import list_files
from ledger.services.long_lists import RETRY_S


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
    if listing is None or kind not in list_files.KINDS:
        raise Http404
    rows = listing.found(whose)
    try:
        file = list_files.list_file(
            reader=f"user {request.user.pk}",
            title=name,
            kind=kind,
            columns=listing.names,
            rows=listing.read(rows),
            counted=rows,
        )
    except ListsUnderWay as error:
        return _refusal(request, error, HTTPStatus.TOO_MANY_REQUESTS)
    except ExportRefused as error:
        return _refusal(request, error, HTTPStatus.UNPROCESSABLE_ENTITY)
    response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{whose.slug}-{name}.{kind}"'
    return response


def _refusal(request: HttpRequest, error: Exception, status: HTTPStatus) -> HttpResponseBase:
    is_busy = status == HTTPStatus.TOO_MANY_REQUESTS
    context = {"refusal": str(error), "again": request.get_full_path() if is_busy else ""}
    response = render(request, "parts/list_refused.html", context, status=status)
    if is_busy:
        response["Retry-After"] = str(RETRY_S)
    return response
