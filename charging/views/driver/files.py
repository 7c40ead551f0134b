"""A driver's statements and personal data, as files."""

import csv
from io import StringIO
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.models import User
from certificates.views.language import in_readers_language
from charging.domain.coverage import Span
from charging.queries.driver.personal import personal_data
from charging.views.driver import page as driver_page
from charging.views.typesetting import typeset


@require_safe
@login_required
@cache_control(private=True, no_store=True)
@in_readers_language
def statement_pdf(request: HttpRequest) -> HttpResponse:
    """The charges of a month or a year on paper."""
    driver = cast(User, request.user)
    found = driver_page.account(driver, request.GET.dict(), timezone.now())
    if not found.counted:
        return render(request, "driver/no_charges.html", {"stretch": found.stretch}, status=404)
    _, score_ppm = driver_page.periods(driver, found.stretch, Span.YEAR)
    drawn = typeset("statement.typ", driver_page.statement_paper(found, score_ppm), "pdf")
    return _file(drawn, "application/pdf", f"charges-{found.stretch.name}.pdf")


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def statement_csv(request: HttpRequest) -> HttpResponse:
    """The charges of a month or a year as a table."""
    found = driver_page.account(cast(User, request.user), request.GET.dict(), timezone.now())
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(driver_page.statement_rows(found.counted))
    written = text.getvalue().encode()
    return _file(written, "text/csv; charset=utf-8", f"charges-{found.stretch.name}.csv")


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def export(request: HttpRequest) -> HttpResponse:
    """All personal data of the account, to keep or to take elsewhere."""
    data = personal_data(cast(User, request.user), timezone.now())
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="my-charges.json"'
    return response


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
