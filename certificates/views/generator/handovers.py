"""A plant or storage changes hands: proposed with a look at what is open, answered, followed."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.errors import CertificatesError
from certificates.forms.handover import HandoverForm, StorageHandoverForm
from certificates.models import Device, Handover, Role
from certificates.permissions import organisations_of, owned_by
from certificates.queries.generator.handover_effect import effect_of, handovers_open, record_of
from certificates.queries.holding.counterparties import partners
from certificates.queries.storage.handover import days_ahead
from certificates.services.handovers import handovers
from certificates.services.handovers.checks import FARTHEST, instant_of
from certificates.views.generator.home import producers_only

CONFIRM, CHANGE = "confirm", "change"
Status = Handover.Status


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def start(request: HttpRequest, gsrn: str) -> HttpResponse:
    """To whom and when, then a look at what is open, then the proposal."""
    device = get_object_or_404(owned_by(request.user), gsrn=gsrn)
    under_way = handovers_open(device)
    if under_way is not None:
        return redirect("generator_handover", under_way.pk)
    now = timezone.now()
    form = _form(request, device, now)
    context: dict[str, Any] = {"device": device, "form": form, "refusal": ""}
    context["partners"] = partners(device.organisation)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if request.POST.get("step") == CONFIRM:
                made = handovers.propose(
                    device=device,
                    to=given["to"],
                    effective_on=given["day"],
                    message=given["message"],
                    now=now,
                    actor=request.user,
                )
                return redirect("generator_handover", made.pk)
            if request.POST.get("step") != CHANGE:
                context |= _looked_at(device, form, now)
        except CertificatesError as error:
            context["refusal"] = str(error)
    is_wrong = bool(context["refusal"]) or (request.method == "POST" and bool(form.errors))
    return render(
        request, "generator/handover_start.html", context, status=422 if is_wrong else 200
    )


def _form(request: HttpRequest, device: Device, now: datetime) -> HandoverForm:
    sent = request.POST or None
    if device.kind == Device.Kind.STORAGE:
        return StorageHandoverForm(sent, days=days_ahead(device, now + FARTHEST))
    return HandoverForm(sent)


def _looked_at(device: Device, form: HandoverForm, now: datetime) -> dict[str, Any]:
    """What the answers of a valid form would meet."""
    at = instant_of(device, form.cleaned_data["day"])
    return {
        "effect": effect_of(device, at, now),
        "to": form.cleaned_data["to"],
        "at": at,
        "hidden": [(field.html_name, field.value()) for field in form],
    }


@require_safe
@producers_only
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, what goes with the plant, and what may be done by whom."""
    return _shown(request, _mine(request, pk))


@require_POST
@producers_only
def act(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Accept, reject or withdraw; a second click does nothing twice."""
    found, now = _mine(request, pk), timezone.now()
    by = found.seller if event == "withdraw" else found.buyer
    if not organisations_of(request.user, Role.PRODUCER).filter(pk=by.pk).exists():
        raise Http404
    try:
        if event == "accept":
            seen = request.POST.get("debt_wh", "")
            debt_wh = int(seen) if seen.isdecimal() and len(seen) < 20 else 0
            handovers.accept(handover=found, by=by, debt_wh=debt_wh, now=now, actor=request.user)
        elif event == "reject":
            handovers.reject(handover=found, by=by, now=now, actor=request.user)
        elif event == "withdraw":
            handovers.withdraw(handover=found, by=by, now=now, actor=request.user)
        else:
            raise Http404
    except CertificatesError as error:
        return _shown(request, _mine(request, pk), str(error))
    return redirect("generator_handover", found.pk)


def _mine(request: HttpRequest, pk: int) -> Handover:
    mine = organisations_of(request.user, Role.PRODUCER)
    found = Handover.objects.filter(Q(seller__in=mine) | Q(buyer__in=mine))
    return get_object_or_404(found.select_related("device__area", "seller", "buyer"), pk=pk)


def _shown(request: HttpRequest, found: Handover, refusal: str = "") -> HttpResponse:
    mine = set(organisations_of(request.user, Role.PRODUCER).values_list("pk", flat=True))
    is_open = found.status in (Status.PROPOSED, Status.ACCEPTED)
    is_done = found.status == Status.DONE
    sells = found.seller_id in mine
    effect = effect_of(found.device, found.effective_at, timezone.now()) if is_open else None
    is_known = effect is None or effect.content is None or effect.content.is_settled
    context = {
        "handover": found,
        "sells": sells,
        "effect": effect,
        "record": record_of(found) if is_done and sells else None,
        "may_accept": found.status == Status.PROPOSED and found.buyer_id in mine and is_known,
        "may_reject": is_open and found.buyer_id in mine,
        "may_withdraw": is_open and sells,
        "owns_now": is_done and found.device.organisation_id in mine,
        "refusal": refusal,
    }
    return render(request, "generator/handover.html", context, status=422 if refusal else 200)
