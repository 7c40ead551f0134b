"""Lists: pages of JSON, or every row as a stream, read column by column."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.text import slugify
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from ledger.api.query import Query
from ledger.api.streams import RENDERERS, ROWS, XlsxRenderer, answer, encoded
from ledger.services.long_lists import in_turn, refuse_what_no_sheet_holds

Values = tuple[Any, ...]
Column = tuple[str, Callable[[Any], Any] | None]  # a path, and what is shown of its value


class HexField(serializers.CharField):
    """Bytes as hexadecimal digits behind 0x."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"read_only": True})

    def to_representation(self, value: Any) -> str:
        return f"0x{bytes(value).hex()}"


SHOWN = (HexField, serializers.DecimalField)  # what JSON would write otherwise than alone


class RowsView(ListModelMixin, GenericAPIView[Any]):
    """Rows in pages of JSON, or all of them as a stream of NDJSON, CSV or XLSX (by `Accept`, or
    `format`).

    The serializer names the columns, and only these are read: no object is made of a row.
    """

    renderer_classes = RENDERERS

    def visible(self) -> "QuerySet[Any]":
        """The rows that the caller may see."""
        raise NotImplementedError

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The page asked for, or the stream."""
        form, columns = request.accepted_renderer.format, self.columns()
        if form == JSONRenderer.format:
            page = cast("list[Values]", self.paginate_queryset(self.keys()))
            return self.get_paginated_response(list(_named(page, columns)))
        Query.refuse_paging(request)
        ordered = self.get_queryset().order_by(*(f"-{path}" for path in self.order()))
        if form == XlsxRenderer.format:
            refuse_what_no_sheet_holds(ordered)
        title = slugify(ordered.model._meta.verbose_name_plural or "")
        rows = _named(ordered.values_list(*_paths(columns)).iterator(ROWS), columns)
        pieces = encoded(form, list(columns), rows, title=title)
        return answer(form, title, in_turn(str(request.user), ordered, pieces))

    def filled(self, keys: "QuerySet[Any]") -> Iterable[Values]:
        """The columns of the rows that were cut for a page, then the values of their order.

        One query, in which first those rows are found and then what is in them: so few tables
        are searched and sorted.
        """
        found = self.details().filter(pk__in=keys.values("pk"))
        return found.order_by(*keys.query.order_by).values_list(
            *_paths(self.columns()), *self.order()
        )

    def details(self) -> "QuerySet[Any]":
        """What the columns of keys are read from; who may see them was asked for the keys.

        Without those conditions where the rows are many: asked once more they mislead the
        database into going through all that the caller may see.
        """
        return self.visible()

    def keys(self) -> "QuerySet[Any]":
        """The rows that pages are cut from, all of them visible."""
        return self.get_queryset()

    def order(self) -> Sequence[str]:
        """The paths by which rows come, the largest first; together they are unique."""
        return ("pk",)

    def columns(self) -> dict[str, Column]:
        """The path of each column from the row's model, by its name."""
        rows = cast("serializers.Serializer[Any]", self.get_serializer())
        return {name: _column(name, field) for name, field in rows.fields.items()}


def _column(name: str, field: Any) -> Column:
    path = (field.source or name).replace(".", "__")
    return path, field.to_representation if isinstance(field, SHOWN) else None


def _paths(columns: Mapping[str, Column]) -> list[str]:
    return [path for path, _ in columns.values()]


def _named(rows: Iterable[Values], columns: Mapping[str, Column]) -> Iterator[dict[str, Any]]:
    names = list(columns)
    shown = [(name, show) for name, (_, show) in columns.items() if show]
    for values in rows:
        row = dict(zip(names, values, strict=False))  # the order's values come behind
        for name, show in shown:
            row[name] = None if row[name] is None else show(row[name])
        yield row
