"""A company's months and hours: what was covered, what was missing, what would fill it."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.queries.company.coverage import coverage, sites_of
from charging.queries.company.gap import gaps
from charging.queries.company.hour import hour_of
from charging.queries.company.kept import kept
from charging.queries.grid import factors_of_hour
from charging.queries.matching.provisional import open_intervals
from charging.views.company.access import (
    company_of,
    hour_asked,
    kept_question,
    month_asked,
    price_asked,
    site_asked,
    year_asked,
)
from charging.views.company.gap import gap_rows, total_of
from charging.views.company.page import days_of

MOST_CHARGES = 200
MOST_LOTS = 50
HOUR = timedelta(hours=1)
FIRST_YEAR, LAST_YEAR = 1970, 9998


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def month_page(request: HttpRequest) -> HttpResponse:
    """A month as a table of days and hours; every hour leads to its own page."""
    company = company_of(request)
    month = month_asked(request, company)
    if month is None:
        return render(request, "company/empty.html", {"company": company})
    month = min(max(month, date(FIRST_YEAR, 2, 1)), date(LAST_YEAR, 11, 1))
    before, after = _neighbours(month)
    site = site_asked(request, company)
    stretch = (company, _midnight(month), _midnight(after))
    still_open = open_intervals(*stretch, timezone.now(), site)
    days = days_of(coverage(*stretch, site), month, still_open)
    return render(
        request,
        "company/month.html",
        {
            "company": company,
            "month": month,
            "before": before,
            "after": after,
            "site": site,
            "sites": sites_of(company),
            "kept": kept_question(site),
            "hours": range(24),
            "hour_url": reverse("company-hour"),
            "days": days,
            "is_open": bool(still_open),
            "demand_wh": sum(day.demand_wh for day in days),
            "matched_wh": sum(day.matched_wh for day in days),
        },
    )


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def hour_page(request: HttpRequest) -> HttpResponse:
    """One hour: its charges, its certificates, what was missing and who holds it."""
    company = company_of(request)
    at = hour_asked(request)
    if not FIRST_YEAR < at.year <= LAST_YEAR:
        raise Http404("No charge was ever in this hour.")
    site, asked = site_asked(request, company), price_asked(request)
    told = hour_of(company, at, at + HOUR, site)
    now = timezone.now()
    still_open = open_intervals(company, at, at + HOUR, now, site).values()
    closes_at = max((one.closes_at for one in still_open), default=None)
    return render(
        request,
        "company/hour.html",
        {
            "company": company,
            "at": at,
            "ends_at": at + HOUR,
            "before": at - HOUR,
            "after": at + HOUR,
            "site": site,
            "asked": asked,
            "kept": kept_question(site, asked),
            "told": told,
            "closes_at": closes_at,
            "is_due": closes_at is not None and closes_at <= now,
            "provisional_wh": sum(one.provisional_wh for one in still_open),
            "gap": total_of(told.gaps, asked.price),
            "charges": told.charges[:MOST_CHARGES],
            "more_charges": max(0, len(told.charges) - MOST_CHARGES),
            "lots": told.lots[:MOST_LOTS],
            "more_lots": max(0, len(told.lots) - MOST_LOTS),
            "factors": factors_of_hour(company, at, at + HOUR),
        },
        status=422 if asked.refusal else 200,
    )


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def gap_page(request: HttpRequest) -> HttpResponse:
    """What a year is missing, who holds certificates of those hours, and what they may cost."""
    company = company_of(request)
    year = year_asked(request, company)
    if year is None:
        return render(request, "company/empty.html", {"company": company})
    site, asked = site_asked(request, company), price_asked(request)
    found = kept(
        "gaps",
        company,
        (year.number, site.pk if site else 0),
        lambda: gaps(company, *year.period, site),
    )
    return render(
        request,
        "company/gap.html",
        {
            "company": company,
            "year": year,
            "site": site,
            "sites": sites_of(company),
            "asked": asked,
            "kept": kept_question(site, asked),
            "rows": gap_rows(found, year.number, asked.price),
            "total": total_of(found, asked.price),
            "hours": len(found),
        },
        status=422 if asked.refusal else 200,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _neighbours(month: date) -> tuple[date, date]:
    """The first days of the months before and after."""
    before = (month - timedelta(days=1)).replace(day=1)
    return before, (month + timedelta(days=31)).replace(day=1)
