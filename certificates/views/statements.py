"""The cancellation statement under its unguessable address: a page, a PDF, and JSON."""

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from certificates.domain import statement as statements
from certificates.domain.statement import Facts
from certificates.errors import CertificatesError, StatementUnknown
from certificates.models import Cancellation
from certificates.permissions import held_by
from certificates.queries.holding.statement import find_statement, statement_facts
from certificates.services.holding import cancellations
from certificates.services.papers.statement_pdf import STATES, statement_pdf
from certificates.views.holder.access import holders_only
from certificates.views.language import in_readers_language

REGISTRY = "Renewable energy registry"
SHOWN = 200  # hours and certificates on the page; its files have more


@require_safe
@cache_control(private=True, max_age=0, must_revalidate=True)
@in_readers_language
def statement(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was used for whom, and its state now."""
    return _private(_page(request, _found(public_id)))


@require_safe
@cache_control(private=True, max_age=0, must_revalidate=True)
def statement_json(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every field, for machines."""
    made = _found(public_id)
    response = JsonResponse(statements.document(_facts(made)))
    response["Content-Disposition"] = f'attachment; filename="statement-{made.number}.json"'
    return _private(response)


@require_safe
@cache_control(private=True, max_age=0, must_revalidate=True)
@in_readers_language
def statement_print(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same for printing, as a tagged PDF in the reader's language."""
    made = _found(public_id)
    response = HttpResponse(
        statement_pdf(_facts(made), now=timezone.now()), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="statement-{made.number}.pdf"'
    return _private(response)


@require_POST
@holders_only
def undo(request: HttpRequest, public_id: str, holder: object) -> HttpResponse:
    """Take back what was not carried out yet."""
    made = _found(public_id)
    if not held_by(request.user).filter(pk=made.holder_id).exists():
        raise Http404
    try:
        cancellations.undo(
            cancellation=made, by=made.holder, now=timezone.now(), actor=request.user
        )
    except CertificatesError as error:
        return _private(_page(request, _found(public_id), str(error)))
    return redirect("statement", public_id)


def _found(public_id: str) -> Cancellation:
    try:
        return find_statement(public_id)
    except StatementUnknown as error:
        raise Http404(str(error)) from None


def _facts(made: Cancellation) -> Facts:
    url = settings.PUBLIC_URL + reverse("statement", args=[made.public_id])
    return statement_facts(made, url=url, registry=REGISTRY, now=timezone.now())


def _page(request: HttpRequest, made: Cancellation, refusal: str = "") -> HttpResponse:
    facts = _facts(made)
    is_holders = request.user.is_authenticated and (
        held_by(request.user).filter(pk=made.holder_id).exists()
    )
    hours = statements.totals(facts.lines, statements.by_hour)
    plants = statements.totals(facts.lines, statements.by_origin)
    context = {
        "made": made,
        "facts": facts,
        "state": STATES[facts.state],
        "plants": [
            (facts.plants[generated], facts.plants[given], wh) for (generated, given), wh in plants
        ],
        "countries": statements.countries(facts),
        "hours": hours[:SHOWN],
        "external": [line for line in facts.lines if line.external][:SHOWN],
        "more_external": max(0, sum(1 for line in facts.lines if line.external) - SHOWN),
        "more_hours": max(0, len(hours) - SHOWN),
        "not_transferable": statements.NOT_TRANSFERABLE,
        "may_undo": is_holders and facts.state == statements.SCHEDULED,
        "is_holders": is_holders,
        "refusal": refusal,
        "qr": _qr(facts.url),
    }
    return render(request, "statement/statement.html", context, status=422 if refusal else 200)


def _qr(link: str) -> str:
    """The link as SVG markup made of one path, drawn in the page's ink."""
    code = segno.make(link, error="m", micro=False)
    return code.svg_inline(
        scale=1, border=2, dark="#000", light=None, omitsize=True, svgclass="qr", lineclass=None
    )


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "same-origin"
    return response
