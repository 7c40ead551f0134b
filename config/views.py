"""The registry's own pages: front, look-up, the way home, and what an error looks like."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_safe

from certificates.models import Membership, Role, User
from certificates.queries.public_pages import public_devices
from certificates.views.language import in_readers_language
from charging.models import Receipt
from charging.queries import front as front_queries
from config import lookup as look_up
from config.story import story
from ledger.models import Block

HOMES = (
    (Role.AUDITOR, "admin:index"),
    (Role.REGISTRAR, "admin:index"),
    (Role.PRODUCER, "/generator/"),
    (Role.CHARGING_COMPANY, "company"),
    (Role.TRADER, "holdings"),
)
NOT_FOUND_WORDS = {
    look_up.Kind.CERTIFICATE: (
        "No plant with this number is registered here, so it has no certificate."
    ),
    look_up.Kind.PLANT: "No plant with this number is registered here. Compare all 18 digits.",
    look_up.Kind.BLOCK: "No block with this number has been sealed yet.",
    look_up.Kind.RECEIPT: (
        "No receipt has this id. Copy the whole link: its capital and small letters differ."
    ),
    look_up.Kind.NOTHING: (
        "This reads neither as a plant or certificate number, nor as a receipt or block."
    ),
}


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """The mark, for programs that ask for it by its customary name."""
    return redirect(static("icons/mark.svg"))


@require_safe
@in_readers_language
def front(request: HttpRequest) -> HttpResponse:
    """The registry in one screen, with an empty book as with a full one."""
    facts = {
        "story": story(),
        "now": front_queries.registry_now(),
        "example": front_queries.example_receipt() if settings.IS_DEMO else None,
    }
    return render(request, "front.html", facts)


@require_GET
@in_readers_language
def lookup(request: HttpRequest) -> HttpResponse:
    """Go to what the text names, or say plainly that it is not here."""
    query = request.GET.get("q", "").strip()[:200]
    if not query:
        return HttpResponseRedirect(reverse("front") + "#look-up")
    found = look_up.meaning(query)
    target = _target(found)
    if target:
        return HttpResponseRedirect(target)
    words = {"query": query, "answer": NOT_FOUND_WORDS[found.kind]}
    return render(request, "lookup.html", words, status=404)


def _target(found: look_up.Meaning) -> str | None:
    """The address of what was meant, if it exists."""
    match found.kind:
        case look_up.Kind.CERTIFICATE if public_devices().filter(gsrn=found.gsrn).exists():
            return reverse("certificate", args=[found.gsrn, found.number])
        case look_up.Kind.PLANT if public_devices().filter(gsrn=found.gsrn).exists():
            return reverse("plant", args=[found.gsrn])
        case look_up.Kind.BLOCK if Block.objects.filter(height=found.number).exists():
            return reverse("block", args=[found.number])
        case look_up.Kind.RECEIPT if Receipt.objects.filter(public_id=found.public_id).exists():
            return reverse("receipt", args=[found.public_id])
    return None


@login_required
@cache_control(private=True, no_store=True)
def home(request: HttpRequest) -> HttpResponse:
    """Send each person to their own place."""
    if request.user.is_staff:
        return redirect("admin:index")
    roles = set(
        Membership.objects.filter(user=cast(User, request.user)).values_list("role", flat=True)
    )
    for role, place in HOMES:
        if role in roles:
            return redirect(place)
    return redirect("driver")
