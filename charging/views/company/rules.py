"""A company's matching under other rules: what if, and one run computed again."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.domain.matching import VERSION
from charging.domain.matching.policies import ANNUAL, HOURLY, POLICIES
from charging.domain.matching.versions import VERSIONS
from charging.queries.company.kept import kept
from charging.queries.matching.refusals import waiting_refusals
from charging.queries.matching.replay import replay
from charging.queries.matching.verdicts import verdict_of
from charging.queries.matching.what_if import compare
from charging.views.company.access import (
    acts_for,
    company_of,
    refusal_for,
    run_for,
    year_asked,
)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def what_if_page(request: HttpRequest) -> HttpResponse:
    """A year of charges under every policy; nothing is written."""
    company = company_of(request)
    year = year_asked(request, company)
    if year is None:
        return render(request, "company/empty.html", {"company": company})
    starts_at, ends_at = year.period
    reports = kept(
        "what-if",
        company,
        year.number,
        lambda: compare(
            organisation=company, starts_at=starts_at, ends_at=ends_at, counts_hours=False
        ),
    )
    return render(
        request,
        "company/what_if.html",
        {
            "company": company,
            "year": year,
            "rows": [(POLICIES[name], report) for name, report in reports.items()],
            "has_coarse": any(report.too_coarse_wh for report in reports.values()),
            "by_year": reports[ANNUAL.name],
            "by_hour": reports[HOURLY.name],
        },
    )


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def run_page(request: HttpRequest, number: int) -> HttpResponse:
    """One run: what the checker found, and the run computed again under another rule."""
    run = run_for(request, number)
    policy, version = request.GET.get("policy", ""), request.GET.get("rule", "")
    policy = policy if policy in POLICIES else HOURLY.name
    version = version if version in VERSIONS else VERSION
    return render(
        request,
        "company/run.html",
        {
            "run": run,
            "is_own": acts_for(request, run.organisation),
            "verdict": verdict_of(run),
            "told": replay(run, policy=policy, version=version),
            "policy": POLICIES[policy],
            "policies": POLICIES.values(),
            "versions": list(VERSIONS),
        },
    )


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def stopped_page(request: HttpRequest, number: int) -> HttpResponse:
    """A matching that the checker stopped: which rules it breaks, and where."""
    organisation, refusal = refusal_for(request, number)
    facts = {
        "organisation": organisation,
        "refusal": refusal,
        "is_own": acts_for(request, organisation),
        "waits": any(one.number == number for one in waiting_refusals(organisation)),
    }
    return render(request, "company/stopped_run.html", facts)
