"""The driver's receipt: one page under an unguessable link, and the same as files."""

import re
from functools import lru_cache

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from charging.queries.receipts.facts import ReceiptFacts, ReceiptState
from charging.views import numbers
from charging.views.receipts import cost as receipt_cost
from charging.views.receipts import days as receipt_days
from charging.views.receipts import page as receipt_page
from charging.views.receipts import paper as receipt_paper
from charging.views.receipts import words as receipt_words
from charging.views.receipts.access import of_receipt
from charging.views.typesetting import typeset
from charging.views.verify import SCRIPTS
from ledger.services.statements import sign_statement

MASK = 2  # of ISO/IEC 18004, 7.8.2: every third column
LINKS_KEPT = 1_000
INDENTATION = re.compile(rb"\s*\n\s*")  # a quarter of the page, and nothing to whoever reads it


@require_safe
@of_receipt
def receipt(request: HttpRequest, facts: ReceiptFacts) -> HttpResponse:
    """A charge's matched share and everything behind it."""
    response = render(request, "receipt/receipt.html", context(facts, request.GET.dict()))
    response.content = INDENTATION.sub(b"\n", response.content)
    return response


@require_safe
@of_receipt
def pdf(request: HttpRequest, facts: ReceiptFacts) -> HttpResponse:
    """The receipt on paper: a tagged PDF."""
    drawn = typeset("receipt.typ", receipt_paper.page(facts, link_of(facts)), "pdf")
    response = HttpResponse(drawn, content_type="application/pdf")
    name = f"receipt-{facts.charge.started_at:%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_safe
@of_receipt
def share_image(request: HttpRequest, facts: ReceiptFacts) -> HttpResponse:
    """What a chat shows of a shared link, 1200 by 630 pixels."""
    drawn = typeset("share.typ", receipt_paper.share(facts), "png")
    return HttpResponse(drawn, content_type="image/png")


@require_safe
@of_receipt
def statement(request: HttpRequest, facts: ReceiptFacts) -> HttpResponse:
    """What the registry signs of a charge that ended without certificates, as a file to keep."""
    if facts.state != ReceiptState.CLOSED_WITHOUT_CERTIFICATES:
        return render(request, "receipt/missing.html", status=404)
    return signed_file(statement_of(facts), "statement.json")


def signed_file(said: dict[str, str | int], name: str) -> HttpResponse:
    """A statement under the registry's signature, to keep."""
    signed = sign_statement(said)
    response = JsonResponse(
        {"statement": signed.text, "signer": signed.signer, "signature": signed.signature}
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


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
    link = link_of(facts)
    sentence = receipt_words.sentence(facts)
    lines, sources = receipt_page.hour_lines(facts), receipt_page.sources(facts)
    return {
        "facts": facts,
        "charge": facts.charge,
        "zone": facts.charge.timezone,
        "sentence": sentence,
        "state_title": state_title,
        "state_words": state_words,
        "hours": lines,
        "long": receipt_days.long_charge(lines),
        "sources": sources,
        "are_many": len(sources) > receipt_page.MOST_OPEN,
        "map": receipt_page.draw_map(facts.charge, facts.plants),
        "emissions": receipt_page.emission_lines(facts, petrol_ug),
        "distance_km": distance_km,
        "assumptions": used,
        "is_changed": any(assumption.is_changed for assumption in used),
        "check_scripts": SCRIPTS,
        "no_proof": receipt_words.no_proof(facts),
        "why": receipt_words.why_not_all(facts),
        "cost": receipt_cost.shown(facts.cost),
        "link": link,
        "qr": qr(link),
        "share_title": f"{numbers.percent(facts.renewable_wh, facts.energy_wh)} {sentence}",
        "share_words": gettext("What generated this charge, hour by hour."),
        "share_image": settings.PUBLIC_URL + reverse("receipt-share", args=[facts.public_id]),
    }


def link_of(facts: ReceiptFacts) -> str:
    """The receipt's whole address, without a language: whoever opens it reads their own."""
    return str(settings.PUBLIC_URL + reverse("receipt", args=[facts.public_id]))


@lru_cache(maxsize=LINKS_KEPT)
def qr(link: str) -> str:
    """The link as a QR code: SVG markup made of one path, drawn in the page's ink.

    With one mask for all: a receipt's id is random, so that none of the eight is better on the
    whole, and weighing them took a tenth of the page's time. Which it is stands in the code.
    """
    code = segno.make(link, error="m", micro=False, mask=MASK)
    drawn = code.svg_inline(
        scale=1, border=2, dark="#000", light=None, omitsize=True, svgclass="qr", lineclass=None
    )
    return str(drawn).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
