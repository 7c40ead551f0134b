"""A company's days and charges, hour by hour: what was matched, and why not more."""

from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.queries.company.coverage import coverage
from charging.queries.company.explain import explain
from charging.queries.company.session_rows import findings_of_charge
from charging.queries.driver.timeline import charges_on
from charging.queries.matching.open_charges import wish_choices
from charging.views.company.access import (
    acts_for,
    charge_for,
    company_of,
    day_asked,
    kept_question,
    site_asked,
)

MOST_CHARGES = 200
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9999, 12, 30)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def day_page(request: HttpRequest) -> HttpResponse:
    """The hours and charges of one UTC day."""
    company = company_of(request)
    day = day_asked(request, company)
    if day is None:
        return render(request, "company/empty.html", {"company": company})
    day = min(max(day, FIRST_DAY), LAST_DAY)
    starts_at = datetime.combine(day, time(), UTC)
    ends_at = starts_at + timedelta(days=1)
    site = site_asked(request, company)
    charges = charges_on(company, starts_at, ends_at, site)
    hours = coverage(company, starts_at, ends_at, site)
    return render(
        request,
        "company/day.html",
        {
            "company": company,
            "day": day,
            "site": site,
            "kept": kept_question(site),
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1),
            "hours": hours,
            "demand_wh": sum(hour.demand_wh for hour in hours),
            "matched_wh": sum(hour.matched_wh for hour in hours),
            "charges": charges[:MOST_CHARGES],
            "more": max(0, len(charges) - MOST_CHARGES),
        },
    )


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def charge_page(request: HttpRequest, number: int) -> HttpResponse:
    """Why each hour of one charge got what it got."""
    charge = charge_for(request, number)
    told = explain(charge, timezone.now())
    choices = wish_choices()
    facts = {
        "charge": charge,
        "told": told,
        "findings": findings_of_charge(charge),
        "names": dict(choices.suppliers) | dict(choices.sources),
        "is_own": acts_for(request, charge.claimant),
    }
    return render(request, "company/charge.html", facts)
