"""The driver's receipt: one page under an unguessable link."""

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.errors import UnknownSession
from charging.queries import receipt as receipts
from charging.queries.receipt_facts import ReceiptFacts, ReceiptState
from charging.views import receipt_page, receipt_words
from ledger.services.statements import sign_statement


@require_safe
@cache_control(private=True, max_age=0, must_revalidate=True)
def receipt(request: HttpRequest, public_id: str) -> HttpResponse:
    """A charge's matched share and everything behind it; 410 once its link was revoked."""
    try:
        facts = receipts.receipt(public_id, timezone.now())
    except UnknownSession:
        return _private(render(request, "receipt/missing.html", status=404))
    if facts.link_revoked:
        return _private(render(request, "receipt/revoked.html", status=410))
    return _private(render(request, "receipt/receipt.html", context(facts, request.GET.dict())))


@require_safe
@cache_control(private=True, max_age=0, must_revalidate=True)
def statement(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the registry signs of a charge that ended without certificates, as a file to keep."""
    try:
        facts = receipts.receipt(public_id, timezone.now())
    except UnknownSession:
        return _private(render(request, "receipt/missing.html", status=404))
    if facts.link_revoked:
        return _private(render(request, "receipt/revoked.html", status=410))
    if facts.state != ReceiptState.CLOSED_WITHOUT_CERTIFICATES:
        return _private(render(request, "receipt/missing.html", status=404))
    signed = sign_statement(statement_of(facts))
    response = JsonResponse(
        {"statement": signed.text, "signer": signed.signer, "signature": signed.signature}
    )
    response["Content-Disposition"] = 'attachment; filename="statement.json"'
    return _private(response)


def statement_of(facts: ReceiptFacts) -> dict[str, str | int]:
    """The facts of a charge that found nothing, without anything that changes later."""
    charge = facts.charge
    return {
        "receipt": facts.public_id,
        "version": facts.version,
        "operator": charge.operator_name,
        "claimant": charge.claimant_name,
        "charge": charge.uid,
        "started_at": charge.started_at.isoformat(),
        "ended_at": charge.ended_at.isoformat(),
        "energy_wh": charge.energy_wh,
        "matched_wh": 0,
        "registry": settings.REGISTRY_ID,
    }


def context(facts: ReceiptFacts, chosen: dict[str, str]) -> dict[str, object]:
    """What the template draws; `chosen` are figures the person reading has changed."""
    used = receipt_page.assumptions(facts, chosen)
    distance_km, petrol_ug = receipt_page.petrol(facts, used)
    state_title, state_words = receipt_words.STATES[facts.state]
    link = settings.PUBLIC_URL + reverse("receipt", args=[facts.public_id])
    return {
        "facts": facts,
        "charge": facts.charge,
        "zone": facts.charge.timezone,
        "sentence": receipt_words.sentence(facts),
        "state_title": state_title,
        "state_words": state_words,
        "hours": receipt_page.hour_lines(facts),
        "sources": receipt_page.sources(facts),
        "map": receipt_page.draw_map(facts.charge, facts.plants),
        "emissions": receipt_page.emission_lines(facts, petrol_ug),
        "distance_km": distance_km,
        "assumptions": used,
        "is_changed": any(assumption.is_changed for assumption in used),
        "no_proof": receipt_words.no_proof(facts),
        "why": receipt_words.why_not_all(facts),
        "link": link,
        "qr": qr(link),
    }


def qr(link: str) -> str:
    """The link as a QR code: SVG markup made of one path, drawn in the page's ink."""
    code = segno.make(link, error="m", micro=False)
    return code.svg_inline(
        scale=1, border=2, dark="#000", light=None, omitsize=True, svgclass="qr", lineclass=None
    )


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
