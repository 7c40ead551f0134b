"""NEM12 and NEM13, the meter data files of Australia's markets.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, v2.5: records 100 to 900,
interval data in record 300 after the stream's record 200, quality by ranges in record 400,
accumulated data in record 250. Times are market time, UTC+10 without clock changes (the
Western Australian market writes UTC+8). The first letter of a suffix: E energy that the
customer takes from the grid, B energy that the customer feeds in; others are reactive or
no energy.
"""

import re
from collections.abc import Iterator
from datetime import date

from certificates.domain.formats.choices import MARK, STATED, USUAL, Choice
from certificates.domain.formats.numbers import reader
from certificates.domain.formats.series import Series
from certificates.domain.formats.times import DAY
from certificates.domain.meter_lines import CALCULATED, ESTIMATED, MEASURED
from certificates.domain.meter_values import Unreadable
from certificates.errors import MeterFileRefused

UNITS = {"WH": "wh", "KWH": "kwh", "MWH": "mwh"}
DIRECTIONS = {"E": "import", "B": "export"}
# Actual; forward estimate; final substitute; substitute. N says that there is no value.
QUALITIES = {"A": MEASURED, "E": ESTIMATED, "F": CALCULATED, "S": ESTIMATED}
NULL, VARIABLE = "N", "V"
MARKET_ZONE = "+10:00"
_QUALITY = re.compile(r"[AEFNSV]\d{0,2}")
_DAY = re.compile(r"\d{8}")
_LENGTHS = ("1", "2", "3", "5", "6", "10", "15", "20", "30", "60")
Row = tuple[int, list[str]]


def stated() -> dict[str, Choice]:
    """What the format itself settles."""
    return {
        "unit": Choice("kwh", STATED, "each register's record 200 says it"),
        "zone": Choice(MARKET_ZONE, USUAL, "market time; Western Australia writes +08:00"),
        "stamp": Choice("start", STATED, "by the format, value 1 is the day's first interval"),
        "counter": Choice("interval", STATED, "by the format"),
    }


def read(rows: Iterator[Row]) -> Series:
    """Every register of a NEM12 or NEM13 file. Raises: MeterFileRefused."""
    taking = _Taking()
    version = ""
    for line, row in rows:
        kind = row[0].strip()
        if kind == "100":
            version = row[1].strip().upper() if len(row) > 1 else ""
        elif not version:
            raise MeterFileRefused("The file does not begin with record 100 of NEM12 or NEM13.")
        else:
            taking.record(kind, line, row)
    taking.finish_day()
    if not taking.series.rows:
        raise MeterFileRefused("The file has no record 300 or 250: no meter data.")
    return taking.series


class _Taking:
    """Follows the records: a 300 belongs to the 200 before it, and waits for its 400s."""

    def __init__(self) -> None:
        self.series = Series("interval date", "interval value", is_utc=False)
        self.key: int | None = None
        self.length = 0
        self.unit = ""
        self.pending: tuple[int, list[str]] | None = None
        self.ranges: list[tuple[int, list[str]]] = []

    def record(self, kind: str, line: int, row: list[str]) -> None:
        if kind == "400":
            if self.pending is None:
                self.series.refuse(-1, line, "record 400", ",".join(row), "follows no record 300")
            elif len(self.ranges) <= DAY:
                self.ranges.append((line, row))
            return
        self.finish_day()
        if kind == "200":
            self._register(line, row)
        elif kind == "300":
            self.pending = (line, row)
        elif kind == "250":
            self._accumulated(line, row)
        elif kind not in ("500", "550", "900"):
            reason = "is no record of NEM12 or NEM13"
            self.series.refuse(-1, line, "record", ",".join(row), reason)

    def finish_day(self) -> None:
        """Take in the values of the day that waits, now that its 400s are known."""
        if self.pending is None:
            return
        line, row = self.pending
        ranges, self.pending, self.ranges = self.ranges, None, []
        if self.key is None:
            reason = "stands before any good record 200, which names its register"
            self.series.refuse(-1, line, "record 300", ",".join(row), reason)
        elif self.unit:
            try:
                self._day(line, row, ranges)
            except Unreadable as error:
                self.series.refuse(self.key, line, "record 300", ",".join(row), str(error))
        else:  # reactive energy, voltage and the like, in whole records
            self.series.count()
            self.series.filtered += 1

    def _register(self, line: int, row: list[str]) -> None:
        self.key = None
        if len(row) < 9 or row[8].strip() not in _LENGTHS:
            reason = "does not say its unit and an interval length of 1 to 60 minutes"
            self.series.refuse(-1, line, "record 200", ",".join(row), reason)
            return
        suffix = row[4].strip().upper()
        self.key = self._named(row[1].strip(), suffix)
        self.length = int(row[8])
        is_energy = suffix[:1] in DIRECTIONS
        self.unit = UNITS.get(row[7].strip().upper(), "") if is_energy else ""

    def _named(self, nmi: str, suffix: str) -> int:
        name = f"{nmi} {suffix}"[:100]
        direction = DIRECTIONS.get(suffix[:1], "other")
        return self.series.register(name, {f"{MARK}key": name}, direction)

    def _day(self, line: int, row: list[str], ranges: list[tuple[int, list[str]]]) -> None:
        count = DAY // self.length
        midnight = _midnight(row[1].strip() if len(row) > 1 else "")
        quality = row[2 + count].strip().upper() if len(row) > 2 + count else ""
        if not _QUALITY.fullmatch(quality):
            found = next((n - 2 for n, v in enumerate(row) if _QUALITY.fullmatch(v.strip())), None)
            has = f"has {found} values" if found is not None else "has no quality after its values"
            raise Unreadable(
                f"{has}; record 200 says {self.length} minutes, which makes {count} values"
            )
        qualities = self._qualities(quality, count, ranges)
        number, series = reader(self.unit, "."), self.series
        assert self.key is not None
        for place in range(count):
            text, name = row[2 + place].strip(), f"interval {place + 1}"
            mark = qualities[place]
            if mark == NULL:
                series.skip(self.key)
                continue
            try:
                if mark not in QUALITIES:
                    raise Unreadable("has no quality: no record 400 covers it")
                if not text:
                    raise Unreadable("is empty; mark it with quality N if there is no value")
                amount = number(text)
            except Unreadable as error:
                series.refuse(self.key, line, name, text, str(error))
                continue
            about = (self.length, QUALITIES[mark])
            at = midnight + place * self.length
            series.add(self.key, line, at, amount, text, about=about)

    def _qualities(
        self, quality: str, count: int, ranges: list[tuple[int, list[str]]]
    ) -> list[str]:
        marks = [quality[0]] * count
        for line, row in ranges:
            first, last = (_whole(row[n]) if len(row) > n else 0 for n in (1, 2))
            mark = row[3].strip().upper() if len(row) > 3 else ""
            if not (1 <= first <= last <= count and _QUALITY.fullmatch(mark)):
                reason = f"gives no quality for intervals within 1 to {count}"
                self.series.refuse(self.key or 0, line, "record 400", ",".join(row), reason)
                continue
            marks[first - 1 : last] = [mark[0]] * (last - first + 1)
        return marks

    def _accumulated(self, line: int, row: list[str]) -> None:
        """NEM13 tells one total for weeks or months: too coarse for an hourly certificate."""
        cell = dict(enumerate(value.strip() for value in row))
        suffix = cell.get(4, "").upper()
        self.key = self._named(cell.get(1, ""), suffix)
        since, until = cell.get(9, "")[:8], cell.get(14, "")[:8]
        reason = (
            f"is one total from {since} to {until}; certificates need intervals of 15, 30 or "
            "60 minutes. Ask the meter's operator for NEM12"
        )
        total = f"{cell.get(18, '')} {cell.get(19, '')}".strip()
        self.series.refuse(self.key, line, "record 250", total, reason)


def _midnight(text: str) -> int:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise Unreadable("has no date like 20180131") from None
    return (day - date(1970, 1, 1)).days * DAY


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
