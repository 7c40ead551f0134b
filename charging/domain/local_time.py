"""From the wall clock of a file to UTC, without guessing.

In the hour that is repeated in autumn a wall time means two instants; in the hour that is
left out in spring it means none.
"""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


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


@lru_cache(maxsize=4096)
def _day(text: str) -> tuple[int, int, int]:
    parts = text.split("/")
    if len(parts) != 3 or len(parts[2]) != 4:
        raise ValueError(f"expected dd/mm/yyyy, found {text!r}")
    day, month, year = (int(part) for part in parts)
    return year, month, day


def read_day_month_year(date: str, time: str) -> datetime:
    """A naive wall time from `dd/mm/yyyy` and `HH:MM`.

    Raises: ValueError naming what was expected.
    """
    year, month, day = _day(date)
    hour, colon, minute = time.partition(":")
    if not colon or not (hour.isdigit() and minute.isdigit()):
        raise ValueError(f"expected HH:MM, found {time!r}")
    return datetime(year, month, day, int(hour), int(minute))  # noqa: DTZ001


def read_iso(text: str) -> datetime:
    """A stamp in ISO 8601, with or without an offset.

    Raises: ValueError naming what was expected.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a stamp such as 2018-01-31T14:05Z, found {text!r}") from None


def to_seconds(stamp: datetime) -> int:
    """Whole seconds since 1970 of an aware instant, the fraction cut off."""
    return _seconds(stamp)


def to_utc(seconds: int) -> datetime:
    """The aware UTC instant of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(stamp: datetime) -> int:
    return int(stamp.timestamp() // 1)
