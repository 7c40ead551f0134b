"""A company's charges and rows: what was accepted, what waits for a decision, what was refused."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from certificates.permissions import is_auditor
from charging.errors import ChargingError
from charging.models import ChargeFinding, SessionFile
from charging.queries.areas import area_codes
from charging.queries.company.held_causes import held_causes
from charging.queries.company.rejected_rows import rejected_lines
from charging.queries.company.session_rows import (
    count_held_rows,
    counts_of,
    drafts_of,
    findings_of,
    rows_of,
    sessions_of,
)
from charging.queries.ocpi.health import count_held
from charging.services.sessions.holds import approve, leave_out
from charging.views.company.access import company_of, file_asked

ON_A_PAGE = 50
PLACES = {str(n) for n in range(10)}  # a row has fewer proposals
SHOWN = {
    "accepted": "Accepted",
    "held": "Held for you to decide",
    "rejected": "Rejected, with the reason",
    "repaired": "Repaired by a decision",
    "duplicate": "Sent before",
}


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def sessions_page(request: HttpRequest) -> HttpResponse:
    """The charges, or the rows in one state, of one file or of all; every file with its counts."""
    company = company_of(request)
    asked = request.GET.get("show", "accepted")
    show = asked if asked in SHOWN else "accepted"
    file = file_asked(request, company)
    rows = sessions_of(company, file) if show == "accepted" else rows_of(company, show, file)
    facts = {
        "company": company,
        "show": show,
        "choices": SHOWN.items(),
        "title": SHOWN[show],
        "file": file,
        "kept": f"&file={file.pk}" if file else "",
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "files": counts_of(company),
        "drafts": drafts_of(company),
        "waiting": count_held_rows(company),
        "held_records": count_held(company),
        "areas": area_codes() if show == "held" else (),
        "causes": held_causes(file) if file and show == "held" else (),
    }
    return render(request, "company/sessions.html", facts)


@require_safe
@login_required
def moved(request: HttpRequest) -> HttpResponse:
    """Where the files of charges were shown before they came to stand beside the charges."""
    return redirect("company-sessions", permanent=True)


@require_POST
@login_required
def decide_row(request: HttpRequest, number: int) -> HttpResponse:
    """A person takes a held row as it is proposed, or leaves it out."""
    company, choice = company_of(request), request.POST.get("choice", "")
    user, now = request.user, timezone.now()
    try:
        if choice == "leave":
            row = leave_out(organisation=company, row_id=number, actor=user, now=now)
        else:
            row = approve(
                organisation=company,
                row_id=number,
                choice=int(choice) if choice in PLACES else -1,
                area_code=request.POST.get("area", ""),
                actor=user,
                now=now,
            )
    except ChargingError as error:
        messages.error(request, str(error))
    else:
        done = "is left out" if choice == "leave" else "is a charge now"
        messages.success(request, f"Line {row.line} of {row.file.name} {done}.")
    response = redirect("company-sessions")
    response["Location"] += "?show=held"
    return response


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def rejected_file(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The rejected rows of one file, to be put right and sent again."""
    file = SessionFile.objects.filter(organisation=company_of(request), pk=number).first()
    if file is None:
        raise Http404("You have no such file.")
    response = StreamingHttpResponse(rejected_lines(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{file.pk}.csv"'
    return response


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def findings_page(request: HttpRequest) -> HttpResponse:
    """What contradicts what: of the company's charges, of everybody's for an auditor."""
    company = None if is_auditor(request.user) else company_of(request)
    asked = request.GET.get("code", "")
    code = asked if asked in ChargeFinding.Code.values else ""
    facts = {
        "company": company,
        "code": code,
        "codes": ChargeFinding.Code.choices,
        "page": Paginator(findings_of(company, code), ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "company/findings.html", facts)
