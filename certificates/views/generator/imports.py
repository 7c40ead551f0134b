"""Certificates of another registry: choose a file, see how it is read, hand it in."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.domain.external.factors import UNITS
from certificates.domain.external.gc_csv import OPTIONS
from certificates.domain.external.line import COLUMNS, SAMPLE
from certificates.domain.formats.choices import STATED
from certificates.errors import CertificatesError, ImportRefused, LinesRefused
from certificates.forms.imports import SETTLED, WORDS, ImportForm, ProofForm
from certificates.models import CertificateImport, Device, ExternalRegistry
from certificates.permissions import produced_by
from certificates.services.imports import files as external_files
from certificates.services.imports import imports as certificate_imports
from certificates.services.imports.imports import Request
from certificates.services.imports.registries import find_registry
from certificates.services.meters import import_progress
from certificates.services.meters.storing import IMPORTS, StoredFile, of_plant
from certificates.views.csv_stream import csv_lines
from certificates.views.generator.files import STOP_POLLING
from certificates.views.generator.home import producers_only

KEY = "import_draft"
LINES_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def start(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Take a file and show what it would bring in; nothing is handed in yet."""
    device = _device(request, gsrn)
    registries = list(ExternalRegistry.objects.order_by("name"))
    form = ImportForm(request.POST or None, request.FILES or None, registries=registries)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            external_files.check_plant(device)
            stored = external_files.keep(device, sent)
            request.session[KEY] = {
                "gsrn": gsrn,
                "sha256": stored.sha256,
                "name": sent.name[:200],
                "registry": form.cleaned_data["registry"],
                "choices": {},
            }
            return redirect("generator_import_check", gsrn)
        except CertificatesError as error:
            refusal = str(error)
    context = {"device": device, "form": form, "registries": registries, "refusal": refusal}
    context["limit_bytes"] = settings.UPLOAD_LIMIT_BYTES
    status = 422 if refusal or form.errors else 200
    return render(request, "generator/import_start.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def check(request: HttpRequest, gsrn: str) -> HttpResponse:
    """How the file is read, with every line that cannot come in; what was chosen is kept."""
    device, draft = _device(request, gsrn), _draft(request, gsrn)
    if draft is None:
        return redirect("generator_import", gsrn)
    if request.method == "POST":
        chosen = {name: request.POST[name] for name in OPTIONS if request.POST.get(name)}
        request.session[KEY] = {**draft, "choices": {**draft["choices"], **chosen}}
        return redirect("generator_import_check", gsrn)
    return _shown(request, device, draft)


@require_POST
@producers_only
def hand_in(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Ask for the import. A second click leads to the first."""
    device, draft = _device(request, gsrn), _draft(request, gsrn)
    if draft is None:
        return redirect("generator_import", gsrn)
    form = ProofForm(request.POST, label_suffix="")
    if request.POST.get("seen") != _mark(draft):
        return _shown(request, device, draft, refusal="Another file was chosen meanwhile.")
    if not form.is_valid():
        return _shown(request, device, draft, form=form)
    try:
        made = certificate_imports.hand_in(
            request=Request(
                device=device,
                registry=find_registry(draft["registry"]),
                name=draft["name"],
                proof=form.cleaned_data["proof"],
                choices=draft["choices"],
            ),
            stored=_stored(draft),
            now=timezone.now(),
            actor=request.user,
        )
    except LinesRefused:
        return _shown(request, device, draft, form=form)
    except CertificatesError as error:
        return _shown(request, device, draft, form=form, refusal=str(error))
    return redirect("generator_brought", made.pk)


@require_safe
@producers_only
def brought(request: HttpRequest, pk: int) -> HttpResponse:
    """An import on its way, or after the decision."""
    row = _brought(request, pk)
    context = _state(row) | {"said": _said(row.report)}
    return render(request, "generator/brought.html", context)


@require_safe
@producers_only
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is asked for again and again while work goes on."""
    row = _brought(request, pk)
    context = _state(row)
    status = 200 if row.status == CertificateImport.Status.ACCEPTED else STOP_POLLING
    return render(request, "generator/brought_state.html", context, status=status)


def _state(row: CertificateImport) -> dict[str, Any]:
    context: dict[str, Any] = {"row": row, "report": row.report, "device": row.device}
    if row.status == CertificateImport.Status.ACCEPTED:
        context["written"] = import_progress.written(import_progress.BROUGHT, row.pk)
    return context


def _brought(request: HttpRequest, pk: int) -> CertificateImport:
    mine = CertificateImport.objects.filter(device__in=produced_by(request.user))
    return get_object_or_404(mine.select_related("registry", "device"), pk=pk)


@require_safe
@producers_only
def sample(request: HttpRequest) -> StreamingHttpResponse:
    """The columns with one line, to fill in."""
    text = csv_lines([COLUMNS, [SAMPLE.get(name, "") for name in COLUMNS]])
    response = StreamingHttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="certificates-to-bring-in.csv"'
    return response


def _shown(
    request: HttpRequest,
    device: Device,
    draft: Mapping[str, Any],
    *,
    form: ProofForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {"device": device, "name": draft["name"], "mark": _mark(draft)}
    try:
        registry = find_registry(draft["registry"])
        examined = external_files.examine(
            device=device,
            registry=registry,
            stored=_stored(draft),
            choices=draft["choices"],
            now=timezone.now(),
        )
    except CertificatesError as error:
        context["refusal"] = refusal or str(error)
        return render(request, "generator/import_unread.html", context, status=422)
    report = external_files.report_of(examined, device)
    said = _said(report)
    context |= {
        "registry": registry,
        "report": report,
        "said": said,
        "asks": any(not one["is_fixed"] for one in said),
        "lines": report["errors"][:LINES_SHOWN],
        "form": form or ProofForm(label_suffix=""),
        "refusal": refusal,
    }
    status = 422 if refusal or (form and form.errors) else 200
    return render(request, "generator/import_check.html", context, status=status)


def _said(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each choice about a file in words: what was taken, why, and what else may be chosen."""
    said = []
    for name, one in report["choices"].items():
        sentence, words = WORDS[name]
        options = words or {unit: unit for unit in UNITS}
        said.append(
            {
                "name": name,
                "sentence": sentence,
                "value": one["value"],
                "shown": (SETTLED | options).get(one["value"], one["value"]),
                "options": list(options.items()),
                "because": one["because"],
                "is_fixed": one["basis"] == STATED,
                "is_open": name in report["open"],
            }
        )
    return said


def _device(request: HttpRequest, gsrn: str) -> Device:
    return get_object_or_404(produced_by(request.user), gsrn=gsrn)


def _draft(request: HttpRequest, gsrn: str) -> dict[str, Any] | None:
    draft = request.session.get(KEY)
    return draft if draft and draft["gsrn"] == gsrn else None


def _stored(draft: Mapping[str, Any]) -> StoredFile:
    folder = of_plant(IMPORTS, draft["gsrn"])
    stored = StoredFile(draft["sha256"], f"{folder}/{draft['sha256']}", 0)
    if not stored.path.exists():
        raise ImportRefused("The file is not kept here any more. Choose it again.")
    return stored


def _mark(draft: Mapping[str, Any]) -> str:
    """What the page showed: the file, and how it was read."""
    chosen = "&".join(f"{name}={value}" for name, value in sorted(draft["choices"].items()))
    return f"{draft['sha256']}:{draft['registry']}:{chosen}"
