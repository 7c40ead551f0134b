"""Pages of API lists: a cursor on a unique order, so that no row is skipped or seen twice."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.urls import replace_query_param

LARGEST = 10_000
NEXT, PREVIOUS = "n", "p"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place beside which a page begins: the values of the row there, and the direction."""

    direction: str
    values: Sequence[Any]

    def encode(self) -> str:
        """As text for an address."""
        words = json.dumps([self.direction, *self.values], cls=JSONEncoder)
        return urlsafe_b64encode(words.encode()).decode().rstrip("=")


class CursorPages(CursorPagination):
    """The last first, 100 a page, at most 10,000 with `limit`.

    `order` are the paths of the columns that rows come by, all descending; together they are
    unique. A view may choose them by `order()`.
    """

    order: Sequence[str] = ("pk",)
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = LARGEST

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page asked for, as the view's `filled` gives them.

        Raises: rest_framework.exceptions.ValidationError for a limit or cursor that is none.
        """
        self.address = request.build_absolute_uri()
        self.order = order_of(view, self)
        size, cursor = self.get_page_size(request), self._cursor(request)
        back = cursor is not None and cursor.direction == PREVIOUS
        rows = queryset.order_by(*(path if back else f"-{path}" for path in self.order))
        try:
            if cursor:
                rows = rows.filter(_beyond(self.order, cursor.values, "gt" if back else "lt"))
            found = list(view.filled(rows[: size + 1]))
        except (ValidationError, ValueError, TypeError, OverflowError) as error:
            raise self._no_cursor() from error
        more, found = len(found) > size, found[:size]
        self.page = found[::-1] if back else found
        self.has_next, self.has_previous = (bool(cursor), more) if back else (more, bool(cursor))
        return self.page

    def get_page_size(self, request: Request) -> int:  # type: ignore[override]
        """Raises: rest_framework.exceptions.ValidationError; a limit is never cut in silence."""
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and 0 < int(given[:9]) <= LARGEST):
            raise serializers.ValidationError(
                {"limit": [f"Ask for 1 to {LARGEST} rows; for more, follow `next` or stream."]}
            )
        return int(given)

    def get_next_link(self) -> str | None:
        return self._link(NEXT, self.page[-1]) if self.page and self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(PREVIOUS, self.page[0]) if self.page and self.has_previous else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """`next` and `previous` are null at the ends."""
        described = super().get_paginated_response_schema(schema)
        described["required"] = ["next", "previous", "results"]
        for name in ("next", "previous"):
            del described["properties"][name]["nullable"]
            described["properties"][name]["type"] = ["string", "null"]
        return described

    def _link(self, direction: str, row: Any) -> str:
        cursor = Cursor(direction, row[-len(self.order) :])
        return replace_query_param(self.address, "cursor", cursor.encode())

    def _cursor(self, request: Request) -> Cursor | None:
        given = request.query_params.get("cursor")
        if not given:
            return None
        try:
            padded = given.encode() + b"=" * (-len(given) % 4)
            direction, *values = json.loads(urlsafe_b64decode(padded))
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise self._no_cursor() from error
        if direction not in (NEXT, PREVIOUS) or len(values) != len(self.order):
            raise self._no_cursor()
        if not all(isinstance(value, int | str) for value in values):
            raise self._no_cursor()
        return Cursor(direction, values)

    def _no_cursor(self) -> serializers.ValidationError:
        words = "This is no cursor of this list. Follow `next` and `previous` as they stand."
        return serializers.ValidationError({"cursor": [words]})


def order_of(view: Any, pages: CursorPages) -> Sequence[str]:
    """By which columns, descending, the rows of a list come."""
    return view.order() if hasattr(view, "order") else pages.order


def _beyond(order: Sequence[str], values: Sequence[Any], way: str) -> Q:
    """Rows past the place, in the order of the columns."""
    first = order[0]
    if len(order) == 1:
        return Q(**{f"{first}__{way}": values[0]})
    further = Q(**{first: values[0]}) & _beyond(order[1:], values[1:], way)
    # The first condition alone is what an index is searched by.
    return Q(**{f"{first}__{way}e": values[0]}) & (Q(**{f"{first}__{way}": values[0]}) | further)
