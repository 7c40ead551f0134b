"""A device's certificates by hour, by day and by number, and what became of them."""

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certificates.models import Device
from certificates.permissions import produced_by
from certificates.queries.generator import fates
from certificates.queries.generator import home as generator
from certificates.views import fate_page
from certificates.views.generator.home import producers_only, year_of


@require_safe
@producers_only
def certificates(request: HttpRequest, gsrn: str) -> HttpResponse:
    """A year as a picture, its months as a table; a month's days with their numbers."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    context = {"device": device, **year_of([device], request.GET.get("year"))}
    year = context["year"]
    if year is not None:
        context |= _year_facts(device, year) | _month_facts(device, request.GET.get("month"))
    return render(request, "generator/certificates.html", context)


@require_safe
@producers_only
def production(request: HttpRequest) -> HttpResponse:
    """What became of everything that all plants of the generator produced."""
    story = fate_page.owners_view(fates.fate(list(produced_by(request.user))))
    return render(request, "generator/production.html", {"story": story})


def _year_facts(device: Device, year: int) -> dict[str, Any]:
    starts_at, ends_at = _instant(year, 1), _instant(year + 1, 1)
    return {
        "where": generator.whereabouts(device, starts_at, ends_at),
        "story": fate_page.owners_view(fates.fate([device])),
    }


def _month_facts(device: Device, text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None
    ends_at = _instant(first.year + first.month // 12, first.month % 12 + 1)
    lines = generator.day_lines(device, _instant(first.year, first.month), ends_at)
    return {"month": first, "days": lines}


def _instant(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)
