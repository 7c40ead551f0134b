"""What a company's charges under a card, a contract or a tariff are to get first, from a day on."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from certificates.models import Organisation
from charging.errors import UnknownStandingWish, WishRefused
from charging.models import StandingWish
from charging.queries.matching.open_charges import wish_choices
from charging.services.matching.standing_wishes import (
    LONGEST,
    Product,
    end_standing_wish,
    set_standing_wish,
)
from charging.views.company.access import company_of
from charging.views.company.wishes import PLACES, day_of, wished_in

MOST_SHOWN = 200


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The standing wishes, ended ones too, and a form to set one."""
    company, now = company_of(request), timezone.now()
    refusal = ""
    if request.method == "POST":
        try:
            return _set(request, company, now)
        except WishRefused as error:
            refusal = str(error)
    choices = wish_choices()
    rows = StandingWish.objects.filter(organisation=company).order_by("-valid_from", "-pk")
    facts = {
        "company": company,
        "refusal": refusal,
        "rows": rows[:MOST_SHOWN],
        "now": now,
        "kinds": StandingWish.Kind.choices,
        "given": request.POST,
        "longest": LONGEST,
        "choices": choices,
        "names": dict(choices.suppliers) | dict(choices.sources),
        "places": PLACES,
    }
    return render(request, "company/standing_wishes.html", facts, status=422 if refusal else 200)


@require_POST
@login_required
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End a standing wish now."""
    company, now = company_of(request), timezone.now()
    try:
        row = end_standing_wish(
            organisation=company, number=number, at=now, actor=request.user, now=now
        )
        messages.success(request, f"The wish for {row.name} has ended.")
    except (UnknownStandingWish, WishRefused) as error:
        messages.error(request, str(error))
    return redirect("company-standing-wishes")


def _set(request: HttpRequest, company: Organisation, now: datetime) -> HttpResponse:
    """Raises: WishRefused."""
    given = request.POST
    row = set_standing_wish(
        organisation=company,
        product=Product(
            given.get("kind", ""), given.get("uid", "").strip(), given.get("party", "").strip()
        ),
        wished=wished_in(given),
        valid_from=day_of(given.get("from", "")) or now,
        actor=request.user,
        now=now,
    )
    since = f"{row.valid_from:%Y-%m-%d %H:%M} UTC"
    messages.success(request, f"Every charge under {row.name} has this wish from {since} on.")
    return redirect("company-standing-wishes")
