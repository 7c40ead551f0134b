"""The generator's pages: what needs doing, an upload from preview to certificates."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery import chain
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.domain.drawing import bars, month_sums
from certificates.errors import CertificatesError
from certificates.forms import MeterFileForm
from certificates.models import Device, MeterFile, Role
from certificates.permissions import organisations_of, produced_by
from certificates.queries import generator
from certificates.services import meter_summary, readings
from certificates.services.meter_confirmation import confirm as confirm_file
from certificates.tasks import import_meter_file, issue_device

STOP_POLLING = 286  # htmx's word for: this was the last answer
View = Callable[..., HttpResponse]


def producers_only(view: View) -> View:
    """For people who act for a producer; others are told so."""

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not organisations_of(request.user, Role.PRODUCER).exists():
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@producers_only
def home(request: HttpRequest) -> HttpResponse:
    """What needs doing, and each device with its last reading."""
    devices = list(produced_by(request.user))
    lines = generator.device_lines(devices)
    files = MeterFile.objects.filter(device__in=devices).select_related("device")
    context = {
        "lines": lines,
        "todo": [line for line in lines if line.held or line.missing or not line.readings],
        "waiting": files.filter(status=MeterFile.Status.PREVIEWED).order_by("-pk")[:5],
        "files": files.exclude(status=MeterFile.Status.PREVIEWED).order_by("-pk")[:8],
    }
    return render(request, "generator/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def upload(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Take a meter file and show what it would do."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    form = MeterFileForm(request.POST or None, request.FILES or None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = readings.upload(
                device=device,
                stream=sent,
                name=sent.name,
                selection=form.selection(),
                now=timezone.now(),
                user=request.user,  # type: ignore[arg-type]
            )
            return redirect("generator_file", file.pk)
        except CertificatesError as error:
            refusal = str(error)
    context = {"device": device, "form": form, "refusal": refusal}
    status = 422 if refusal or form.errors else 200
    return render(request, "generator/upload.html", context, status=status)


@require_safe
@producers_only
def meter_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file before its import, on its way, or after: at one address."""
    file = _file(request, pk)
    if file.status == MeterFile.Status.PREVIEWED:
        return render(request, "generator/preview.html", _preview(file))
    context = {"file": file, "progress": generator.progress(file), "causes": _causes(file)}
    return render(request, "generator/file.html", context)


@require_POST
@producers_only
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import and issue. A second click, or a second try, does nothing twice."""
    file = _file(request, pk)
    confirm_file(file=file, user=request.user, now=timezone.now())  # type: ignore[arg-type]
    file.refresh_from_db()
    if file.status == MeterFile.Status.IMPORTING or not generator.progress(file).is_done:
        work = chain(import_meter_file.si(file.pk), issue_device.si(file.device_id))
        transaction.on_commit(work.delay, robust=True)
    return redirect("generator_file", file.pk)


@require_safe
@producers_only
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is asked for again and again while work goes on."""
    file = _file(request, pk)
    state = generator.progress(file)
    context = {"file": file, "progress": state, "causes": _causes(file)}
    status = STOP_POLLING if state.is_done else 200
    return render(request, "generator/progress.html", context, status=status)


@require_safe
@producers_only
def rejected_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines that need a look, as CSV."""
    file = _file(request, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="lines-to-check-{file.pk}.csv"'
    csv.writer(response).writerows(meter_summary.rejected_rows(file))
    return response


def _file(request: HttpRequest, pk: int) -> MeterFile:
    mine = produced_by(request.user)
    files = MeterFile.objects.filter(device__in=mine).select_related("device__organisation")
    return get_object_or_404(files, pk=pk)


def _preview(file: MeterFile) -> dict[str, Any]:
    said = meter_summary.understood(file)
    return {
        "file": file,
        "device": file.device,
        "report": file.report,
        "understood": said,
        "causes": _causes(file),
        "bars": bars([wh for _, wh in said.days]),
        "days": len(said.days),
        "full_day_wh": file.device.capacity_w * 24,
        "months": month_sums(said.days),
        "approved": file.device.status == Device.Status.APPROVED,
    }


def _causes(file: MeterFile) -> list[meter_summary.Cause]:
    return meter_summary.causes(file.report)
