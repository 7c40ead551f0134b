"""What API views of an organisation share: what it may see, strict parameters, pages."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NoReturn, cast

from django.db.models import QuerySet
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from certificates.api.authentication import Caller
from certificates.models import Organisation
from ledger.api.paging import CursorPages
from ledger.api.query import Query
from ledger.api.streams import RENDERERS, ROWS, stream


class PeriodQuery(Query):
    """A half-open period of starts, in ISO 8601 with a zone."""

    starts_from = serializers.DateTimeField(required=False)
    starts_before = serializers.DateTimeField(required=False)


class OrganisationView(GenericAPIView[Any]):
    """Look-ups start from `visible()`: what the caller's organisation may see.

    `lookups` says which column a query parameter filters. `scopes` names the scope of each
    method.
    """

    pagination_class = CursorPages
    query_class: type[Query] = Query
    lookups: ClassVar[dict[str, str]] = {}
    scopes: ClassVar[dict[str, str]] = {}

    @property
    def caller(self) -> Caller:
        """The organisation and its key."""
        return cast(Caller, self.request.user)

    @property
    def organisation(self) -> Organisation:
        """Whom the caller acts for."""
        return self.caller.organisation

    def visible(self) -> "QuerySet[Any]":
        """The rows that the caller may see."""
        raise NotImplementedError

    def get_queryset(self) -> "QuerySet[Any]":
        if getattr(self, "swagger_fake_view", False):
            return cast("QuerySet[Any]", self.queryset)  # type: ignore[arg-type]
        return self.visible().filter(**self.conditions(self.query_class.read(self.request)))

    def conditions(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the query parameters ask of the rows."""
        return {self.lookups.get(name, name): value for name, value in values.items()}

    def find(self, **identity: Any) -> Any:
        """One visible row. Another organisation's is not there: 404."""
        Query.read(self.request)
        return self.visible().filter(**identity).first() or self.absent()

    def absent(self) -> NoReturn:
        """There is no such thing, or it is another's: the answer is the same."""
        raise Http404


@method_decorator(conditional_page, name="dispatch")
class DetailView(OrganisationView):
    """One row, with an ETag: `If-None-Match` spares sending what is known."""


class ListView(ListModelMixin, OrganisationView):
    """Rows in pages of JSON, or all of them as a stream of NDJSON or CSV (by `Accept`, or
    `format`).

    The serializer names the columns, and only these are read: no object is made of a row.
    """

    renderer_classes = RENDERERS

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
        found = ordered.values(*columns.values()).iterator(ROWS)
        return stream(form, list(columns), (_named(row, columns) for row in found))

    def _rows(self, keys: Sequence[int]) -> Sequence[dict[str, Any]]:
        columns = self.columns()
        found = self.visible().filter(pk__in=keys).values("pk", *columns.values())
        rows = {row["pk"]: _named(row, columns) for row in found}
        return [rows[key] for key in keys if key in rows]

    def keys(self) -> "QuerySet[Any]":
        """The rows that pages are cut from; what is not visible is left out of a page."""
        return self.get_queryset()

    def order(self) -> Sequence[str]:
        """The paths by which rows come, the largest first; together they are unique."""
        return ("pk",)

    def columns(self) -> dict[str, str]:
        """The path of each column from the row's model, by its name."""
        rows = cast("serializers.Serializer[Any]", self.get_serializer())
        return {
            name: (field.source or name).replace(".", "__") for name, field in rows.fields.items()
        }


def _named(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    return {name: row[path] for name, path in columns.items()}
