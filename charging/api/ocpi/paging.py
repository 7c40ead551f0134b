"""Lists, oldest first, with the headers by which a client finds the next page."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from rest_framework.response import Response

from charging.api.ocpi.answers import taken
from charging.api.ocpi.base import OcpiView, address_of
from charging.domain.ocpi.values import read_instant
from charging.errors import InvalidObject
from charging.models import OcpiObject

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100
COUNT = re.compile(r"\d{1,9}")


def page(
    view: OcpiView,
    rows: QuerySet[OcpiObject],
    path: str,
    show: Callable[[Sequence[OcpiObject]], list[bytes]],
) -> Response:
    """The page asked for by date_from, date_to (half-open), offset and limit.

    Raises: InvalidObject for a parameter that cannot be read.
    """
    query = view.request.query_params
    after, before = _instant(query, "date_from"), _instant(query, "date_to")
    if after:
        rows = rows.filter(last_updated__gte=after)
    if before:
        rows = rows.filter(last_updated__lt=before)
    offset = _count(query, "offset", 0)
    limit = min(_count(query, "limit", DEFAULT_LIMIT), LARGEST_LIMIT)
    if not limit:
        raise InvalidObject("limit: must be 1 at least.")
    total = rows.count()
    chosen = list(rows.order_by("last_updated", "pk")[offset : offset + limit])
    headers = {"X-Total-Count": str(total), "X-Limit": str(limit)}
    if offset + limit < total:
        kept = {name: query[name] for name in ("date_from", "date_to") if name in query}
        following = urlencode({**kept, "offset": offset + limit, "limit": limit})
        headers["Link"] = f'<{address_of(path)}?{following}>; rel="next"'
    return taken(now=view.now, data=b"[" + b",".join(show(chosen)) + b"]", headers=headers)


def _count(query: "dict[str, str]", name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not COUNT.fullmatch(text):
        raise InvalidObject(
            f"{name}: must be a whole number of nine digits at most, not {text[:20]!r}."
        )
    return int(text)


def _instant(query: "dict[str, str]", name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return read_instant(text)
    except ValueError as error:
        raise InvalidObject(f"{name}: {error}; write 2026-01-31T12:00:00Z.") from error
