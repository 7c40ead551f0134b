"""A device's certificates by hour, by day and by number, and what became of them."""

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certificates.domain.drawing import month_sums, year_paths
from certificates.models import Device
from certificates.permissions import produced_by
from certificates.queries import generator
from certificates.queries.production import calendar
from certificates.views.generator import producers_only


@require_safe
@producers_only
def certificates(request: HttpRequest, gsrn: str) -> HttpResponse:
    """A year as a picture, its months as a table; a month's days with their numbers."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    years = generator.years(device)
    year = _year(request.GET.get("year"), years)
    context: dict[str, Any] = {"device": device, "years": years, "year": year}
    if year is not None:
        context |= _year_facts(device, year) | _month_facts(device, request.GET.get("month"))
    return render(request, "generator/certificates.html", context)


def _year_facts(device: Device, year: int) -> dict[str, Any]:
    starts_at, ends_at = _instant(year, 1), _instant(year + 1, 1)
    days = calendar(device, starts_at, ends_at)
    hours = {
        (day.day, hour): amount
        for day in days
        for hour, amount in enumerate(day.hours)
        if amount is not None
    }
    return {
        "picture": year_paths(hours, device.capacity_w),
        "months": month_sums((day.day, day.total_wh) for day in days),
        "hours": len(hours),
        "where": generator.whereabouts(device, starts_at, ends_at),
        "uses": generator.uses(device, starts_at, ends_at),
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


def _year(text: str | None, years: list[int]) -> int | None:
    if text and text.isdecimal() and int(text) in years:
        return int(text)
    return years[-1] if years else None


def _instant(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)
