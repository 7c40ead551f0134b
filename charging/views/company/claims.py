"""A company's green claims, each with its verdict."""

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.domain.green_claims import Finding
from charging.queries.company.claims_check import RECORD, SITE, TARIFF, claims_check
from charging.views.company.access import company_of, year_asked

WHO = {
    TARIFF: "Tariff",
    SITE: "Site",
    RECORD: "Charge records with tariff",
}
WORDS = {
    Finding.BORNE_OUT: "Borne out",
    Finding.OVERSTATED: "Says more than was retired",
    Finding.ON_ITS_WAY: "Borne out once the last retirements are in a block",
    Finding.NOTHING_CHARGED: "Nothing final was charged under it",
    Finding.NO_CLAIM: "Claims nothing",
}


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def claims_page(request: HttpRequest) -> HttpResponse:
    """What was stated by OCPI, against what was retired in a year."""
    company = company_of(request)
    year = year_asked(request, company)
    if year is None:
        return render(request, "company/empty.html", {"company": company})
    check = claims_check(
        company,
        datetime(year.number, 1, 1, tzinfo=UTC),
        datetime(year.number + 1, 1, 1, tzinfo=UTC),
    )
    rows = [
        {"claim": claim, "who": WHO[claim.kind], "words": WORDS[claim.judgement.finding]}
        for claim in check.claims
    ]
    overstated = sum(claim.judgement.finding == Finding.OVERSTATED for claim in check.claims)
    facts = {
        "company": company,
        "year": year,
        "check": check,
        "rows": rows,
        "overstated": overstated,
    }
    return render(request, "company/claims.html", facts)
