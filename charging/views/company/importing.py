"""Uploading a file of charges: what we understood, what would become of it, yes, and how far."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Organisation, User
from charging.domain.profiles import (
    COLUMNS,
    MAPPED,
    NEEDED,
    OPTIONAL,
    PROFILES,
    STAMPS,
    USUAL_POWER_W,
)
from charging.domain.session_verdicts import Reason
from charging.errors import ChargingError, DecisionRefused
from charging.models import SessionDraft
from charging.queries.areas import area_codes
from charging.services.sessions.drafts import choose, confirm, understand, upload
from charging.tasks import import_session_draft
from charging.views.company.access import company_of
from ledger.services.asking import ask

STOP_POLLING = 286  # htmx's word for: this was the last answer
ERRORS_SHOWN = 20
MOST_DIGITS = 6
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
    "signed": "Signed meter value (OCMF, Alfen and others)",
    "signed_end": "Signed meter value of the end, if apart",
    "token": "Driver's card or other charging token",
    "contract": "Driver's contract",
    "issuer": "Who issued the card (such as DE*ABC)",
}


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """The upload field; with a file, on to what it says."""
    company = company_of(request)
    facts: dict[str, Any] = {
        "company": company,
        "profiles": PROFILES.values(),
        "areas": area_codes(),
    }
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
    """A file before its import, on its way, or after: at one address."""
    company = company_of(request)
    if request.method == "POST":
        return _act(request, company, number)
    draft = _draft(company, number)
    reads_again = draft.status == SessionDraft.Status.FAILED and "again" in request.GET
    if draft.status == SessionDraft.Status.WAITING or reads_again:
        return render(request, "company/import_preview.html", _preview(draft))
    return render(request, "company/import_file.html", _progress(draft))


@login_required
@cache_control(private=True, no_store=True)
@require_safe
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the page that is asked for again and again while work goes on."""
    facts = _progress(_draft(company_of(request), number))
    status = STOP_POLLING if facts["is_done"] else 200
    return render(request, "company/parts/import_progress.html", facts, status=status)


def _draft(company: Organisation, number: int) -> SessionDraft:
    drafts = SessionDraft.objects.select_related("organisation", "file")
    draft = drafts.filter(pk=number, organisation=company).first()
    if draft is None:
        raise Http404("This upload has expired. Upload the file again.")
    return draft


def _act(request: HttpRequest, company: Organisation, number: int) -> HttpResponse:
    """Import, also once more; or read the file otherwise. A second click does nothing twice."""
    try:
        if request.POST.get("act") == "confirm":
            user: User = request.user  # type: ignore[assignment]
            confirm(organisation=company, draft_id=number, user=user, now=timezone.now())
            if _draft(company, number).status == SessionDraft.Status.IMPORTING:
                transaction.on_commit(partial(ask, import_session_draft.si(number)), robust=True)
        else:
            choose(organisation=company, draft_id=number, options=_options(request))
    except DecisionRefused as error:
        messages.error(request, str(error))
        gone = not SessionDraft.objects.filter(pk=number, organisation=company).exists()
        return redirect("company-import") if gone else redirect("company-import-draft", number)
    return redirect("company-import-draft", number)


def _progress(draft: SessionDraft) -> dict[str, Any]:
    """How far an import is, and what it came to."""
    counts = draft.file.report if draft.file else {}
    return {
        "company": draft.organisation,
        "draft": draft,
        "counts": counts,
        "is_done": draft.status != SessionDraft.Status.IMPORTING,
        "is_written": bool(draft.rows) and draft.rows_done == draft.rows,
    }


def _preview(draft: SessionDraft) -> dict[str, Any]:
    """How the file is read, and what would become of it."""
    understood = understand(draft=draft, now=timezone.now())
    mapping = draft.options.get("mapping") or {}
    errors = understood.report.errors if understood.report else ()
    return {
        "company": draft.organisation,
        "draft": draft,
        "understood": understood,
        "errors": errors[:ERRORS_SHOWN],
        "without_area": sum(error.reason == Reason.AREA_UNKNOWN for error in errors),
        "profiles": PROFILES.values(),
        "is_mapped": draft.options.get("profile") == MAPPED,
        "fields": [
            (name, words, mapping.get(name, ""), name in NEEDED) for name, words in NAMES.items()
        ],
        "stamps": [(name, name in mapping.get("stamps", STAMPS[:1])) for name in STAMPS],
        "mapping": mapping,
        "power_kw": _kilowatts(mapping.get("max_power_w", USUAL_POWER_W)),
        "areas": area_codes(),
    }


def _options(request: HttpRequest) -> dict[str, Any]:
    """What the form says; whether it makes sense is found out when the file is read so."""
    given = request.POST
    options: dict[str, Any] = {
        "profile": given.get("profile", ""),
        "area": given.get("area", ""),
        "final": given.get("final") == "on",
    }
    if options["profile"] == MAPPED:
        texts = (*COLUMNS, *OPTIONAL, "energy_unit", "decimal", "timezone", "issued_by")
        mapping: dict[str, Any] = {name: given[name] for name in texts if given.get(name)}
        mapping["stamps"] = given.getlist("stamps") or [STAMPS[0]]
        mapping["missing"] = given.get("missing", "").split()
        mapping["long_stays"] = given.get("long_stays") == "on"
        if power := given.get("max_power_kw", "").strip():
            mapping["max_power_w"] = _watts(power)
        options["mapping"] = mapping
    return options


def _kilowatts(watts: object) -> object:
    return watts // 1000 if isinstance(watts, int) else watts


def _watts(text: str) -> int | str:
    """Whole kW as W; anything else as it stands, to be refused in words when it is read."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) * 1000 if is_number else text
