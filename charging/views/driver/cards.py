"""Showing that a charging card or app is yours, by starting charges when you say so."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from certificates.models import User
from certificates.views.language import in_readers_language
from charging.domain.challenges import WINDOW
from charging.errors import ChallengeRefused
from charging.queries.driver.cards import announced_by, cards_of, companies
from charging.services import challenges

MINUTE_S = 60
LONGEST_PLACE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@cache_control(private=True, no_store=True)
@in_readers_language
def cards(request: HttpRequest) -> HttpResponse:
    """Announce a charge, see what came of it, keep the charges of a proven card."""
    refusal = ""
    if request.method == "POST":
        try:
            _act(request)
        except ChallengeRefused as error:
            refusal = gettext(str(error))
        else:
            return redirect("driver-cards")
    driver, now = cast(User, request.user), timezone.now()
    announced = announced_by(driver, now)
    facts = {
        "refusal": refusal,
        "companies": companies(),
        "company": request.POST.get("company", ""),
        "place": request.POST.get("place", "")[:LONGEST_PLACE],
        "announced": announced,
        "is_open": any(one.status == "open" for one in announced),
        "cards": cards_of(driver),
        "minutes": int(WINDOW.total_seconds()) // MINUTE_S,
    }
    return render(request, "driver/cards.html", facts, status=422 if refusal else 200)


def _act(request: HttpRequest) -> None:
    """Raises: ChallengeRefused."""
    driver, now, asked = cast(User, request.user), timezone.now(), request.POST
    match asked.get("act"):
        case "withdraw":
            challenges.withdraw(driver=driver, challenge_id=_id(asked.get("id", "")), now=now)
        case "keep":
            challenges.keep_charges(driver=driver, token_id=_id(asked.get("id", "")), now=now)
        case "forget":
            challenges.forget_token(driver=driver, token_id=_id(asked.get("id", "")), now=now)
        case _:
            challenges.announce(
                driver=driver,
                company=asked.get("company", "")[:LONGEST_PLACE],
                place=asked.get("place", "")[:LONGEST_PLACE].replace("\0", ""),
                now=now,
            )


def _id(text: str) -> int:
    """The number, or one that nothing has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
