"""Times as meter files write them, in whole minutes."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from certificates.domain.meter_values import EPOCH, Unreadable, minute_of

DAY = 1440
YMD, DMY, MDY = "ymd", "dmy", "mdy"
ORDERS = (YMD, DMY, MDY)
CACHED = 50_000  # texts of days or clock times; a file repeats few

_TIME = re.compile(
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2}|[A-Za-z]{3})\2(\d{1,4})")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SOLID_TIME = re.compile(r"(\d{8})[T ]?(\d{2})(\d{2})(?:(\d{2}))?(Z|[+-]\d{2}:?\d{2})?")
_SECONDS = re.compile(r"\d{9,10}(?:\.0+)?|\d{12,13}")
_DAY_COUNT = re.compile(r"[2-9]\d{4}(?:\.\d+)?")  # from 1954 on
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NO_TIME = "is no time; write 2018-01-31T12:00:00Z"
NO_CLOCK = "is a day without a time; write 2018-01-31T12:00:00Z"
DAY_COUNT = "is a sheet's count of days; format the column as date and time"
NOT_WHOLE = "is not on a whole minute; give the start of the interval"


class Clock:
    """Reads times of one column; `order` says where the day stands in a date."""

    def __init__(self, order: str = YMD) -> None:
        self.order = order
        self._days: dict[str, int] = {}
        self._times: dict[str, tuple[int, int | None]] = {}

    def read(self, text: str) -> tuple[int, bool]:
        """Minutes since 1970-01-01T00:00, and whether they are UTC (else the wall clock's).

        Raises: Unreadable.
        """
        day, _, time = text.replace("T", " ", 1).partition(" ")
        try:
            start = self._days[day]
            minutes, offset = self._times[time]
        except KeyError:
            if not time or day.isdigit():
                solid = self._solid(text)
                if solid:
                    return solid
            start = self._day(day)
            if not time.strip():
                raise Unreadable(NO_CLOCK) from None
            minutes, offset = self._time(time)
        if offset is None:
            return start + minutes, False
        return start + minutes - offset, True

    def read_all(self, texts: Sequence[str]) -> tuple[list[int], set[bool]]:
        """As `read` does each: the minutes, and which of UTC and wall clock there are.

        Raises: Unreadable.
        """
        found = {text: self.read(text) for text in set(texts)}  # plants of a file share times
        return [found[text][0] for text in texts], {is_utc for _, is_utc in found.values()}

    def _day(self, text: str) -> int:
        if len(self._days) > CACHED:
            self._days.clear()
        self._days[text] = minutes = DAY * (_date(text, self.order) - date(1970, 1, 1)).days
        return minutes

    def _time(self, text: str) -> tuple[int, int | None]:
        if len(self._times) > CACHED:
            self._times.clear()
        self._times[text] = read = _time(text)
        return read

    def _solid(self, text: str) -> tuple[int, bool] | None:
        """Times without a mark between day and hour: 201801311200, or seconds since 1970."""
        if found := _SOLID_TIME.fullmatch(text):
            day, hour, minute, second, zone = found.groups()
            if len(text) == len("1517400000000") - 1 and not _is_date(day):
                return _since_1970(text)
            clock = f"{hour}:{minute}:{second or '00'}{zone or ''}"
            minutes, offset = _time(clock)
            return self._day(day) + minutes - (offset or 0), offset is not None
        return _since_1970(text) if _SECONDS.fullmatch(text) else None


def order_of(texts: list[str]) -> tuple[str, bool]:
    """Where the day stands in the dates of a column, and whether the texts prove it."""
    heads: list[int] = []
    middles: list[int] = []
    for text in texts:
        found = _DATE.match(text)
        if not found:
            continue
        first, _, middle, _ = found.groups()
        if len(first) == len("2018"):
            return YMD, True
        if middle.isalpha():
            return DMY, True
        heads.append(int(first))
        middles.append(int(middle))
    if not heads:
        return YMD, True
    if max(heads) > len(MONTHS):
        return DMY, True
    if max(middles) > len(MONTHS):
        return MDY, True
    # What runs through more values while the other stands still is the day.
    return (DMY if len(set(heads)) >= len(set(middles)) else MDY), False


def is_time(text: str) -> bool:
    """Whether a cell reads as a time with a clock, in any order of the date."""
    for order in (YMD, DMY, MDY):
        try:
            Clock(order).read(text)
        except Unreadable:
            continue
        return True
    return False


def _date(text: str, order: str) -> date:
    if found := _DATE.fullmatch(text):
        first, _, middle, last = found.groups()
        month_name = middle.lower() if middle.isalpha() else ""
        if len(first) == len("2018"):
            year, month, day = first, middle, last
        elif order == MDY and not month_name:
            month, day, year = first, middle, last
        else:
            day, month, year = first, middle, last
        if month_name:
            month = str(MONTHS.index(month_name) + 1) if month_name in MONTHS else "0"
        years = int(year) + (2000 if len(year) == len("18") else 0)
    elif found := _SOLID.fullmatch(text):
        year, month, day = found.groups()
        years = int(year)
    else:
        raise Unreadable(DAY_COUNT if _DAY_COUNT.fullmatch(text) else NO_TIME)
    try:
        return date(years, int(month), int(day))
    except ValueError:
        raise Unreadable(NO_TIME) from None


def _time(text: str) -> tuple[int, int | None]:
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise Unreadable(NO_TIME)
    hour, minute, second, fraction, half, zone = found.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise Unreadable(NO_TIME)
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    minutes = hours * 60 + int(minute)
    if int(minute) > 59 or minutes > DAY:
        raise Unreadable(NO_TIME)
    if (second or "").strip("0") or (fraction or "").strip("0"):
        raise Unreadable(NOT_WHOLE)
    return minutes, offset_of(zone) if zone else None


def offset_of(text: str) -> int:
    """Minutes east of UTC of Z, UTC, +01, +0100 or +01:00."""
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes


def _is_date(text: str) -> bool:
    try:
        _date(text, YMD)
    except Unreadable:
        return False
    return True


def _since_1970(text: str) -> tuple[int, bool]:
    digits = text.partition(".")[0]
    seconds, parts = (
        divmod(int(digits), 1000)
        if len(digits) > len("9999999999")
        else (
            int(digits),
            0,
        )
    )
    if seconds % 60 or parts:
        raise Unreadable(NOT_WHOLE)
    return seconds // 60, True


def text_of(minute: int) -> str:
    """Minutes since 1970-01-01T00:00Z as ISO 8601; beyond the calendar, as they are."""
    try:
        return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%MZ")
    except (ValueError, OverflowError, OSError):
        return f"minute {minute}"


LAST_MINUTE = minute_of(datetime(9998, 1, 1, tzinfo=UTC))
FIRST_MINUTE = minute_of(EPOCH.replace(year=1900))
