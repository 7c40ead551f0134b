"""Whose pages a person may see, and which period they ask for."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from certificates.models import Organisation, Role
from certificates.permissions import is_auditor, organisations_of
from charging.models import MatchingRun, Session
from charging.views.company_page import Year


def company_of(request: HttpRequest) -> Organisation:
    """The company this person acts for. Raises: PermissionDenied without one."""
    companies = organisations_of(request.user, Role.CHARGING_COMPANY)
    company = companies.order_by("pk").first()
    if company is None:
        raise PermissionDenied("You act for no charging company.")
    return company


def acts_for(request: HttpRequest, company: Organisation) -> bool:
    """Whether the person is of this company; an auditor looks on from outside."""
    return organisations_of(request.user, Role.CHARGING_COMPANY).filter(pk=company.pk).exists()


def charge_for(request: HttpRequest, number: int) -> Session:
    """A charge of one of the person's companies, any charge for an auditor.

    Raises: Http404.
    """
    charges = Session.objects.select_related("operator", "claimant", "evse__location", "area")
    if not is_auditor(request.user):
        mine = organisations_of(request.user, Role.CHARGING_COMPANY)
        charges = charges.filter(claimant__in=mine)
    charge = charges.filter(pk=number).first()
    if charge is None:
        raise Http404("You have no such charge.")
    return charge


def run_for(request: HttpRequest, number: int) -> MatchingRun:
    """A matching run of one of the person's companies, any run for an auditor.

    Raises: Http404.
    """
    runs = MatchingRun.objects.select_related("organisation")
    if not is_auditor(request.user):
        runs = runs.filter(organisation__in=organisations_of(request.user, Role.CHARGING_COMPANY))
    run = runs.filter(pk=number).first()
    if run is None:
        raise Http404("You have no such matching run.")
    return run


def year_asked(request: HttpRequest, company: Organisation) -> Year | None:
    """The year asked for, within those that have charges; the latest without a question."""
    charges = Session.objects.filter(claimant=company).order_by("started_at")
    first = charges.values_list("started_at", flat=True).first()
    last = charges.values_list("started_at", flat=True).last()
    if first is None or last is None:
        return None
    text = request.GET.get("year", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else last.year
    return Year(min(max(asked, first.year), last.year), first.year, last.year)


def day_asked(request: HttpRequest, company: Organisation) -> date | None:
    """The day asked for, else the last one with a charge; `None` without charges."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        charges = Session.objects.filter(claimant=company).order_by("-started_at")
        last = charges.values_list("started_at", flat=True).first()
        return last.date() if last else None
