"""What a company's charges are to get first, before they are matched."""

from datetime import UTC, date, datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from certificates.models import Organisation
from charging.domain.matching.terms import Preference
from charging.domain.wishes import Wished
from charging.errors import WishRefused
from charging.models import SessionFile
from charging.queries.company.coverage import sites_of
from charging.queries.matching.open_charges import Which, open_charges, wish_choices, wish_counts
from charging.services.matching.wishes import wish
from charging.views.company.access import company_of, file_asked, site_asked

PLACES = range(1, 4)  # preferences that the form asks for
FILES_SHOWN = 50


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def wishes_page(request: HttpRequest) -> HttpResponse:
    """What open charges wish; and, with charges chosen, a form to say it."""
    company = company_of(request)
    refusal = ""
    try:
        which = _which(request, company)
        if request.method == "POST":
            return _wish(request, company, which)
    except WishRefused as error:
        which, refusal = Which(), str(error)
    chosen = open_charges(company, which)
    choices = wish_choices()
    facts = {
        "company": company,
        "which": which,
        "refusal": refusal,
        "asked": {name: request.GET.get(name, "") for name in ("from", "to")},
        "count": chosen.count(),
        "counts": wish_counts(company),
        "choices": choices,
        "names": dict(choices.suppliers) | dict(choices.sources),
        "places": PLACES,
        "sites": sites_of(company),
        "files": SessionFile.objects.filter(organisation=company).order_by("-pk")[:FILES_SHOWN],
    }
    return render(request, "company/wishes.html", facts, status=422 if refusal else 200)


def _wish(request: HttpRequest, company: Organisation, which: Which) -> HttpResponse:
    """Raises: WishRefused."""
    changed = wish(
        organisation=company,
        which=which,
        wished=wished_in(request.POST),
        actor=request.user,
        now=timezone.now(),
    )
    if changed:
        words = "charge has" if changed == 1 else "charges have"
        messages.success(request, f"{changed:,} {words} this wish now.")
    else:
        messages.info(request, "No charge is open any more that you chose. Nothing was changed.")
    return redirect(request.get_full_path())


def wished_in(given: QueryDict) -> Wished:
    """The wish that the form says."""
    pairs = [(given.get(f"supplier-{n}", ""), given.get(f"source-{n}", "")) for n in PLACES]
    return Wished(
        first=given.get("first") == "on",
        order=tuple(Preference(*pair) for pair in pairs if any(pair)),
        strict=given.get("strict") == "on",
    )


def _which(request: HttpRequest, company: Organisation) -> Which:
    """Raises: WishRefused for a day that is none."""
    first, last = (day_of(request.GET.get(name, "")) for name in ("from", "to"))
    return Which(
        site=site_asked(request, company),
        file=file_asked(request, company),
        starts_at=first,
        ends_at=last + timedelta(days=1) if last else None,
    )


def day_of(text: str) -> datetime | None:
    """The start of a day in UTC, if one is named. Raises: WishRefused for a day that is none."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError as error:
        raise WishRefused(f"{text[:20]!r} is no day. Write one such as 2026-03-31.") from error
