"""A company's lists as files."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.views.exports import list_file
from charging.queries.company.exports import LISTINGS
from charging.views.company.access import company_of


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def lists_page(request: HttpRequest) -> HttpResponseBase:
    """Every list of the company, in each form."""
    facts = {"company": company_of(request), "lists": LISTINGS.items()}
    return render(request, "company/lists.html", facts)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def list_page(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """One of the lists, row by row."""
    return list_file(request, LISTINGS, name, kind, company_of(request))
