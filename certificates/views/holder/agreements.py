"""Standing agreements of an organisation: in force, proposed, ended."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from certificates.errors import CertificatesError
from certificates.forms_holdings import ProposalForm
from certificates.models import Organisation
from certificates.queries.holding.agreements import agreements_of, proposals_of
from certificates.queries.holding.counterparties import partners
from certificates.services.holding import agreement_proposals, agreements
from certificates.services.holding.agreement_proposals import Terms
from certificates.views.holder.access import holders_only

ANSWERS = {
    "accept": agreement_proposals.accept,
    "reject": agreement_proposals.reject,
    "withdraw": agreement_proposals.withdraw,
}


@require_http_methods(["GET", "HEAD", "POST"])
@holders_only
def agreement_list(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """What is agreed and proposed, and a form to propose more."""
    plants = list(holder.devices.all())
    form = ProposalForm(request.POST or None, plants=plants)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        share_ppm, wh_per_hour = form.measure()
        device = next(each for each in plants if each.gsrn == form.cleaned_data["plant"])
        terms = Terms(device, form.cleaned_data["to"], form.period(), share_ppm, wh_per_hour)
        try:
            agreement_proposals.propose(
                terms=terms, by=holder, now=timezone.now(), actor=request.user
            )
            return redirect("agreements")
        except CertificatesError as error:
            refusal = str(error)
    return _shown(request, holder, form if plants else None, refusal)


@require_POST
@holders_only
def answer(request: HttpRequest, pk: int, event: str, holder: Organisation) -> HttpResponse:
    """Accept, reject or withdraw a proposal."""
    proposal = get_object_or_404(proposals_of(holder), pk=pk)
    if event not in ANSWERS:
        raise Http404
    try:
        ANSWERS[event](proposal=proposal, by=holder, now=timezone.now(), actor=request.user)  # type: ignore[operator]
    except CertificatesError as error:
        return _shown(request, holder, None, str(error))
    return redirect("agreements")


@require_POST
@holders_only
def end(request: HttpRequest, pk: int, holder: Organisation) -> HttpResponse:
    """End an agreement from the next hour on."""
    agreement = get_object_or_404(agreements_of(holder), pk=pk)
    try:
        agreements.end(agreement=agreement, by=holder, now=timezone.now(), actor=request.user)
    except CertificatesError as error:
        return _shown(request, holder, None, str(error))
    return redirect("agreements")


def _shown(
    request: HttpRequest, holder: Organisation, form: ProposalForm | None, refusal: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "holder": holder,
        "agreements": agreements_of(holder),
        "next_hour": agreements.next_hour(timezone.now()),
        "proposals": proposals_of(holder)[:50],
        "form": form,
        "partners": partners(holder),
        "refusal": refusal,
    }
    is_wrong = bool(refusal) or bool(form and form.errors)
    return render(request, "holdings/agreements.html", context, status=422 if is_wrong else 200)
