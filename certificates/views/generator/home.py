"""The generator's first page: what needs doing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import chain, islice
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.domain.drawing import calendar_paths
from certificates.models import CertificateImport, Device, MeterFile, Notice, Role
from certificates.permissions import organisations_of, produced_by
from certificates.queries.generator import calendar as generator_calendar
from certificates.queries.generator import home as generator
from certificates.queries.generator.gaps import gaps, missing_hours
from certificates.queries.generator.handover_effect import handovers_shown
from certificates.queries.holding.awaiting import awaiting_answer
from certificates.queries.plants import applications as plant_applications
from certificates.queries.readings.debts import debts
from certificates.views.csv_stream import csv_lines
from certificates.views.generator import plant_draft
from certificates.views.plant_map import plants_map

PREVIEWS_LOOKED_AT, PREVIEWS_SHOWN = 20, 5
GAPS_PER_PAGE, NOTICES_SHOWN = 500, 8
TOLD_FOR = timedelta(days=30)
View = Callable[..., HttpResponseBase]


def producers_only(view: View) -> View:
    """For people who act for a producer; others are told so."""

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not organisations_of(request.user, Role.PRODUCER).exists():
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@producers_only
def home(request: HttpRequest) -> HttpResponse:
    """What needs doing, a year of production and certificates, each plant with its last reading."""
    now = timezone.now()
    owners = organisations_of(request.user, Role.PRODUCER)
    devices = list(produced_by(request.user))
    lines = generator.device_lines(devices)
    files = MeterFile.objects.filter(device__in=devices).select_related("device")
    reasons = plant_applications.reasons(devices)
    context = {
        "owners": owners,
        "lines": lines,
        "todo": [line for line in lines if _needs_a_look(line)],
        "returned": [(one, reasons[one.pk]) for one in devices if one.pk in reasons],
        "described": plant_draft.draft(request).get("name", ""),
        "waiting": _unfinished(files.filter(status=MeterFile.Status.PREVIEWED)),
        "files": files.exclude(status=MeterFile.Status.PREVIEWED).order_by("-pk")[:8],
        "refused": _refused_imports(devices, now),
        "debts": debts(now, devices),
        "answers": awaiting_answer(owners, now),
        "handovers": handovers_shown(owners),
        "notices": Notice.objects.filter(organisation__in=owners)[:NOTICES_SHOWN],
        "map": plants_map(devices),
        **year_of(devices, request.GET.get("year")),
    }
    asking = ("todo", "returned", "described", "waiting", "refused", "debts", "answers")
    context["needs"] = any(context[name] for name in asking)
    return render(request, "generator/home.html", context)


def _unfinished(previews: "QuerySet[MeterFile]") -> list[MeterFile]:
    """The latest that ask something of a person; one that says nothing new does not."""
    parts = ("accepted", "held", "rejected", "open")
    latest = previews.order_by("-pk")[:PREVIEWS_LOOKED_AT].iterator(chunk_size=PREVIEWS_SHOWN)
    asking = (file for file in latest if any(file.report.get(part) for part in parts))
    return list(islice(asking, PREVIEWS_SHOWN))


def _refused_imports(devices: Sequence[Device], now: datetime) -> QuerySet[CertificateImport]:
    """What an auditor refused or took back of late, and nobody has handed in again since."""
    again = CertificateImport.objects.filter(
        device=OuterRef("device"), sha256=OuterRef("sha256"), pk__gt=OuterRef("pk")
    )
    refused = CertificateImport.objects.filter(
        ~Exists(again), device__in=devices, status="refused", decided_at__gte=now - TOLD_FOR
    )
    return refused.select_related("device").order_by("-pk")[:5]


@require_safe
@producers_only
def missing(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Which intervals a plant's meter data leave out."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    found = gaps(device)
    page = Paginator(found, GAPS_PER_PAGE).get_page(request.GET.get("page"))
    count = sum(gap.intervals for gap in found)
    return render(
        request, "generator/missing.html", {"device": device, "page": page, "count": count}
    )


@require_safe
@producers_only
def missing_file(request: HttpRequest, gsrn: str) -> HttpResponseBase:
    """The missing intervals as a meter file, to fill in and upload."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    rows = (
        (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "")
        for gap in gaps(device)
        for at in gap.starts()
    )
    text = csv_lines(chain([("interval_start_utc", "energy_kwh")], rows))
    response = StreamingHttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="missing-{device.gsrn}.csv"'
    return response


def year_of(devices: Sequence[Device], asked: str | None) -> dict[str, Any]:
    """A year of the devices as a picture and a table; the last one unless another is asked for."""
    years = generator_calendar.production_years(devices)
    if not years:
        return {"years": [], "year": None}
    year = next((one for one in years if str(one) == asked), years[-1])
    found = generator_calendar.calendar(devices, year)
    able_w = sum(one.capacity_w for one in devices)
    # Of several plants together an hour may be there and missing at once.
    missing = missing_hours(devices[0], year) if len(devices) == 1 else set()
    months = generator_calendar.month_lines(found)
    return {
        "years": years,
        "year": year,
        "picture": calendar_paths(found.certified, found.produced, able_w, missing),
        "missing": bool(missing),
        "months": months,
        "produced_wh": sum(line.produced_wh for line in months),
        "certified_wh": sum(line.certified_wh for line in months),
    }


def _needs_a_look(line: generator.DeviceLine) -> bool:
    if line.device.kind == Device.Kind.EXTERNAL:
        return False  # no meter file of it is read here
    if line.device.status in (Device.Status.APPROVED, Device.Status.SUSPENDED):
        return bool(line.held or line.missing or not line.readings)
    return bool(line.held or line.missing)
