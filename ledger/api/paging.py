"""Pages of API lists: a cursor on a unique order, so that no row is skipped or seen twice."""

from typing import Any

from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

LARGEST = 10_000


class CursorPages(CursorPagination):
    """The newest first, 100 a page, at most 10,000 with `limit`."""

    ordering = "-pk"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = LARGEST

    def get_page_size(self, request: Request) -> int | None:
        """Raises: rest_framework.exceptions.ValidationError; a limit is never cut in silence."""
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and 0 < int(given[:9]) <= LARGEST):
            raise serializers.ValidationError(
                {"limit": [f"Ask for 1 to {LARGEST} rows; for more, follow `next` or stream."]}
            )
        return int(given)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """`next` and `previous` are null at the ends."""
        described = super().get_paginated_response_schema(schema)
        described["required"] = ["next", "previous", "results"]
        return described
