"""A charging company's connections to other systems, and what waits for a decision."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from charging.errors import ChargingError
from charging.models import Cdr
from charging.queries.ocpi.health import connections_of, count_held, held_of
from charging.services.ocpi.cdr_release import WAYS, release
from charging.views.company.access import company_of


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def connections_page(request: HttpRequest) -> HttpResponse:
    """Every connection with its health, and the CDRs that are held."""
    company = company_of(request)
    return render(
        request,
        "company/connections.html",
        {
            "company": company,
            "connections": connections_of(company, timezone.now()),
            "held": [(cdr, _ways(cdr)) for cdr in held_of(company)],
            "held_count": count_held(company),
        },
    )


@require_POST
@login_required
def release_charge(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says what a held CDR is."""
    company, way = company_of(request), request.POST.get("way", "")
    try:
        cdr = release(claimant=company, cdr_id=pk, way=way, actor=request.user, now=timezone.now())
    except ChargingError as error:
        messages.error(request, str(error))
    else:
        words = cdr.get_hold_display() if cdr.hold else "It is counted as a charge now"
        messages.success(request, f"CDR {cdr.uid}: {words}.")
    return redirect("connections")


def _ways(cdr: Cdr) -> list[tuple[str, str]]:
    """What a person may say of a held CDR: for each way its name, and words for its button."""
    return [(way.name, way.words.format(uid=cdr.uid)) for way in WAYS.get(cdr.hold, ())]
