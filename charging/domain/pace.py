"""How fast each of several senders is, so that a burst is told from the daily trickle."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=1)
MOST_SENDERS = 1_000  # remembered; then all are forgotten, which costs a burst its next few


@dataclass(slots=True)
class Pace:
    """Counts what came from each sender in its current second, and reminds once a second.

    `at_once`: how many of a second are worked on while their sender waits. Threads may share
    it: a lost count does no harm.
    """

    at_once: int
    _windows: dict[Hashable, tuple[datetime, int]] = field(default_factory=dict)
    _reminded: dict[Hashable, datetime] = field(default_factory=dict)

    def is_burst(self, sender: Hashable, now: datetime) -> bool:
        """Count one more; whether it comes too soon to be worked on at once."""
        started, seen = self._windows.get(sender, (now, 0))
        if not timedelta(0) <= now - started < WINDOW:
            started, seen = now, 0
        if len(self._windows) > MOST_SENDERS:
            self.forget()
        self._windows[sender] = started, seen + 1
        return seen >= self.at_once

    def is_time(self, sender: Hashable, now: datetime) -> bool:
        """Whether work was last asked for more than a second ago; then it is asked for now."""
        last = self._reminded.get(sender)
        if last is not None and timedelta(0) <= now - last < WINDOW:
            return False
        self._reminded[sender] = now
        return True

    def forget(self) -> None:
        """Start over."""
        self._windows.clear()
        self._reminded.clear()
