"""A company's yearly evidence, to look over and to download."""

import logging
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.errors import ChargingError
from charging.queries.company.evidence_pack import Evidence, files_of, gather, totals_of
from charging.queries.company.kept import kept
from charging.views.company.access import company_of, year_asked
from ledger.domain.zip_stream import zip_stream
from ledger.errors import LedgerError, ListsUnderWay
from ledger.services.long_lists import Turn

FIRST_YEAR, LAST_YEAR = 1971, 9998
log = logging.getLogger(__name__)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def evidence_page(request: HttpRequest) -> HttpResponse:
    """What a year's pack would hold, its figures, and the way to it."""
    company = company_of(request)
    year = year_asked(request, company)
    if year is None:
        return render(request, "company/empty.html", {"company": company})
    totals = kept("evidence", company, year.number, lambda: totals_of(company, *year.period))
    facts = {"company": company, "year": year, "totals": totals}
    return render(request, "company/evidence.html", facts)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def evidence_file(request: HttpRequest, year: int) -> HttpResponseBase:
    """The pack as a ZIP, sent while it is being made; it takes a turn, as long lists do."""
    company = company_of(request)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _words("No charge was ever in this year.", 404)
    try:
        evidence = gather(company, year)
        pieces = _noted(_started(zip_stream(files_of(evidence))), evidence)
        sent = Turn(f"user {request.user.pk}", pieces) if request.method == "GET" else ()
    except ListsUnderWay as error:
        return _words(str(error), 429)
    except (ChargingError, LedgerError) as error:
        return _words(str(error), 404 if error.code == "no_evidence" else 503)
    response = StreamingHttpResponse(sent, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{evidence.name}.zip"'
    return response


def _started(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; what fails at once fails here, before anything was answered."""
    first = next(pieces)

    def all_of_them() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_of_them()


def _noted(pieces: Iterator[bytes], evidence: Evidence) -> Iterator[bytes]:
    """The same pieces. A download that breaks off leaves no archive; the log says why."""
    try:
        yield from pieces
    except (ChargingError, LedgerError) as error:
        log.error("%s broke off: %s", evidence.name, error)
        raise


def _words(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
