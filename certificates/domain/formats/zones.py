"""From the wall clock to UTC, for whole columns at once."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import numpy.typing as npt

from certificates.domain.formats.times import FIRST_MINUTE, LAST_MINUTE, offset_of
from certificates.domain.meter_values import EPOCH

Column = npt.NDArray[np.int64]
OK, SKIPPED_HOUR, UNCLEAR_HOUR = range(3)
_FIXED = re.compile(r"[+-](?:0\d|1[0-4])(?::?[0-5]\d)?")
DAY = 1440


def zone_of(name: str) -> tzinfo | None:
    """A zone by its IANA name, or a fixed offset such as +10:00; None for anything else."""
    if name in ("UTC", "Z"):
        return UTC
    if _FIXED.fullmatch(name):
        return timezone(timedelta(minutes=offset_of(name)))
    if name not in available_timezones():
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):  # pragma: no cover
        return None


def to_utc(local: Column, zone: tzinfo) -> tuple[Column, npt.NDArray[np.int8]]:
    """UTC minutes of wall-clock minutes in the order of the file, and a state for each.

    A time that the clock skipped in spring is SKIPPED_HOUR. One that it showed twice in
    autumn is told apart by its place in the file: the first is summer time, the second
    winter time (the other way round in a file that starts with the newest). Where such a
    label stands only once, nothing tells which it is: UNCLEAR_HOUR.
    """
    shift, before = np.zeros(len(local), np.int64), np.zeros(len(local), np.int64)
    hours, places = np.unique(local // 15, return_inverse=True)
    first, second = _offsets(hours, zone)
    shift, before = second[places], first[places]
    state = np.zeros(len(local), np.int8)
    skipped = _skipped(hours, first, second, zone)[places]
    state[skipped] = SKIPPED_HOUR
    twice = (shift != before) & ~skipped
    utc = local - before
    if twice.any():
        _tell_apart(local, utc, shift - before, np.flatnonzero(twice), state)
    return utc, state


def _offsets(quarters: Column, zone: tzinfo) -> tuple[Column, Column]:
    """Minutes east of UTC at each wall-clock quarter, as its first and second showing."""
    both = np.zeros((2, len(quarters)), np.int64)
    known: dict[tuple[int, int], int] = {}
    days = quarters // 96
    # Within a day without a change all quarters share one offset.
    for start, end in _runs(days):
        day = int(days[start])
        ends = {_offset(day * DAY + extra, zone, 0) for extra in (-1, 0, DAY - 1, DAY)}
        if len(ends) == 1:
            both[:, start:end] = ends.pop()
            continue
        for place in range(start, end):
            for fold in (0, 1):
                key = (int(quarters[place]), fold)
                if key not in known:
                    known[key] = _offset(key[0] * 15, zone, fold)
                both[fold, place] = known[key]
    return both[0], both[1]


def _runs(values: Column) -> list[tuple[int, int]]:
    if not len(values):
        return []
    edges = np.flatnonzero(np.diff(values)) + 1
    borders = [0, *edges.tolist(), len(values)]
    return list(pairwise(borders))


def _offset(minute: int, zone: tzinfo, fold: int) -> int:
    moment = _wall(minute).replace(fold=fold)
    offset = zone.utcoffset(moment) or timedelta()
    return int(offset.total_seconds()) // 60


def _wall(minute: int) -> datetime:
    minute = min(max(minute, FIRST_MINUTE), LAST_MINUTE)
    return (EPOCH + timedelta(minutes=minute)).replace(tzinfo=None)


def _skipped(
    quarters: Column, first: Column, second: Column, zone: tzinfo
) -> npt.NDArray[np.bool_]:
    """Wall-clock quarters that never were: there and back they become another time."""
    result = np.zeros(len(quarters), np.bool_)
    for place in np.flatnonzero(first < second):
        wall = _wall(int(quarters[place]) * 15)
        back = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        result[place] = back != wall
    return result


def _tell_apart(
    local: Column,
    utc: Column,
    change: Column,
    places: npt.NDArray[np.intp],
    state: npt.NDArray[np.int8],
) -> None:
    is_newest_first = len(local) > 1 and local[0] > local[-1]
    order = places[::-1] if is_newest_first else places
    shown: dict[int, list[int]] = {}
    for place in order.tolist():
        shown.setdefault(int(local[place]), []).append(place)
    for label_places in shown.values():
        if len(label_places) == 1:
            state[label_places[0]] = UNCLEAR_HOUR
            continue
        for later in label_places[1:]:
            utc[later] -= change[later]
