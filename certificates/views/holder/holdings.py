"""What an organisation holds, and passing it on or using it with a look at the answers first."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.errors import CertificatesError
from certificates.forms_holdings import OfferForm, SelectionForm, UseForm
from certificates.models import Cancellation, Organisation, StorageAct
from certificates.queries.every_list import GROUPS
from certificates.queries.holding.awaiting import awaiting_answer
from certificates.queries.holding.counterparties import partners
from certificates.queries.holding.held_plants import held_plants
from certificates.queries.holding.selecting import device_sums, select
from certificates.services.holding import cancellations, offers
from certificates.services.holding.cancellations import UNDO, CancellationRequest
from certificates.services.holding.offers import OfferRequest
from certificates.views.holder.access import holders_only, others_of, plants_held
from ledger.errors import LedgerError

CONFIRM = "confirm"
ON_A_PAGE = 50


@require_safe
@holders_only
def holdings(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """What is held of each plant, and the ways on."""
    lines = held_plants(holder)
    context = {
        "holder": holder,
        "others": others_of(request, holder),
        "lines": lines,
        "held_wh": sum(line.amount_wh for line in lines),
        "answers": awaiting_answer([holder], timezone.now()),
        "scheduled": holder.cancellations.filter(status=Cancellation.Status.SCHEDULED),
        "storing": StorageAct.objects.filter(
            device__organisation=holder,
            kind=StorageAct.Kind.CHARGING,
            status=StorageAct.Status.SCHEDULED,
        ).select_related("device"),
        "notices": holder.notices.all()[:5],
        "groups": [(title, lists.items()) for title, lists in GROUPS],
    }
    return render(request, "holdings/holdings.html", context)


@require_safe
@holders_only
def statements(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """The organisation's statements, the latest first."""
    page = Paginator(holder.cancellations.all(), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "holdings/statements.html", {"holder": holder, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@holders_only
def offer(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """Offer certificates: the form, the answers to check, the offer."""

    def act(form: Any) -> HttpResponse:
        made = offers.offer(
            request=OfferRequest(
                source=holder,
                destination=form.cleaned_data["to"],
                criteria=form.criteria(),
                key=request.POST["key"],
                lapses_at=form.lapses_at(),
                message=form.cleaned_data["message"],
                seen=request.POST.get("seen", ""),
            ),
            now=timezone.now(),
            actor=request.user,
        )
        return redirect("offer", made.pk)

    return _answer(request, holder, OfferForm, "offer", act)


@require_http_methods(["GET", "HEAD", "POST"])
@holders_only
def use(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """Use certificates: the form, the answers to check, the act, which can be undone a while."""

    def act(form: Any) -> HttpResponse:
        made = cancellations.cancel(
            request=CancellationRequest(
                holder=holder,
                criteria=form.criteria(),
                beneficiary=form.told(),
                key=request.POST["key"],
                seen=request.POST.get("seen", ""),
            ),
            now=timezone.now(),
            undo_for=UNDO,
            actor=request.user,
        )
        return redirect("statement", made.public_id)

    return _answer(request, holder, UseForm, "use", act)


def _answer(
    request: HttpRequest,
    holder: Organisation,
    form_class: type[SelectionForm],
    what: str,
    act: Callable[[Any], HttpResponse],
) -> HttpResponse:
    form = form_class(request.POST or None, plants=plants_held(holder))
    context: dict[str, Any] = {"holder": holder, "form": form, "what": what, "refusal": ""}
    context["partners"] = partners(holder)
    if request.method == "POST" and form.is_valid():
        step = request.POST.get("step", "")
        try:
            if step == CONFIRM and request.POST.get("key"):
                return act(form)
            if step != "change":
                return _check_page(request, context, select(holder, form.criteria()))
        except (CertificatesError, LedgerError) as error:
            context["refusal"] = str(error)
    status = 422 if context["refusal"] or (request.method == "POST" and form.errors) else 200
    return render(request, "holdings/form.html", context, status=status)


def _check_page(request: HttpRequest, context: dict[str, Any], picked: Any) -> HttpResponse:
    form = context["form"]
    context |= {
        "answers": [(field.label, _shown(form, field)) for field in form if field.value()],
        "hidden": [(field.html_name, field.value()) for field in form],
        "picked": picked,
        "lines": device_sums(picked),
        "key": f"page:{uuid.uuid4()}",
    }
    return render(request, "holdings/check.html", context)


def _shown(form: Any, field: Any) -> Any:
    choices = getattr(form.fields[field.name], "choices", None)
    if choices:
        return dict(choices).get(field.value(), field.value())
    value = form.cleaned_data[field.name]
    return value.name if isinstance(value, Organisation) else value
