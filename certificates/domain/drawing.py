"""Pictures of generation as SVG path data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

FULL, MUCH, LITTLE, NONE, MISSING = 3, 2, 1, 0, -1


def level(amount_wh: int | None, capacity_w: int) -> int | None:
    """How strongly an hour is drawn: by thirds of what the plant can do; None for nothing."""
    if amount_wh is None or amount_wh <= 0:
        return None
    thirds = 3 * amount_wh // max(capacity_w, 1)
    return min(thirds, 2) + 1


def calendar_paths(
    certified: Mapping[tuple[date, int], int],
    produced: Mapping[tuple[date, int], int],
    capacity_w: int,
    missing: Iterable[tuple[date, int]] = (),
) -> dict[int, str]:
    """One path for each level in a picture of 365 columns (days) and 24 rows (UTC hours).

    Level 0 is for hours that were produced in and have no certificate yet, -1 for those that
    are `missing` in part or whole and have none. Keys are day and UTC hour, values Wh. Hours of
    one level that follow each other on a day are one rectangle. 29 February shares the column of 1
    March, which is hidden at this size anyway.
    """
    levels = {(_column(day), hour): MISSING for day, hour in missing}
    for (day, hour), amount in produced.items():
        if amount > 0:
            levels[_column(day), hour] = NONE
    for (day, hour), amount in certified.items():
        strength = level(amount, capacity_w)
        if strength is not None:
            levels[_column(day), hour] = strength
    runs: dict[int, list[str]] = {MISSING: [], NONE: [], LITTLE: [], MUCH: [], FULL: []}
    for (column, _, strength), run in groupby(
        enumerate(sorted(levels)),
        # What follows each other on a day has the same difference of hour and place.
        key=lambda one: (one[1][0], one[1][1] - one[0], levels[one[1]]),
    ):
        hours = [hour for _, (_, hour) in run]
        runs[strength].append(f"M{column} {hours[0]}h1v{len(hours)}h-1z")
    return {strength: "".join(parts) for strength, parts in runs.items()}


def bars(values: Sequence[int], *, height: int = 100, top: int | None = None) -> str:
    """One path of bars, each one unit wide; below zero draws nothing.

    The highest is `height` high, or what is `top` large; what is larger is cut off there.
    """
    top = max([*values, 1]) if top is None else max(top, 1)
    return "".join(
        f"M{place} {height}V{height - height * min(value, top) / top:.2f}h.86V{height}z"
        for place, value in enumerate(values)
        if value > 0
    )


def month_sums(days: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """Sums by month, each named by its first day, in order."""
    sums: dict[date, int] = {}
    for day, amount in days:
        first = day.replace(day=1)
        sums[first] = sums.get(first, 0) + amount
    return sorted(sums.items())


def _column(day: date) -> int:
    return min(day.replace(year=2001).timetuple().tm_yday - 1, 364) if not _leap(day) else 59


def _leap(day: date) -> bool:
    return (day.month, day.day) == (2, 29)
