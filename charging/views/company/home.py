"""A charging company's place: how much of what it sold was made in the same hours."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.queries.holding.awaiting import awaiting_answer
from charging.queries.company.coverage import coverage, sites_of
from charging.queries.company.kept import kept
from charging.queries.driver.timeline import latest_runs
from charging.queries.matching.refusals import waiting_refusals
from charging.views.company.access import company_of, kept_question, site_asked, year_asked
from charging.views.company.page import months_of, year_of

NOTICES_SHOWN = 5


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Coverage of a year, hour by day; its share first, beside that by the year."""
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
    intervals = kept(
        "coverage",
        company,
        (year.number, site.pk if site else 0),
        lambda: coverage(company, *year.period, site),
    )
    months = months_of(intervals, year.number)
    demand_wh = sum(month.demand_wh for month in months)
    matched_wh = sum(month.matched_wh for month in months)
    spare_wh = sum(month.spare_wh for month in months)
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
            "demand_wh": demand_wh,
            "matched_wh": matched_wh,
            "spare_wh": spare_wh,
            # What is matched came out of what was received, so that both together were.
            "by_year_wh": min(demand_wh, matched_wh + spare_wh),
            "runs": latest_runs(company),
            **news,
        },
    )
