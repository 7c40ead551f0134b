"""Geometry of the pictures: where each shape goes. No markup, no colours, no framework."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby


@dataclass(frozen=True, slots=True)
class HourAmounts:
    """Whole Wh of one hour: used, matched by renewable, matched by any generation."""

    used_wh: int
    renewable_wh: int
    tracked_wh: int


@dataclass(frozen=True, slots=True)
class HourBar:
    """Heights of one hour's bar in hundredths of the picture, from the ground up."""

    renewable: float
    other: float
    unmatched: float

    @property
    def other_top(self) -> float:
        """Where the other generation's part starts, measured from the top."""
        return round(100 - self.renewable - self.other, 2)

    @property
    def renewable_top(self) -> float:
        """Where the renewable part starts, measured from the top."""
        return round(100 - self.renewable, 2)

    @property
    def top(self) -> float:
        """Where the bar starts, measured from the top."""
        return round(100 - self.renewable - self.other - self.unmatched, 2)


def hour_bars(hours: Sequence[HourAmounts]) -> list[HourBar]:
    """One bar an hour, the tallest as high as the picture."""
    top = max((hour.used_wh for hour in hours), default=0)
    return [
        HourBar(
            renewable=round(100 * hour.renewable_wh / top, 2),
            other=round(100 * (hour.tracked_wh - hour.renewable_wh) / top, 2),
            unmatched=round(100 * (hour.used_wh - hour.tracked_wh) / top, 2),
        )
        for hour in hours
    ]


@dataclass(frozen=True, slots=True)
class BarPaths:
    """The bars of many hours side by side, each 1 wide in a picture 100 high: a path a kind."""

    renewable: str
    other: str
    unmatched: str


def bar_paths(bars: Sequence[HourBar]) -> BarPaths:
    """The bars as three paths: a shape for each would make the page of a long charge heavy."""
    return BarPaths(
        renewable=_columns((bar.renewable_top, bar.renewable) for bar in bars),
        other=_columns((bar.other_top, bar.other) for bar in bars),
        unmatched=_columns((bar.top, bar.unmatched) for bar in bars),
    )


def _columns(parts: Iterable[tuple[float, float]]) -> str:
    return "".join(
        f"M{at} {top:g}h1v{height:g}h-1z" for at, (top, height) in enumerate(parts) if height
    )


def level(matched_wh: int, used_wh: int) -> int:
    """0 nothing matched, 1 less than half, 2 half or more, 3 all of it."""
    if matched_wh <= 0:
        return 0
    if matched_wh >= used_wh:
        return 3
    return 2 if 2 * matched_wh >= used_wh else 1


def heat_paths(levels: Mapping[tuple[int, int], int]) -> dict[int, str]:
    """One path per level for cells at (column, row), equal neighbours below each other joined.

    A path per level instead of a shape per cell keeps a year of hours under 100 kB.
    """
    paths: dict[int, list[str]] = {}
    for column, cells in groupby(sorted(levels.items()), key=lambda item: item[0][0]):
        for value, start, length in _runs((row, value) for (_, row), value in cells):
            paths.setdefault(value, []).append(f"M{column} {start}h1v{length}h-1z")
    return {value: "".join(parts) for value, parts in sorted(paths.items())}


def day_of_year(day: date) -> int:
    """0 for the first of January."""
    return day.timetuple().tm_yday - 1


def _runs(cells: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for row, value in cells:
        if runs and runs[-1][0] == value and runs[-1][1] + runs[-1][2] == row:
            runs[-1] = (value, runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((value, row, 1))
    return runs
