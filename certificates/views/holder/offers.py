"""Offers an organisation made and received."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from certificates.errors import CertificatesError
from certificates.models import Offer, Organisation
from certificates.permissions import held_by
from certificates.queries.holding.selecting import Selection, device_sums, held_in
from certificates.services.holding import offers
from certificates.views.holder.access import holders_only
from ledger.errors import LedgerError

ON_A_PAGE = 50


@require_safe
@holders_only
def offer_list(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """All offers the organisation is a side of, the latest first."""
    found = Offer.objects.filter(Q(source=holder) | Q(destination=holder))
    page = Paginator(found.select_related("source", "destination"), ON_A_PAGE)
    context = {"holder": holder, "page": page.get_page(request.GET.get("page"))}
    return render(request, "holdings/offers.html", context)


@require_safe
@holders_only
def offer(request: HttpRequest, pk: int, holder: Organisation) -> HttpResponse:
    """One offer: what is left of it, and what may be done."""
    return _shown(request, _offer(request, pk))


@require_POST
@holders_only
def end(request: HttpRequest, pk: int, event: str, holder: Organisation) -> HttpResponse:
    """Accept, reject or withdraw; a second click does nothing twice."""
    found = _offer(request, pk)
    by = found.source if event == "withdraw" else found.destination
    if not held_by(request.user).filter(pk=by.pk).exists():
        raise Http404
    now = timezone.now()
    try:
        if event == "accept":
            text = request.POST.get("seen_wh", "")
            seen = int(text) if text.isdecimal() and len(text) < 20 else None
            offers.accept(offer=found, by=by, seen_wh=seen, now=now, actor=request.user)
        elif event == "reject":
            offers.reject(offer=found, by=by, now=now, actor=request.user)
        elif event == "withdraw":
            offers.withdraw(offer=found, by=by, now=now, actor=request.user)
        else:
            raise Http404
    except (CertificatesError, LedgerError) as error:
        return _shown(request, _offer(request, pk), str(error))
    return redirect("offer", found.pk)


def _offer(request: HttpRequest, pk: int) -> Offer:
    mine = held_by(request.user)
    found = Offer.objects.filter(Q(source__in=mine) | Q(destination__in=mine))
    return get_object_or_404(found.select_related("source", "destination", "sub_account"), pk=pk)


def _shown(request: HttpRequest, offer: Offer, refusal: str = "") -> HttpResponse:
    left = Selection(held_in(offer.sub_account.account_id))
    mine = set(held_by(request.user).values_list("pk", flat=True))
    is_open = offer.status == Offer.Status.OPEN
    context = {
        "offer": offer,
        "left": left,
        "lines": device_sums(left),
        "may_answer": is_open and offer.destination_id in mine,
        "may_withdraw": is_open and offer.source_id in mine,
        "refusal": refusal,
    }
    return render(request, "holdings/offer.html", context, status=422 if refusal else 200)
