"""Corrections: state new values, see what they change before it is done, and what they did."""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.domain.formats.choices import MARK
from certificates.domain.typed_values import ENERGY, START, TypedValue, as_file
from certificates.errors import CertificatesError
from certificates.models import Device, MeterFile
from certificates.permissions import produced_by
from certificates.queries.readings import stated_values
from certificates.queries.readings.stated_values import Stated
from certificates.services.meters import pages as meter_pages
from certificates.services.meters import readings
from certificates.services.meters.correction_effect import foresee, foresee_all
from certificates.views.generator.home import producers_only

YEARS = range(1900, 2200)  # in which a plant can have been metered


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def correct(request: HttpRequest, gsrn: str) -> HttpResponse:
    """The intervals of a day with a field for the new total of each."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    day = _day(request.GET.get("day"), device)
    stated = stated_values.day_of(device, day)
    refusal, wrong = "", -1
    if request.method == "POST":
        try:
            file = _file_of(request, device, day, stated)
            return redirect(_after(file), file.pk)
        except CertificatesError as error:
            refusal, wrong = str(error), getattr(error, "place", -1)
    typed = [request.POST.get(f"value-{place}", "") for place in range(len(stated))]
    context = {
        "device": device,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "lines": list(zip(stated, typed, strict=True)),
        "refusal": refusal,
        "wrong": wrong,
    }
    return render(request, "generator/correct.html", context, status=422 if refusal else 200)


def _after(file: MeterFile) -> str:
    """Straight to the effect, unless a line needs a look first or nothing known changes."""
    report = file.report
    is_clear = report.get("corrections") and not report["rejected"]
    return "generator_effect" if is_clear else "generator_file"


def _file_of(
    request: HttpRequest, device: Device, day: date, stated: Sequence[Stated]
) -> MeterFile:
    """The new values as a meter file, which then goes the way of every other."""
    values = [
        TypedValue(one.starts_at, one.version, request.POST.get(f"value-{place}", ""))
        for place, one in enumerate(stated)
    ]
    minutes = (stated[0].ends_at - stated[0].starts_at) // timedelta(minutes=1)
    chosen = {"start": START, "energy": ENERGY, "unit": "kwh", "stamp": "start", "zone": "UTC"}
    chosen |= {"counter": "interval", "length": str(minutes)}
    return readings.upload(
        device=device,
        stream=io.BytesIO(as_file(values).encode()),
        name=f"Values stated for {day}",
        selection={f"{MARK}{name}": value for name, value in chosen.items()},
        now=timezone.now(),
        user=request.user,  # type: ignore[arg-type]
    )


@require_safe
@producers_only
def effect(request: HttpRequest, pk: int) -> HttpResponse:
    """What a previewed file's corrections would change; from here they are confirmed."""
    mine = produced_by(request.user)
    files = MeterFile.objects.filter(device__in=mine).select_related("device__organisation")
    file = get_object_or_404(files, pk=pk)
    if file.status != MeterFile.Status.PREVIEWED or not file.report.get("corrections"):
        return redirect("generator_file", file.pk)
    context: dict[str, Any] = {"file": file, "device": file.device, "report": file.report}
    try:
        context["effect"] = foresee(file=file, now=timezone.now())
    except CertificatesError as error:
        context["refusal"] = str(error)
    status = 422 if context.get("refusal") else 200
    return render(request, "generator/effect.html", context, status=status)


@require_safe
@producers_only
def batch_effect(request: HttpRequest, sha256: str) -> HttpResponse:
    """What one file's corrections would change for all of its plants, imported together."""
    mine = MeterFile.objects.filter(device__in=produced_by(request.user), sha256=sha256)
    waiting = mine.filter(status=MeterFile.Status.PREVIEWED).select_related("device__organisation")
    files = list(waiting.order_by("device__name", "pk"))
    if not any(file.report.get("corrections") for file in files):
        return redirect("generator_batch", sha256)
    context = meter_pages.batch(files)
    try:
        effects = foresee_all(files=files, now=timezone.now())
        context["effects"] = [
            (file, effect)
            for file, effect in zip(files, effects or [], strict=effects is not None)
            if effect.count or effect.held
        ]
    except CertificatesError as error:
        context["refusal"] = str(error)
    status = 422 if context.get("refusal") else 200
    return render(request, "generator/batch_effect.html", context, status=status)


def _day(text: str | None, device: Device) -> date:
    """The day asked for, else the last one that the plant has readings of."""
    try:
        day = date.fromisoformat((text or "").strip())
    except ValueError:
        day = date.min
    if day.year in YEARS:
        return day
    return stated_values.last_day(device) or device.commissioned_on
