"""A driver's own charges."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.queries.timeline import charges_of


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def timeline(request: HttpRequest) -> HttpResponse:
    """Claimed receipts, the latest first, with their totals."""
    charges = charges_of(request.user)  # type: ignore[arg-type]
    return render(
        request,
        "driver/timeline.html",
        {
            "charges": charges,
            "energy_wh": sum(charge.energy_wh for charge in charges),
            "renewable_wh": sum(charge.renewable_wh for charge in charges),
        },
    )
