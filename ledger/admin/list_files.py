"""An auditor's list as a file: the rows that are found, all their columns that are shown."""

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify

from ledger.domain.exporting import Row
from ledger.errors import ExportRefused, ListsUnderWay
from ledger.services import list_files
from ledger.services.long_lists import RETRY_S

AT_ONCE = 2_000  # rows fetched together
SHEET_NAME = 25  # letters
PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BooleanField,
    models.DateField,
    models.DecimalField,
)


def list_file(door: "ModelAdmin[Any]", request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list as it is searched and filtered, not one page of it.

    Raises: PermissionDenied, Http404.
    """
    if not door.has_view_permission(request):
        raise PermissionDenied
    if kind not in list_files.KINDS:
        raise Http404
    meta = door.model._meta
    try:
        found = door.get_changelist_instance(request).get_queryset(request)
    except IncorrectLookupParameters:
        return redirect(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    fields = _shown(door, request)
    title = slugify(meta.verbose_name_plural or "")
    try:
        file = list_files.list_file(
            reader=f"user {request.user.pk}",
            title=title[:SHEET_NAME],
            kind=kind,
            columns=[field.attname for field in fields],
            rows=_rows(found, fields),
            counted=found,
        )
    except (ListsUnderWay, ExportRefused) as error:
        return _refusal(error)
    response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{title}.{kind}"'
    return response


def _shown(door: "ModelAdmin[Any]", request: HttpRequest) -> "list[models.Field[Any, Any]]":
    """The columns that the page of a row shows; what it hides is in no file either."""
    hidden = {*(door.get_exclude(request) or ()), *getattr(door, "hidden_fields", ())}
    named = {
        each if isinstance(each, str) else getattr(each, "__name__", "")
        for each in door.get_fields(request)
    }
    return [field for field in door.model._meta.concrete_fields if field.name in named - hidden]


def _rows(found: "models.QuerySet[Any]", fields: "list[models.Field[Any, Any]]") -> Iterator[Row]:
    written = [_written(field) for field in fields]
    bare = found.select_related(None).values_list(*(field.attname for field in fields))
    for row in bare.iterator(chunk_size=AT_ONCE):
        yield [
            value if value is None or write is None else write(value)
            for write, value in zip(written, row, strict=True)
        ]


def _written(field: "models.Field[Any, Any]") -> Callable[[Any], str] | None:
    if isinstance(field, models.BinaryField):
        return lambda value: f"0x{bytes(value).hex()}"
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False)
    told = field.target_field if isinstance(field, models.ForeignKey) else field
    return None if isinstance(told, PLAIN) else str


def _refusal(error: Exception) -> HttpResponse:
    is_busy = isinstance(error, ListsUnderWay)
    status = HTTPStatus.TOO_MANY_REQUESTS if is_busy else HTTPStatus.UNPROCESSABLE_ENTITY
    answer = HttpResponse(str(error), status=status, content_type="text/plain; charset=utf-8")
    if is_busy:
        answer["Retry-After"] = str(RETRY_S)
    return answer
