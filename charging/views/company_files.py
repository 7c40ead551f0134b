"""A company's session files, what was not taken of them, and what else is held."""

import csv
from io import StringIO

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from charging.models import SessionFile
from charging.queries.ocpi_health import count_held
from charging.queries.session_files import count_waiting, latest_files, problem_lines
from charging.views.company_access import company_of


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def files_page(request: HttpRequest) -> HttpResponse:
    """The latest files with their counts, and everything that is held."""
    company = company_of(request)
    held, rejected = count_waiting(company)
    facts = {
        "company": company,
        "files": latest_files(company),
        "held": held,
        "rejected": rejected,
        "held_records": count_held(company),
    }
    return render(request, "company/files.html", facts)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def problems_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The rows of one file that were held or rejected, as CSV with their reasons."""
    company = company_of(request)
    file = SessionFile.objects.filter(organisation=company, pk=number).first()
    if file is None:
        raise Http404("You have no such file.")
    lines = (_line(cells) for cells in problem_lines(file))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="not-taken-{file.pk}.csv"'
    return response


def _line(cells: list[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
