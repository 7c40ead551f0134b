"""Standing orders of a holder: placed, looked at before they run, paused, resumed, ended."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.errors import CertificatesError
from certificates.forms.orders import OrderForm
from certificates.models import Organisation, StandingOrder
from certificates.queries.holding.selecting import device_sums
from certificates.queries.holding.standing_orders import next_run, orders_of
from certificates.services.holding import standing_orders
from certificates.views.holder.access import holders_only, plants_held
from ledger.errors import LedgerError

ON_A_PAGE = 50
ACTS = {
    "pause": standing_orders.pause,
    "resume": standing_orders.resume,
    "end": standing_orders.end,
}


@require_http_methods(["GET", "HEAD", "POST"])
@holders_only
def order_list(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """What is ordered, and a form to order more."""
    plants = {each.pk: each for each in [*plants_held(holder), *holder.devices.all()]}
    form = OrderForm(request.POST or None, plants=list(plants.values()))
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = standing_orders.order(
                holder=holder,
                terms=form.terms(),
                key=request.POST.get("key", ""),
                now=timezone.now(),
                actor=request.user,
            )
            return redirect(_address(made))
        except (CertificatesError, LedgerError) as error:
            refusal = str(error)
    page = Paginator(orders_of(holder), ON_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "holder": holder,
        "page": page,
        "form": form,
        "key": request.POST.get("key") or f"page:{uuid.uuid4()}",
        "refusal": refusal,
    }
    is_wrong = bool(refusal) or (request.method == "POST" and bool(form.errors))
    return render(request, "holdings/orders.html", context, status=422 if is_wrong else 200)


@require_safe
@holders_only
def order(request: HttpRequest, pk: int, holder: Organisation) -> HttpResponse:
    """One order: what its next run would take, and the statements so far."""
    return _shown(request, holder, pk)


@require_POST
@holders_only
def act(request: HttpRequest, pk: int, event: str, holder: Organisation) -> HttpResponse:
    """Pause, resume or end; a second click does nothing twice."""
    found = get_object_or_404(orders_of(holder), pk=pk)
    if event not in ACTS:
        raise Http404
    try:
        ACTS[event](order=found, by=holder, now=timezone.now(), actor=request.user)
    except CertificatesError as error:
        return _shown(request, holder, pk, str(error))
    return redirect(_address(found))


def _address(order: StandingOrder) -> str:
    return f"{reverse('order', args=[order.pk])}?as={order.holder.slug}"


def _shown(request: HttpRequest, holder: Organisation, pk: int, refusal: str = "") -> HttpResponse:
    found = get_object_or_404(orders_of(holder), pk=pk)
    ahead = next_run(found)
    runs = found.runs.select_related("cancellation")
    context = {
        "holder": holder,
        "order": found,
        "ahead": ahead,
        "lines": device_sums(ahead.picked) if ahead else [],
        "page": Paginator(runs, ON_A_PAGE).get_page(request.GET.get("page")),
        "refusal": refusal,
    }
    return render(request, "holdings/order.html", context, status=422 if refusal else 200)
