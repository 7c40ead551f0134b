"""A charging company's place: how much of what it sold was made in the same hours."""

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.models import Organisation, Role
from certificates.permissions import organisations_of
from certificates.queries.holdings import held_wh
from charging.models import Session
from charging.queries.coverage import coverage
from charging.queries.timeline import latest_runs
from charging.views.company_page import Year, months_of, year_of


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Coverage of a year, hour by day; the share of its latest month first."""
    company = _company(request)
    year = _year(request, company)
    if year is None:
        return render(request, "company/empty.html", {"company": company})
    intervals = coverage(
        company,
        datetime(year.number, 1, 1, tzinfo=UTC),
        datetime(year.number + 1, 1, 1, tzinfo=UTC),
    )
    months = months_of(intervals)
    return render(
        request,
        "company/coverage.html",
        {
            "company": company,
            "year": year,
            "picture": year_of(intervals),
            "months": months,
            "latest": next((month for month in reversed(months) if month.demand_wh), None),
            "demand_wh": sum(month.demand_wh for month in months),
            "matched_wh": sum(month.matched_wh for month in months),
            "spare_wh": sum(month.spare_wh for month in months),
            "held_wh": held_wh(company),
            "runs": latest_runs(company),
        },
    )


def _company(request: HttpRequest) -> Organisation:
    """The company this person acts for. Raises: PermissionDenied without one."""
    companies = organisations_of(request.user, Role.CHARGING_COMPANY)  # type: ignore[arg-type]
    company = companies.order_by("pk").first()
    if company is None:
        raise PermissionDenied("You act for no charging company.")
    return company


def _year(request: HttpRequest, company: Organisation) -> Year | None:
    """The year asked for, within those that have charges; the latest without a question."""
    charges = Session.objects.filter(claimant=company).order_by("started_at")
    first = charges.values_list("started_at", flat=True).first()
    last = charges.values_list("started_at", flat=True).last()
    if first is None or last is None:
        return None
    text = request.GET.get("year", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else last.year
    return Year(min(max(asked, first.year), last.year), first.year, last.year)
