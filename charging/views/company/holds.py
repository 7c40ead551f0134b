"""All rows that a file leaves held for one cause: what a decision would do, then the decision."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from charging.domain import repairs
from charging.errors import ChargingError
from charging.models import SessionFile
from charging.queries.areas import area_codes
from charging.queries.company.held_causes import HeldRows, held_causes
from charging.services.sessions.hold_batches import LEAVE, Act, Effect, decide_all, foresee
from charging.views.company.access import company_of

LEAVE_WORD = "leave"
MOST_DIGITS = 6
NO_NUMBER = 10**MOST_DIGITS
REFUSALS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the chosen decision would do, or why it cannot be."""

    effect: Effect | None = None
    refusal: str = ""


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def cause_page(request: HttpRequest, number: int, cause: str) -> HttpResponse:
    """The rows of one cause and what may be done with them; with a choice, what it does."""
    company = company_of(request)
    file = SessionFile.objects.filter(organisation=company, pk=number).first()
    if file is None:
        raise Http404("You have no such file.")
    if request.method == "POST":
        return _decide(request, file, cause)
    rows = next((rows for rows in held_causes(file) if rows.cause.key == cause), None)
    if rows is None:
        messages.info(request, "Nothing is held for this cause any more.")
        return _back(file)
    choice = request.GET.get("choice", "")
    facts = {
        "company": company,
        "file": file,
        "rows": rows,
        "ways": [(str(place), words) for place, words in enumerate(rows.cause.ways)],
        "choice": choice,
        "area": request.GET.get("area", ""),
        "asks_area": repairs.AREA in rows.cause.kinds,
        "areas": area_codes(),
        "foreseen": _foreseen(request, file, rows) if choice else None,
        "shown": REFUSALS_SHOWN,
    }
    return render(request, "company/held_cause.html", facts)


def _foreseen(request: HttpRequest, file: SessionFile, rows: HeldRows) -> Foreseen:
    act = _act(request.GET, rows.cause.key)
    try:
        return Foreseen(foresee(file=file, act=act, actor=request.user, now=timezone.now()))
    except ChargingError as error:
        return Foreseen(refusal=str(error))


def _decide(request: HttpRequest, file: SessionFile, cause: str) -> HttpResponse:
    act = _act(request.POST, cause)
    try:
        effect = decide_all(file=file, act=act, actor=request.user, now=timezone.now())
    except ChargingError as error:
        messages.error(request, str(error))
        return _back(file)
    done = {
        "became charges": effect.created,
        "corrected a charge": effect.corrected,
        "left out": effect.left_out,
    }
    words = ", ".join(f"{count:,} {what}" for what, count in done.items() if count)
    messages.success(request, f"Rows of {file.name}: {words}.")
    return _back(file)


def _act(given: QueryDict, cause: str) -> Act:
    choice = given.get("choice", "")
    return Act(
        cause=cause,
        choice=LEAVE if choice == LEAVE_WORD else _number(choice),
        area_code=given.get("area", ""),
        rows=_number(given.get("rows", "")) if "rows" in given else None,
    )


def _number(text: str) -> int:
    """A small whole number; for anything else one that stands for nothing."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_one else NO_NUMBER


def _back(file: SessionFile) -> HttpResponse:
    response = redirect("company-sessions")
    response["Location"] += f"?show=held&file={file.pk}"
    return response
