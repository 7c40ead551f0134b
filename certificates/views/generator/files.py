"""A meter file's way: upload, preview with its questions, import, at one address."""

from functools import partial
from typing import Any

from celery import chain, group
from django.conf import settings
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.domain.formats.choices import NAMES
from certificates.errors import CertificatesError
from certificates.forms import MeterFileForm
from certificates.models import Device, MeterFile
from certificates.permissions import produced_by
from certificates.queries.generator import home as generator
from certificates.queries.readings.correction_effects import effect_of
from certificates.services.meters import confirmation as meter_confirmation
from certificates.services.meters import import_progress, readings, waiting
from certificates.services.meters import lines_download as meter_lines_download
from certificates.services.meters import pages as meter_pages
from certificates.services.meters import summary as meter_summary
from certificates.tasks import import_meter_file, import_meter_files, issue_device
from certificates.views.csv_stream import csv_lines
from certificates.views.generator.home import producers_only
from ledger.services.asking import ask

STOP_POLLING = 286  # htmx's word for: this was the last answer


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
    limit = settings.UPLOAD_LIMIT_BYTES
    context = {"device": device, "form": form, "refusal": refusal, "limit_bytes": limit}
    status = 422 if refusal or form.errors else 200
    return render(request, "generator/upload.html", context, status=status)


@require_safe
@producers_only
def meter_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file before its import, on its way, or after: at one address."""
    return _shown(request, _file(request, pk))


@require_POST
@producers_only
def reread(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a previewed file with other choices."""
    file = _file(request, pk)
    changes = {name: request.POST[name] for name in NAMES if name in request.POST}
    try:
        answer = meter_confirmation.reread(file=file, changes=changes, now=timezone.now())
    except CertificatesError as error:
        return _refused(request, file, error)
    return redirect("generator_file", answer.pk)


@require_POST
@producers_only
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which plant of a file is which device."""
    file = _file(request, pk)
    own = {device.gsrn: device for device in produced_by(request.user)}
    places = range(len(file.report.get("registers", [])))
    chosen = {place: own.get(request.POST.get(f"register-{place}", "")) for place in places}
    devices = {place: device for place, device in chosen.items() if device}
    try:
        files = meter_confirmation.assign(file=file, devices=devices, now=timezone.now())
    except CertificatesError as error:
        return _refused(request, file, error)
    if len(files) == 1:
        return redirect("generator_file", files[0].pk)
    return redirect("generator_batch", file.sha256)


@require_POST
@producers_only
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import and issue. A second click, or a second try, does nothing twice."""
    file = _file(request, pk)
    try:
        meter_confirmation.confirm(file=file, user=request.user, now=timezone.now())  # type: ignore[arg-type]
    except CertificatesError as error:
        return _shown(request, file, refusal=str(error))
    file.refresh_from_db()
    if (
        file.status == MeterFile.Status.IMPORTING
        or not generator.progress(file, timezone.now()).is_done
    ):
        work = chain(import_meter_file.si(file.pk), issue_device.si(file.device_id))
        transaction.on_commit(partial(ask, work), robust=True)
    return redirect("generator_file", file.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def batch(request: HttpRequest, sha256: str) -> HttpResponse:
    """One file for several plants: its previews side by side, imported together."""
    files = list(_files(request).filter(sha256=sha256).order_by("device__name", "pk"))
    if not files:
        return get_object_or_404(_files(request), pk=None)  # type: ignore[return-value]
    refusal = ""
    if request.method == "POST":
        try:
            meter_confirmation.confirm_all(files=files, user=request.user, now=timezone.now())  # type: ignore[arg-type]
        except CertificatesError as error:
            refusal = str(error)
        else:
            _import_together(_files(request).filter(sha256=sha256))
            return redirect("generator_batch", sha256)
    nobody = any(waiting.nobody_takes(file, timezone.now()) for file in files[:1])
    context = meter_pages.batch(files) | {"refusal": refusal, "nobody": nobody}
    return render(request, "generator/batch.html", context, status=422 if refusal else 200)


def _import_together(files: Any) -> None:
    waiting = list(files.filter(status=MeterFile.Status.IMPORTING).order_by("pk"))
    if not waiting:
        return
    issuing = group(issue_device.si(file.device_id) for file in waiting)
    work = chain(import_meter_files.si([file.pk for file in waiting]), issuing)
    transaction.on_commit(partial(ask, work), robust=True)


@require_safe
@producers_only
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is asked for again and again while work goes on."""
    file = _file(request, pk)
    context = _after(file)
    status = STOP_POLLING if context["progress"].is_done else 200
    return render(request, "generator/progress.html", context, status=status)


@require_safe
@producers_only
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line that needs a look, five hundred to a page."""
    file = _file(request, pk)
    found = meter_lines_download.problems(file, timezone.now())
    page = Paginator(found, meter_summary.LINES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "generator/lines.html", {"file": file, "page": page})


@require_safe
@producers_only
def problem_list(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines that need a look and what is wrong with each, as CSV."""
    file = _file(request, pk)
    rows = meter_lines_download.problem_rows(file, timezone.now())
    return _download(csv_lines(rows), f"lines-to-check-{file.pk}.csv")


@require_safe
@producers_only
def correctable_lines(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines that were not taken, in the file's own layout, to correct and upload."""
    file = _file(request, pk)
    lines = meter_lines_download.correctable(file, timezone.now())
    return _download(lines, meter_lines_download.correctable_name(file))


def _download(text: Any, name: str) -> StreamingHttpResponse:
    kind = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/octet-stream"
    response = StreamingHttpResponse(text, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _files(request: HttpRequest) -> Any:
    mine = produced_by(request.user)
    return MeterFile.objects.filter(device__in=mine).select_related("device__organisation")


def _file(request: HttpRequest, pk: int) -> MeterFile:
    file: MeterFile = get_object_or_404(_files(request), pk=pk)
    return file


def _refused(request: HttpRequest, file: MeterFile, error: CertificatesError) -> HttpResponse:
    """Say why; where a second click came too late, show where the first one led."""
    if _files(request).filter(pk=file.pk).exists():
        return _shown(request, file, refusal=str(error))
    alike = _files(request).filter(sha256=file.sha256, device=file.device).order_by("-pk").first()
    return redirect("generator_file", alike.pk) if alike else redirect("generator")


def _shown(request: HttpRequest, file: MeterFile, refusal: str = "") -> HttpResponse:
    status = 422 if refusal else 200
    if file.status == MeterFile.Status.PREVIEWED:
        if meter_summary.needs_register(file):
            own: list[Device] = list(produced_by(request.user))
            context = meter_pages.registers(file, own)
            template = "generator/registers.html"
        else:
            context, template = meter_pages.preview(file), "generator/preview.html"
        return render(request, template, context | {"refusal": refusal}, status=status)
    return render(request, "generator/file.html", _after(file), status=status)


def _written(file: MeterFile) -> tuple[int, int] | None:
    if file.status != MeterFile.Status.IMPORTING:
        return None
    return import_progress.written(import_progress.METER, file.pk)


def _after(file: MeterFile) -> dict[str, Any]:
    """What the page says of a file that is on its way or imported."""
    now = timezone.now()
    corrects = file.report.get("corrections") and file.status == MeterFile.Status.IMPORTED
    return {
        "file": file,
        "progress": generator.progress(file, now),
        "written": _written(file),
        "waits": waiting.waits(file),
        "nobody": waiting.nobody_takes(file, now),
        "causes": meter_summary.causes(file.report),
        "effect": effect_of(file) if corrects else None,
    }
