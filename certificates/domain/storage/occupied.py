"""Which record of storage stands in the way of another: those of one direction never overlap."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Generic, TypeVar

Row = TypeVar("Row")
Span = tuple[str, datetime, datetime]


class Occupied(Generic[Row]):
    """Rows of which none of a direction overlaps another of it, to be asked by time. A span is
    a direction and [start, end).

    Built in n log n; each question takes log n.
    """

    def __init__(self, rows: Iterable[Row], span_of: Callable[[Row], Span]) -> None:
        self._rows: dict[str, list[tuple[datetime, datetime, Row]]] = defaultdict(list)
        for row in rows:
            direction, starts_at, ends_at = span_of(row)
            self._rows[direction].append((starts_at, ends_at, row))
        for some in self._rows.values():
            some.sort(key=itemgetter(0))

    def overlapping(self, direction: str, starts_at: datetime, ends_at: datetime) -> Row | None:
        """The last row of the direction that shares time with [starts_at, ends_at)."""
        # Only the last that starts before the end can: what is earlier ends before that starts.
        some = self._rows.get(direction, [])
        place = bisect_left(some, ends_at, key=itemgetter(0))
        if not place:
            return None
        _, until, row = some[place - 1]
        return row if until > starts_at else None
