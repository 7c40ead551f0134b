"""What a file covers: days, gaps, and where it differs from what is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from certificates.domain.formats.intervals import distinct
from certificates.domain.formats.times import text_of

Column = npt.NDArray[np.int64]
DAY = 1440
GAPS_SHOWN = 200
MOST_DAYS = 40_000  # a century


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the time between first and last interval a file has.

    `gaps` are [start, end, intervals], the first of `gap_count`; times in ISO 8601.
    """

    first: str
    last: str
    present: int
    expected: int
    gaps: list[list[str | int]]
    gap_count: int


def coverage(minutes: Column, length: int) -> Coverage | None:
    """Coverage of intervals by their starts (minutes since 1970); None for none."""
    if not len(minutes) or not length:
        return None
    starts = distinct(minutes)
    steps = np.diff(starts)
    holes = np.flatnonzero(steps > length)
    gaps: list[list[str | int]] = [
        [
            text_of(int(starts[place]) + length),
            text_of(int(starts[place + 1])),
            int(steps[place] // length) - 1 or 1,
        ]
        for place in holes[:GAPS_SHOWN].tolist()
    ]
    span = int(starts[-1] - starts[0]) + length
    return Coverage(
        text_of(int(starts[0])),
        text_of(int(starts[-1]) + length),
        len(starts),
        -(-span // length),
        gaps,
        len(holes),
    )


def days(minutes: Column, wh: Column) -> tuple[int, list[int | None]]:
    """The first UTC day (days since 1970) and the Wh of each from there; None: no interval.

    A span of more than a century is cut there.
    """
    if not len(minutes):
        return 0, []
    day = minutes // DAY
    first = int(day.min())
    kept = day - first < MOST_DAYS
    place = (day - first)[kept]
    sums = np.zeros(int(place.max()) + 1, np.int64)
    np.add.at(sums, place, wh[kept])
    seen = np.bincount(place, minlength=len(sums)) > 0
    return first, [
        amount if is_seen else None
        for amount, is_seen in zip(sums.tolist(), seen.tolist(), strict=True)
    ]
