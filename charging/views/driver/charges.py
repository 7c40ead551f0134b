"""A driver's own charges."""

import re
from datetime import datetime
from typing import cast

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from certificates.models import User
from certificates.views.language import in_readers_language
from charging.errors import UnknownSession, WishRefused
from charging.services.driver import drop_charge, erase_driver, revoke_links
from charging.services.matching.wishes import wish_of_driver
from charging.services.receipts import claim_receipt
from charging.views.driver import page as driver_page

PUBLIC_ID = re.compile(r"(?:^|/r/)([\w-]{16,40})/?(?:[?#].*)?$")
GOAL_COOKIE = "goal"
GOAL_AGE_S = 31_536_000


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@cache_control(private=True, no_store=True)
@in_readers_language
def timeline(request: HttpRequest) -> HttpResponse:
    """Claimed receipts, the latest first, with their totals; a posted link is claimed."""
    refusal = ""
    link = request.POST.get("link", "").strip()[:200]
    if request.method == "POST":
        refusal = _keep(request, link)
        if not refusal:
            return redirect("driver")
    facts = _timeline(request) | {"refusal": refusal, "link": link}
    return render(request, "driver/timeline.html", facts, status=422 if refusal else 200)


@require_POST
@login_required
@in_readers_language
def link(request: HttpRequest, session_id: int) -> HttpResponse:
    """Revoke a claimed charge's link, exchange it for a new one, or drop the charge."""
    act, driver = request.POST.get("act"), _driver(request)
    try:
        if act == "drop":
            drop_charge(session_id=session_id, driver=driver)
        else:
            revoke_links(session_id=session_id, driver=driver, now=_now(), renew=act == "renew")
    except UnknownSession as error:
        return render(request, "driver/refused.html", {"refusal": str(error)}, status=404)
    return redirect(f"{reverse('driver')}#charge-{session_id}")


@require_POST
@login_required
@in_readers_language
def goal(request: HttpRequest) -> HttpResponse:
    """Keep the share that a driver aims for, in their browser alone; nothing ends it."""
    response = redirect("driver")
    asked = request.POST.get("goal", "").strip()[:20]
    wanted = _goal(asked)
    if asked and not wanted:
        refusal = gettext("A goal is a whole number from 1 to 100. Nothing was changed.")
        facts = _timeline(request) | {"goal_refusal": refusal, "goal": asked}
        return render(request, "driver/timeline.html", facts, status=422)
    if wanted:
        response.set_cookie(
            GOAL_COOKIE,
            str(wanted),
            max_age=GOAL_AGE_S,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    else:
        response.delete_cookie(GOAL_COOKIE)
    return response


@require_POST
@login_required
@in_readers_language
def wish(request: HttpRequest) -> HttpResponse:
    """What the driver would rather have for charges that are not matched yet."""
    try:
        source = request.POST.get("source", "")[:20]
        wish_of_driver(driver=_driver(request), source=source, now=_now())
    except WishRefused as error:
        return render(request, "driver/refused.html", {"refusal": str(error)}, status=422)
    return redirect(f"{reverse('driver')}#wish")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@cache_control(private=True, no_store=True)
@in_readers_language
def erase(request: HttpRequest) -> HttpResponse:
    """Erase a driver's account and what ties it to charges, after the password once more."""
    driver = _driver(request)
    refusal = ""
    if request.method == "POST":
        if driver.check_password(request.POST.get("password", "")):
            done = erase_driver(driver=driver, now=_now())
            if done.account:
                logout(request)
            return render(request, "driver/erased.html", {"done": done})
        refusal = gettext("This is not the password of this account. Nothing was erased.")
    charges = len(driver_page.account(driver, {}, _now()).charges)
    facts = {"charges": charges, "refusal": refusal}
    return render(request, "driver/erase.html", facts, status=422 if refusal else 200)


def _timeline(request: HttpRequest) -> dict[str, object]:
    driver = _driver(request)
    found = driver_page.account(driver, request.GET.dict(), _now())
    span = driver_page.span_of(request.GET.get("by", ""))
    rows, score_ppm = driver_page.periods(driver, found.stretch, span)
    shown = found.shown
    energy_wh = sum(charge.energy_wh for charge in found.counted)
    renewable_wh = sum(charge.renewable_wh for charge in found.counted)
    wanted = _goal(request.COOKIES.get(GOAL_COOKIE, ""))
    return {
        "account": found,
        "wish": driver_page.wish_of(driver),
        "charges": shown,
        "stretch": found.stretch,
        "notes": sorted({charge.note for charge in shown if charge.note}),
        "energy_wh": energy_wh,
        "renewable_wh": renewable_wh,
        "spans": driver_page.SPANS,
        "span": span,
        "periods": [
            (driver_page.span_label(row.starts_at, span, found.stretch.timezone), row)
            for row in rows
        ],
        "score": driver_page.score_words(score_ppm),
        "goal": wanted,
        "goal_reached": bool(wanted) and renewable_wh * 100 >= energy_wh * wanted > 0,
    }


def _keep(request: HttpRequest, link: str) -> str:
    """Claim the receipt of this link; returns why not, or nothing."""
    found = PUBLIC_ID.search(link)
    if found is None:
        return gettext("This is no receipt's link. Copy the whole of it, up to its last letter.")
    try:
        claim_receipt(public_id=found[1], driver=_driver(request), now=_now())
    except UnknownSession as error:
        return gettext(str(error))
    return ""


def _driver(request: HttpRequest) -> User:
    return cast(User, request.user)


def _now() -> datetime:
    return timezone.now()


def _goal(text: str) -> int:
    """A share from 1 to 100 per cent; 0 for none."""
    value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 0
    return value if value <= 100 else 0
