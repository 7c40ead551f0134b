"""A charging company's place: how much of what it sold was made in the same hours."""

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.queries.holding.awaiting import awaiting_answer
from certificates.queries.holding.holdings import held_wh
from charging.queries.company.coverage import coverage, sites_of
from charging.queries.driver.timeline import latest_runs
from charging.queries.matching.refusals import waiting_refusals
from charging.views.company.access import company_of, kept_question, site_asked, year_asked
from charging.views.company.page import months_of, year_of

NOTICES_SHOWN = 5


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Coverage of a year, hour by day; the share of its latest month first."""
    company = company_of(request)
    year = year_asked(request, company)
    news = {
        "answers": awaiting_answer([company], timezone.now()),
        "notices": company.notices.all()[:NOTICES_SHOWN],
        "stopped": waiting_refusals(company),
    }
    if year is None:
        return render(request, "company/empty.html", {"company": company, **news})
    site = site_asked(request, company)
    intervals = coverage(
        company,
        datetime(year.number, 1, 1, tzinfo=UTC),
        datetime(year.number + 1, 1, 1, tzinfo=UTC),
        site,
    )
    months = months_of(intervals, year.number)
    return render(
        request,
        "company/coverage.html",
        {
            "company": company,
            "year": year,
            "site": site,
            "sites": sites_of(company),
            "kept": kept_question(site),
            "picture": year_of(intervals),
            "months": months,
            "latest": next((month for month in reversed(months) if month.demand_wh), None),
            "demand_wh": sum(month.demand_wh for month in months),
            "matched_wh": sum(month.matched_wh for month in months),
            "spare_wh": sum(month.spare_wh for month in months),
            "held_wh": held_wh(company),
            "runs": latest_runs(company),
            **news,
        },
    )
