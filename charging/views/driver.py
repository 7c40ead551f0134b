"""A driver's own charges."""

import re

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from charging.errors import UnknownSession
from charging.queries.timeline import charges_of
from charging.services.receipts import claim_receipt

PUBLIC_ID = re.compile(r"(?:^|/r/)([\w-]{16,40})/?(?:[?#].*)?$")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@cache_control(private=True, no_store=True)
def timeline(request: HttpRequest) -> HttpResponse:
    """Claimed receipts, the latest first, with their totals; a posted link is claimed."""
    refusal = ""
    link = request.POST.get("link", "").strip()[:200]
    if request.method == "POST":
        refusal = _keep(request, link)
        if not refusal:
            return redirect("driver")
    charges = charges_of(request.user)  # type: ignore[arg-type]
    facts = {
        "charges": charges,
        "notes": sorted({charge.note for charge in charges if charge.note}),
        "energy_wh": sum(charge.energy_wh for charge in charges),
        "renewable_wh": sum(charge.renewable_wh for charge in charges),
        "refusal": refusal,
        "link": link,
    }
    return render(request, "driver/timeline.html", facts, status=422 if refusal else 200)


def _keep(request: HttpRequest, link: str) -> str:
    """Claim the receipt of this link; returns why not, or nothing."""
    found = PUBLIC_ID.search(link)
    if found is None:
        return "This is no receipt's link. Copy the whole of it, up to its last letter."
    try:
        claim_receipt(public_id=found[1], driver=request.user, now=timezone.now())  # type: ignore[arg-type]
    except UnknownSession as error:
        return str(error)
    return ""
