"""Times of another registry's file: the order of its dates, and whose clock they show.

Nothing is guessed. The order of day and month follows from dates that allow one order only; a
file in which every date allows both is asked about. Times without an offset are UTC, as
EnergyTag's schema has them, or the clock of the plant's place; that too is asked.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from certificates.domain.formats.choices import OPEN, STATED, Choice
from certificates.domain.formats.times import DMY, LAST_MINUTE, MDY, YMD, Clock
from certificates.domain.formats.zones import zone_of
from certificates.domain.meter_values import EPOCH, Unreadable, minute_of
from certificates.errors import ImportRefused

UTC_CLOCK, LOCAL_CLOCK = "utc", "local"
LENGTHS = (15, 30, 60)  # minutes of an interval in this registry
DAY_MINUTES = 1440
NO_YEAR = "does not write its year with four digits; write 2018-01-31T12:00:00Z"
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]")
_YEAR = re.compile(r"(?<!\d)\d{4}")
_DAY_ALONE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./-])\d{1,2}\1\d{4}")
Text = tuple[int, str]  # a line's number and what it says


def date_order(texts: Sequence[Text]) -> Choice:
    """Where the day stands in the dates of a file. Raises: ImportRefused when they disagree."""
    day_first = month_first = both = None
    for line, text in texts:
        found = _NUMERIC.match(text)
        if not found:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12:  # no month
            day_first = day_first or (line, text)
        elif second > 12:
            month_first = month_first or (line, text)
        else:
            both = both or (line, text)
    if day_first and month_first:
        raise ImportRefused(
            f"Line {day_first[0]} has the day first ({day_first[1]!r}), line {month_first[0]} the "
            f"month ({month_first[1]!r}). Write all dates the same way, best as "
            "2018-01-31T12:00:00Z."
        )
    if day_first:
        return Choice(DMY, STATED, f"line {day_first[0]} says {day_first[1]}")
    if month_first:
        return Choice(MDY, STATED, f"line {month_first[0]} says {month_first[1]}")
    if both:
        return Choice("", OPEN, f"line {both[0]} says {both[1]}, and no date tells which it is")
    return Choice(YMD, STATED, "the dates begin with the year")


def whose_clock(texts: Sequence[Text], zones: Sequence[str]) -> Choice:
    """Whether times are UTC or the place's own; open where the file leaves it open."""
    naive = next(((line, text) for line, text in texts if not _has_offset(text)), None)
    if naive is None:
        return Choice(UTC_CLOCK, STATED, "every time says its offset")
    names = {name for name in zones if name}
    if names and all(zone_of(name) is UTC or name in ("Etc/UTC", "GMT") for name in names):
        return Choice(UTC_CLOCK, STATED, "the file's time zone is UTC")
    place = f" although its place is in {min(names)}" if names else ""
    return Choice("", OPEN, f"line {naive[0]} says {naive[1]} without an offset{place}")


class Moments:
    """Reads the times of one file under the choices made about it."""

    def __init__(self, order: str, clock: str) -> None:
        self._clock = Clock(order)
        self.is_local = clock == LOCAL_CLOCK

    def interval(self, start: str, end: str, zone: str) -> tuple[int, int]:
        """Start in UTC minutes and length. Raises: Unreadable."""
        starts, ends = self._candidates(start, zone), self._candidates(end, zone)
        found = [(a, b - a) for a in starts for b in ends if b - a in LENGTHS]
        if len(found) > 1:
            raise Unreadable("is an hour that the clock showed twice; write it in UTC")
        if not found:
            minutes = min(ends) - min(starts)
            raise Unreadable(
                f"lasts {minutes} minutes to {end}; certificates here are of 15, 30 or 60 minutes"
            )
        at, length = found[0]
        if at % length:
            raise Unreadable(
                f"does not begin at a multiple of its {length} minutes in UTC; it would straddle "
                "two intervals"
            )
        return at, length

    def expiry(self, text: str, zone: str) -> int:
        """UTC minutes of an end; a day alone ends with it. Raises: Unreadable."""
        if _DAY_ALONE.fullmatch(text):
            day = self._candidates(f"{text} 00:00", zone)
            return min(day) + DAY_MINUTES
        return min(self._candidates(text, zone))

    def _candidates(self, text: str, zone: str) -> list[int]:
        if not _YEAR.search(text):
            raise Unreadable(NO_YEAR)
        minute, is_utc = self._clock.read(text)
        if not DAY_MINUTES <= minute <= LAST_MINUTE:
            raise Unreadable("is no time of a certificate; check the year")
        if is_utc or not self.is_local:
            return [minute]
        place = zone_of(zone) if zone else None
        if place is None:
            raise Unreadable("is local, and local_timezone names no zone such as Europe/London")
        found = _showings(minute, place)
        if not found:
            raise Unreadable(f"is a time that clocks in {zone} skipped; write it in UTC")
        return found


def _showings(wall: int, zone: tzinfo) -> list[int]:
    """The UTC minutes at which clocks of a zone show a time: none, one or two."""
    found = set()
    naive = (EPOCH + timedelta(minutes=wall)).replace(tzinfo=None)
    for fold in (0, 1):
        utc = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if utc.astimezone(zone).replace(tzinfo=None) == naive:
            found.add(minute_of(utc))
    return sorted(found)


def _has_offset(text: str) -> bool:
    """Whether a time says its offset; what is no time at all is refused with its line."""
    for order in (YMD, DMY, MDY):
        try:
            return Clock(order).read(text)[1]
        except Unreadable:
            continue
    return True


def instant_of(minute: int) -> datetime:
    """The aware instant of UTC minutes since 1970."""
    return EPOCH + timedelta(minutes=minute)
