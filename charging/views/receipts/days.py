"""A long charge, day by day: its hours stay, but their picture and their list are joined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from charging.domain import drawing
from charging.views.receipts.page import HourLine

LONG = 36  # hours; more of them are drawn without a link each and listed by day


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of one day on the clocks of the place."""

    lines: tuple[HourLine, ...]
    reasons: tuple[str, ...]

    @property
    def energy_wh(self) -> int:
        """What was used on this day."""
        return sum(line.facts.energy_wh for line in self.lines)

    @property
    def renewable_wh(self) -> int:
        """What of it was renewable generation of its own hours."""
        return sum(line.facts.renewable_wh for line in self.lines)


@dataclass(frozen=True, slots=True)
class LongCharge:
    """The days of a long charge, and all its hours in one picture.

    `midnights` are where a day begins, in hours from the left.
    """

    days: tuple[Day, ...]
    bars: drawing.BarPaths
    midnights: tuple[int, ...]

    @property
    def hours(self) -> int:
        """How many hours the picture is wide."""
        return sum(len(day.lines) for day in self.days)


def long_charge(lines: Sequence[HourLine]) -> LongCharge | None:
    """The hours by day, where they are too many to be shown one by one."""
    if len(lines) <= LONG:
        return None
    days = groupby(lines, key=lambda line: line.starts_at.date())
    return LongCharge(
        days=tuple(_day(hours) for _, hours in days),
        bars=drawing.bar_paths([line.bar for line in lines]),
        midnights=tuple(at for at, line in enumerate(lines) if at and line.new_day),
    )


def _day(hours: Iterable[HourLine]) -> Day:
    lines = tuple(hours)
    why = (line.facts.why_unmatched for line in lines)
    return Day(lines, tuple(dict.fromkeys(reason for reason in why if reason)))
