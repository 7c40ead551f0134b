"""From the wall clock of a file to UTC, without guessing.

In the hour that is repeated in autumn a wall time means two instants; in the hour that is
left out in spring it means none.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from charging.domain.profiles import (
    DAY_DASH_MONTH,
    DAY_DOT_MONTH,
    DAY_MONTH_YEAR,
    ISO_8601,
    MONTH_DAY_YEAR,
    YEAR_MONTH_DAY,
)

CLOCK = re.compile(
    r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?(?:\s*([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE
)
MIDNIGHT = time()
LONGEST_DAY = 10  # characters: 2018-01-31, 2018-W05-3


def instants(wall: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """Every UTC instant (seconds since 1970) that a naive wall time can mean, in order."""
    first = _seconds(wall.replace(tzinfo=zone, fold=0))
    second = _seconds(wall.replace(tzinfo=zone, fold=1))
    if first == second:
        return (first,)
    if first > second:  # the clock was put forward over this time: PEP 495 swaps the offsets
        return ()
    return (first, second)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises: zoneinfo.ZoneInfoNotFoundError.
    """
    return ZoneInfo(name)


def skipped(wall: datetime, zone: ZoneInfo) -> int:
    """The instant of a wall time that the clock left out, as if it had not been put forward."""
    return _seconds(wall.replace(tzinfo=zone, fold=0))


def read_wall(text: str, clock: str, stamps: Sequence[str]) -> list[datetime]:
    """Every different meaning of a stamp in these ways of writing: naive, or with its offset.

    `clock` is the time where it stands in a column of its own.
    Raises: ValueError naming what was expected, when none of them reads it.
    """
    found: list[datetime] = []
    problem: ValueError | None = None
    for name in stamps:
        try:
            wall = _READERS[name](text, clock)
        except ValueError as error:
            problem = problem or error
        else:
            if wall not in found:
                found.append(wall)
    if not found and problem:
        raise problem
    return found


def read_iso(text: str, clock: str = "") -> datetime:
    """A stamp in ISO 8601, with or without an offset; with a clock, of its date alone.

    Raises: ValueError naming what was expected.
    """
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a stamp such as 2018-01-31T14:05Z, found {text!r}") from None
    if not clock:
        if _is_day(text):
            raise ValueError(f"expected a time of day beside the date, found {text!r} alone")
        return stamp
    if stamp.time() != MIDNIGHT:
        raise ValueError(f"expected a date without a time, found {text!r} beside {clock!r}")
    hour, minute, second = _clock(clock)
    return stamp.replace(hour=hour, minute=minute, second=second)


def _is_day(text: str) -> bool:
    """Whether it names a day alone; midnight is not meant just because nothing is said."""
    if len(text) > LONGEST_DAY:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _dated(
    separator: str, order: tuple[int, int, int], name: str
) -> Callable[[str, str], datetime]:
    """A reader of dates whose day, month and year stand at these places."""

    @lru_cache(maxsize=4096)
    def read_day(text: str) -> tuple[int, int, int]:
        parts = text.split(separator)
        is_date = len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts)
        if not is_date or len(parts[order[2]]) != 4:
            raise ValueError(f"expected {name}, found {text!r}")
        day, month, year = (int(parts[place]) for place in order)
        return year, month, day

    def read(text: str, clock: str) -> datetime:
        date, _, time = (text, "", clock) if clock else text.partition(" ")
        year, month, day = read_day(date)
        hour, minute, second = _clock(time)
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001

    return read


def _clock(text: str) -> tuple[int, int, int]:
    """Hour, minute, second of a clock of 24 hours, or of twelve with am or pm."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"expected HH:MM, found {text!r}")
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = found[4]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"expected an hour from 1 to 12 before am or pm, found {text!r}")
        hour = hour % 12 + (12 if half in "pP" else 0)
    return hour, minute, second


_READERS: dict[str, Callable[[str, str], datetime]] = {
    ISO_8601: read_iso,
    DAY_MONTH_YEAR: _dated("/", (0, 1, 2), DAY_MONTH_YEAR),
    MONTH_DAY_YEAR: _dated("/", (1, 0, 2), MONTH_DAY_YEAR),
    YEAR_MONTH_DAY: _dated("/", (2, 1, 0), YEAR_MONTH_DAY),
    DAY_DOT_MONTH: _dated(".", (0, 1, 2), DAY_DOT_MONTH),
    DAY_DASH_MONTH: _dated("-", (0, 1, 2), DAY_DASH_MONTH),
}


def to_seconds(stamp: datetime) -> int:
    """Whole seconds since 1970 of an aware instant, the fraction cut off."""
    return _seconds(stamp)


def to_utc(seconds: int) -> datetime:
    """The aware UTC instant of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(stamp: datetime) -> int:
    return int(stamp.timestamp() // 1)
