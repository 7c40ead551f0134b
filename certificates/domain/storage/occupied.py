"""Which record of storage stands in the way of another: those of one direction never overlap."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Spanning(Protocol):
    """Something of a direction in [starts_at, ends_at)."""

    direction: str
    starts_at: datetime
    ends_at: datetime


Row = TypeVar("Row", bound=Spanning)


class Occupied(Generic[Row]):
    """Rows of which none of a direction overlaps another of it, to be asked by time.

    Built in n log n; each question takes log n.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.starts_at):
            self._rows[row.direction].append(row)
        self._starts = {
            direction: [row.starts_at for row in some] for direction, some in self._rows.items()
        }

    def overlapping(self, direction: str, starts_at: datetime, ends_at: datetime) -> Row | None:
        """The last row of the direction that shares time with [starts_at, ends_at)."""
        # Only the last that starts before the end can: what is earlier ends before that starts.
        place = bisect_left(self._starts.get(direction, []), ends_at)
        if not place:
            return None
        row = self._rows[direction][place - 1]
        return row if row.ends_at > starts_at else None
