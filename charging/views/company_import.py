"""Uploading a file of charges: what we understood, what would become of it, then yes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from certificates.models import Area
from charging.domain.profiles import COLUMNS, MAPPED, NEEDED, PROFILES, STAMPS
from charging.errors import ChargingError
from charging.models import SessionDraft
from charging.services.session_drafts import choose, confirm, understand, upload
from charging.views.company_access import company_of

ERRORS_SHOWN = 20
NAMES = {
    "charger": "Charger",
    "connector": "Connector",
    "start_date": "Start (date, or date and time)",
    "start_time": "Start time, if apart",
    "end_date": "End (date, or date and time)",
    "end_time": "End time, if apart",
    "energy": "Energy",
    "site": "Site",
    "model": "Model of the charger",
    "session_id": "Your session id",
    "duration_minutes": "Duration in minutes",
    "duration_hours": "Duration in hours",
}


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """The upload field; with a file, on to what it says."""
    company = company_of(request)
    facts: dict[str, Any] = {"company": company, "profiles": PROFILES.values(), "areas": _areas()}
    if request.method != "POST":
        return render(request, "company/import.html", facts)
    file = request.FILES.get("file")
    if file is None:
        facts["refusal"] = "Choose a file first."
        return render(request, "company/import.html", facts, status=422)
    try:
        draft = upload(
            organisation=company,
            user=request.user,  # type: ignore[arg-type]
            file=file,
            area=request.POST.get("area", ""),
            now=timezone.now(),
        )
    except ChargingError as error:
        return render(request, "company/import.html", facts | {"refusal": str(error)}, status=422)
    return redirect("company-import-draft", draft.pk)


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def draft_page(request: HttpRequest, number: int) -> HttpResponse:
    """How the file is read, and what would become of it; change that, or say yes."""
    company = company_of(request)
    if request.method == "POST" and request.POST.get("act") == "confirm":
        return _confirm(request, number)
    draft = SessionDraft.objects.filter(pk=number, organisation=company).first()
    if draft is None:
        raise Http404("This upload was imported or has expired. Upload the file again.")
    if request.method == "POST":
        choose(draft=draft, options=_options(request))
        return redirect("company-import-draft", draft.pk)
    understood = understand(draft=draft, now=timezone.now())
    mapping = draft.options.get("mapping") or {}
    facts = {
        "company": company,
        "draft": draft,
        "understood": understood,
        "errors": understood.report.errors[:ERRORS_SHOWN] if understood.report else (),
        "profiles": PROFILES.values(),
        "is_mapped": draft.options.get("profile") == MAPPED,
        "fields": [(name, NAMES[name], mapping.get(name, ""), name in NEEDED) for name in COLUMNS],
        "stamps": [(name, name in mapping.get("stamps", STAMPS[:1])) for name in STAMPS],
        "mapping": mapping,
        "areas": _areas(),
    }
    return render(request, "company/import_preview.html", facts)


def _confirm(request: HttpRequest, number: int) -> HttpResponse:
    try:
        file = confirm(
            organisation=company_of(request),
            draft_id=number,
            user=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except ChargingError as error:
        messages.error(request, str(error))
        return redirect("company-import")
    messages.success(request, f"{file.name} is imported.")
    response = redirect("company-sessions")
    if file.report.get("held"):
        response["Location"] += "?show=held"
    return response


def _options(request: HttpRequest) -> dict[str, Any]:
    """What the form says; whether it makes sense is found out when the file is read so."""
    given = request.POST
    options: dict[str, Any] = {
        "profile": given.get("profile", ""),
        "area": given.get("area", ""),
        "final": given.get("final") == "on",
    }
    if options["profile"] == MAPPED:
        texts = (*COLUMNS, "energy_unit", "decimal", "timezone")
        mapping: dict[str, Any] = {name: given[name] for name in texts if given.get(name)}
        mapping["stamps"] = given.getlist("stamps") or [STAMPS[0]]
        mapping["missing"] = given.get("missing", "").split()
        options["mapping"] = mapping
    return options


def _areas() -> list[tuple[str, str]]:
    rows = Area.objects.filter(valid_to__isnull=True).order_by("name", "code")
    return list(rows.values_list("code", "name"))
