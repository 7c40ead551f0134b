"""Lists as files: CSV, XLSX, JSON, NDJSON."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from certificates.domain.exporting import Row, csv_text, json_text, ndjson_text
from certificates.errors import ExportRefused
from certificates.models import Organisation
from certificates.queries.holding.exports import LISTINGS, Listing
from certificates.services.papers import xlsx_export
from certificates.views.holder.access import holders_only

Writer = Callable[[Sequence[str], Iterable[Row]], Iterator[str]]
WRITERS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", csv_text),
    "json": ("application/json", json_text),
    "ndjson": ("application/x-ndjson", ndjson_text),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SMALL = 1 << 20  # bytes of a workbook that are kept in memory


@require_safe
@holders_only
def export(request: HttpRequest, name: str, kind: str, holder: Organisation) -> HttpResponseBase:
    """One of the organisation's lists, row by row."""
    listing = LISTINGS.get(name)
    if listing is None or (kind != "xlsx" and kind not in WRITERS):
        raise Http404
    file = f"{holder.slug}-{name}.{kind}"
    if kind == "xlsx":
        return _workbook(listing, name, file, holder)
    content_type, writer = WRITERS[kind]
    response = StreamingHttpResponse(
        writer(listing.names, listing.rows(holder)), content_type=content_type
    )
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _workbook(listing: Listing, name: str, file: str, holder: Organisation) -> HttpResponseBase:
    # Asked first, so that nobody waits for a million rows to be told that there are too many.
    if listing.has_more_than(xlsx_export.MOST_ROWS, holder):
        return _refusal(xlsx_export.too_many())
    target = tempfile.SpooledTemporaryFile(SMALL)  # noqa: SIM115 - the response closes it
    try:
        xlsx_export.write_xlsx(target, name=name, columns=listing.names, rows=listing.rows(holder))  # type: ignore[arg-type]
    except ExportRefused as error:
        target.close()
        return _refusal(error)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=file, content_type=XLSX)


def _refusal(error: ExportRefused) -> HttpResponse:
    return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
