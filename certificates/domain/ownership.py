"""Whose a plant's output is: the owner of the instant at which an interval starts."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

Owner = TypeVar("Owner")


@dataclass(frozen=True, slots=True)
class Owners(Generic[Owner]):
    """Every owner of a plant in turn: one more than there were changes.

    `changes` are the instants of the handovers, rising; owner n has [change n-1, change n).
    """

    changes: Sequence[datetime]
    owners: Sequence[Owner]

    def at(self, instant: datetime) -> Owner:
        """Who owned the plant then: at a handover's very instant, the new owner."""
        return self.owners[bisect_right(self.changes, instant)]


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a day in a zone, in UTC.

    Where the clock skips midnight that is the first instant after it (PEP 495: the skipped
    time, read by the offset before it, names that instant).
    """
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
