"""How fast each of several senders is, so that a burst is told from the daily trickle."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=1)
IN_VAIN = timedelta(seconds=30)  # until work is asked for again after that failed
REST = 3  # a sender's window lasts at least so many times what was worked in it
MOST_SENDERS = 1_000  # remembered; then all are forgotten, which costs a burst its next few


@dataclass(slots=True)
class _Window:
    """What a sender did lately; `worked` is how long it had others wait."""

    started: datetime
    seen: int = 0
    worked: timedelta = timedelta(0)

    def is_over(self, now: datetime) -> bool:
        return not timedelta(0) <= now - self.started < max(WINDOW, REST * self.worked)


@dataclass(slots=True)
class Pace:
    """Counts what came from each sender in its current second, and reminds once a second.

    `at_once`: how many of a second are worked on while their sender waits; `share`: how long
    that may take of a second. So a burst is told from how fast it comes, and on a machine that
    is too slow for it to come fast, from how long it takes. Of a sender that does not wait for
    its answers one is worked on at a time. Threads may share it: a lost count does no harm.
    """

    at_once: int
    share: timedelta = timedelta(seconds=0.3)
    _windows: dict[Hashable, _Window] = field(default_factory=dict)
    _working: set[Hashable] = field(default_factory=set)
    _next: dict[Hashable, datetime] = field(default_factory=dict)

    @contextmanager
    def turn(self, sender: Hashable, now: datetime, clock: Callable[[], float]) -> Iterator[bool]:
        """Count one more, and for how long it is worked on; gives whether it is of a burst.

        `clock` counts seconds from anywhere.
        """
        if self.is_burst(sender, now) or sender in self._working:
            yield True
            return
        self._working.add(sender)
        began = clock()
        try:
            yield False
        finally:
            self._working.discard(sender)
            if sender in self._windows:
                self._windows[sender].worked += timedelta(seconds=clock() - began)

    def is_burst(self, sender: Hashable, now: datetime) -> bool:
        """Count one more; whether it comes too soon to be worked on at once."""
        if len(self._windows) > MOST_SENDERS:
            self.forget()
        window = self._windows.get(sender)
        if window is None or window.is_over(now):
            window = self._windows[sender] = _Window(now)
        window.seen += 1
        return window.seen > self.at_once or window.worked >= self.share

    def is_time(self, sender: Hashable, now: datetime) -> bool:
        """Whether work was last asked for more than a second ago; then it is asked for now."""
        at = self._next.get(sender)
        if at is not None and timedelta(0) < at - now <= IN_VAIN:
            return False
        self._next[sender] = now + WINDOW
        return True

    def was_in_vain(self, sender: Hashable, now: datetime) -> None:
        """Nobody could be asked: the next time is later, since finding that out took long."""
        self._next[sender] = now + IN_VAIN

    def forget(self) -> None:
        """Start over."""
        self._windows.clear()
        self._next.clear()
