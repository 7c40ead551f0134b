"""Monthly production statements: a list, and each as PDF and CSV."""

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certificates.models import Device
from certificates.permissions import produced_by
from certificates.queries.generator.production_statement import (
    AMOUNTS,
    ProductionStatement,
    production_statement,
)
from certificates.services.papers.production_pdf import production_pdf
from certificates.views.csv_stream import csv_lines
from certificates.views.generator.home import producers_only, year_of

REGISTRY = "Renewable energy registry"


@require_safe
@producers_only
def statements(request: HttpRequest, gsrn: str) -> HttpResponse:
    """A year's months, each with its statement to keep."""
    device = _device(request, gsrn)
    context: dict[str, Any] = {"device": device, **year_of([device], request.GET.get("year"))}
    return render(request, "generator/statements.html", context)


@require_safe
@producers_only
def as_pdf(request: HttpRequest, gsrn: str, month: str) -> HttpResponse:
    """A month's sums and days, for printing."""
    statement = _statement(request, gsrn, month)
    document = production_pdf(statement, registry=REGISTRY, now=timezone.now())
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_name(statement)}.pdf"'
    return response


@require_safe
@producers_only
def as_csv(request: HttpRequest, gsrn: str, month: str) -> HttpResponseBase:
    """A month's intervals, for counting."""
    statement = _statement(request, gsrn, month)
    response = StreamingHttpResponse(csv_lines(_rows(statement)), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{_name(statement)}.csv"'
    return response


def _rows(statement: ProductionStatement) -> Iterator[list[str]]:
    yield ["gsrn", "interval_start_utc", "length_minutes", *AMOUNTS]
    for row in statement.rows:
        amounts = [str(getattr(row, name)) for name in AMOUNTS]
        start = f"{row.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        yield [statement.device.gsrn, start, str(row.length_minutes), *amounts]


def _statement(request: HttpRequest, gsrn: str, month: str) -> ProductionStatement:
    device = _device(request, gsrn)
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404 from None
    statement = production_statement(device, first) if first.year < date.max.year else None
    if statement is None or not statement.rows:
        raise Http404
    return statement


def _name(statement: ProductionStatement) -> str:
    return f"production-{statement.device.gsrn}-{statement.first:%Y-%m}"


def _device(request: HttpRequest, gsrn: str) -> Device:
    device: Device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    return device
