"""What a driver shows of a receipt: all of it, some fields of its proof, or a bare summary."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from charging.domain.consumption import FIELD_NAMES
from charging.domain.emissions import UG_PER_G
from charging.queries.receipts.facts import ReceiptFacts
from charging.views.receipts import words as receipt_words
from charging.views.receipts.access import of_receipt
from charging.views.receipts.receipt import signed_file

NOT_A_PROOF = (
    "A summary by the registry. It names no time, place or certificate, so it proves nothing "
    "by itself: whoever reads it trusts the registry's word."
)


@require_safe
@of_receipt
def choose(request: HttpRequest, facts: ReceiptFacts) -> HttpResponse:
    """Which fields of the proof to disclose, and the summary that carries none."""
    page = {
        "facts": facts,
        "names": FIELD_NAMES,
        "no_proof": receipt_words.no_proof(facts),
        "is_final": facts.is_final,
    }
    return render(request, "receipt/disclose.html", page)


@require_safe
@of_receipt
def summary(request: HttpRequest, facts: ReceiptFacts) -> HttpResponse:
    """The registry's signed word on a final receipt, without time, place or proof."""
    if not facts.is_final:
        return render(request, "receipt/missing.html", status=404)
    return signed_file(summary_of(facts), "summary.json")


def summary_of(facts: ReceiptFacts) -> dict[str, str | int]:
    """Amounts alone: nothing that leads to the charge, its hours or its plants."""
    said: dict[str, str | int] = {
        "kind": "renewable-energy-registry/charge-summary/1",
        "registry": settings.REGISTRY_ID,
        "energy_wh": facts.energy_wh,
        "renewable_wh": facts.renewable_wh,
        "carbon_free_wh": facts.carbon_free_wh,
        "evidence_grade": facts.evidence.grade,
        "note": NOT_A_PROOF,
    }
    if facts.emissions.charge_ug is not None:
        said["emissions_g_co2e"] = round(facts.emissions.charge_ug / UG_PER_G)
    return said
