"""The way to a receipt: its link, unless it leads nowhere or was revoked."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control

from certificates.views.language import in_readers_language
from charging.errors import UnknownSession
from charging.queries.receipts import receipt as receipts
from charging.queries.receipts.facts import ReceiptFacts

View = Callable[[HttpRequest, ReceiptFacts], HttpResponse]


def of_receipt(view: View) -> Callable[..., HttpResponse]:
    """The view gets the facts of the receipt at this link, in the reader's language.

    404 in words for a link that leads nowhere, 410 once it was revoked. No answer is kept by
    others or indexed, and none hands the link on.
    """

    @wraps(view)
    def answer(request: HttpRequest, public_id: str) -> HttpResponse:
        return private(_answer(view, request, public_id))

    kept = cache_control(private=True, max_age=0, must_revalidate=True)
    return kept(in_readers_language(answer))


def private(response: HttpResponse) -> HttpResponse:
    """Neither indexed nor handed on: the address is the secret."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answer(view: View, request: HttpRequest, public_id: str) -> HttpResponse:
    try:
        facts = receipts.receipt(public_id, timezone.now())
    except UnknownSession:
        return render(request, "receipt/missing.html", status=404)
    if facts.link_revoked:
        return render(request, "receipt/revoked.html", status=410)
    return view(request, facts)
