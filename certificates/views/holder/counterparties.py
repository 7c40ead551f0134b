"""With whom an organisation trades: its list, a form to add to it, and taking lines off."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from certificates.errors import CertificatesError
from certificates.forms_holdings import CounterpartyForm
from certificates.models import Organisation
from certificates.queries.holding.counterparties import (
    kept_out,
    listed,
    partners,
    trades_with_some_alone,
)
from certificates.services.holding import counterparties
from certificates.views.holder.access import holders_only, others_of


@require_http_methods(["GET", "HEAD", "POST"])
@holders_only
def counterparty_list(request: HttpRequest, holder: Organisation) -> HttpResponse:
    """The list and what it does; a form to allow or deny one more."""
    form = CounterpartyForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, holder, form)
    given = form.cleaned_data
    return _set(request, holder, given["to"], given["rule"], form)


@require_POST
@holders_only
def remove(request: HttpRequest, slug: str, holder: Organisation) -> HttpResponse:
    """Take one line off; a second click finds it gone, and that is as it should be."""
    other = get_object_or_404(Organisation, slug=slug)
    return _set(request, holder, other, "", CounterpartyForm())


def _set(
    request: HttpRequest,
    holder: Organisation,
    other: Organisation,
    rule: str,
    form: CounterpartyForm,
) -> HttpResponse:
    try:
        counterparties.set_rule(
            organisation=holder, other=other, rule=rule, now=timezone.now(), actor=request.user
        )
    except CertificatesError as error:
        return _shown(request, holder, form, str(error))
    response = redirect("counterparties")
    response["Location"] += f"?as={holder.slug}"
    return response


def _shown(
    request: HttpRequest, holder: Organisation, form: CounterpartyForm, refusal: str = ""
) -> HttpResponse:
    context = {
        "holder": holder,
        "others": others_of(request, holder),
        "lines": listed(holder),
        "some_alone": trades_with_some_alone(holder),
        "kept_out": kept_out(holder),
        "form": form,
        "partners": partners(holder),
        "refusal": refusal,
    }
    status = 422 if refusal or form.errors else 200
    return render(request, "holdings/counterparties.html", context, status=status)
