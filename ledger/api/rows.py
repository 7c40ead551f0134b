"""Lists: pages of JSON, or every row as a stream, read column by column."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from ledger.api.query import Query
from ledger.api.streams import RENDERERS, ROWS, stream

Column = tuple[str, Callable[[Any], Any] | None]  # a path, and what is shown of its value


class HexField(serializers.CharField):
    """Bytes as hexadecimal digits behind 0x."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"read_only": True})

    def to_representation(self, value: Any) -> str:
        return f"0x{bytes(value).hex()}"


class RowsView(ListModelMixin, GenericAPIView[Any]):
    """Rows in pages of JSON, or all of them as a stream of NDJSON or CSV (by `Accept`, or
    `format`).

    The serializer names the columns, and only these are read: no object is made of a row.
    """

    renderer_classes = RENDERERS

    def visible(self) -> "QuerySet[Any]":
        """The rows that the caller may see."""
        raise NotImplementedError

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The page asked for, or the stream."""
        form = request.accepted_renderer.format
        if form == JSONRenderer.format:
            # First which rows, then what is in them: so few tables are searched and sorted.
            keys = self.keys().values("pk", *self.order())
            page = cast("list[Any]", self.paginate_queryset(keys))
            return self.get_paginated_response(self._rows([row["pk"] for row in page]))
        Query.refuse_paging(request)
        columns = self.columns()
        ordered = self.get_queryset().order_by(*(f"-{path}" for path in self.order()))
        found = ordered.values(*_paths(columns)).iterator(ROWS)
        return stream(form, list(columns), (_named(row, columns) for row in found))

    def _rows(self, keys: Sequence[int]) -> Sequence[dict[str, Any]]:
        columns = self.columns()
        found = self.visible().filter(pk__in=keys).values("pk", *_paths(columns))
        rows = {row["pk"]: _named(row, columns) for row in found}
        return [rows[key] for key in keys if key in rows]

    def keys(self) -> "QuerySet[Any]":
        """The rows that pages are cut from; what is not visible is left out of a page."""
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
    return path, field.to_representation if isinstance(field, HexField) else None


def _paths(columns: Mapping[str, Column]) -> list[str]:
    return [path for path, _ in columns.values()]


def _named(row: Mapping[str, Any], columns: Mapping[str, Column]) -> dict[str, Any]:
    return {
        name: shown(row[path]) if shown else row[path] for name, (path, shown) in columns.items()
    }
