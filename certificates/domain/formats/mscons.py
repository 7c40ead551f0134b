"""MSCONS D.04B, load profiles of German and Austrian grid operators (EDIFACT).

Source: UN/EDIFACT D.04B and the BDEW application of MSCONS 2.x: LOC names the metering
point, PIA the OBIS number (IEC 62056-61: group C 1 is energy taken from the grid, 2 energy
fed in), QTY a value and DTM 163 and 164 its start and end. The UNA segment sets the marks,
that for decimals included; in `?+01` the question mark only says that the plus is no mark.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pydifact.control import Characters
from pydifact.exceptions import ValidationError

from certificates.domain.formats import edifact
from certificates.domain.formats.choices import MARK, STATED, Choice
from certificates.domain.formats.numbers import reader
from certificates.domain.formats.series import Series
from certificates.domain.formats.times import Clock
from certificates.domain.meter_lines import CALCULATED, ESTIMATED, MEASURED
from certificates.domain.meter_values import Unreadable
from certificates.errors import MeterFileRefused, UploadTooLarge

LARGEST = 32 << 20  # bytes; a year of quarter-hours of ten points is below
# BDEW qualifiers of quantities: true value, substitute, sum; proposed, forecast, provisional.
QUALITIES = {
    "220": MEASURED,
    "67": CALCULATED,
    "79": CALCULATED,
    "201": ESTIMATED,
    "187": ESTIMATED,
    "Z18": ESTIMATED,
}
UNUSABLE = "20"
UNITS = {"": "kwh", "KWH": "kwh", "WHR": "wh", "MWH": "mwh"}
DIRECTIONS = {"1": "import", "2": "export"}
LONGEST = 1440  # minutes that may lie between start and end
_OBIS = re.compile(r"(?:\d+-\d+:)?(\d+)\.\d+(?:\.\d+)?")
_STAMP = re.compile(r"(\d{12})(?:\d{2})?([+-]\d{2})?")
Segment = tuple[str, list[list[str]]]


def stated(zone: Choice) -> dict[str, Choice]:
    """What the format itself settles."""
    return {
        "unit": Choice("kwh", STATED, "by the format"),
        "zone": zone,
        "stamp": Choice("start", STATED, "each value has its start and end"),
        "counter": Choice("interval", STATED, "each value has its start and end"),
    }


def read(stream: BinaryIO) -> Series:
    """Every channel of a load profile; lines are segments, counted from 1.

    Raises: MeterFileRefused, UploadTooLarge.
    """
    taking = _Taking()
    decimal = "."
    for number, (tag, parts) in enumerate(_segments(stream), start=1):
        if tag == "UNA":
            marks = parts[0][0]
            decimal = marks[2] if len(marks) > 2 and marks[2] in ",." else "."
            taking.decimal = decimal
        else:
            taking.segment(number, tag, parts)
    taking.finish()
    if not taking.series.rows:
        raise MeterFileRefused("The message has no quantities: no segment QTY.")
    return taking.series


def _segments(stream: BinaryIO) -> Iterator[Segment]:
    stream.seek(0)
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UploadTooLarge(f"A message above {LARGEST >> 20} MB is not read. Split it by month.")
    # UNOC is Latin-1; identifiers are ASCII anyway, and names are not read.
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1").strip()
    marks = Characters()
    if text.startswith("UNA"):
        try:
            marks = Characters.from_str(text[:9])
        except ValidationError as error:
            raise MeterFileRefused(edifact.CUT_OFF) from error
        yield "UNA", [[text[3:9]]]
        text = text[9:].lstrip()
    for parts in edifact.segments(text, marks):
        yield parts[0][0], parts[1:]


class _Taking:
    """Follows the segments: a QTY belongs to the LOC and PIA before it, its DTMs follow."""

    def __init__(self) -> None:
        self.series = Series("DTM 163", "QTY")
        self.decimal = "."
        self.point = ""
        self.key: int | None = None
        self.is_energy = False
        self.value: tuple[int, str, str, str] | None = None  # segment, qualifier, text, unit
        self.times: dict[str, str] = {}
        self.clock = Clock()
        self.is_utc: bool | None = None

    def segment(self, number: int, tag: str, parts: list[list[str]]) -> None:
        if tag == "DTM" and self.value:
            self.times[_part(parts, 0)] = _part(parts, 0, 1)
            return
        self.finish()
        if tag == "LOC":
            self.point = _part(parts, 1)
            self.key = None
        elif tag == "PIA":
            self._channel(_part(parts, 1))
        elif tag == "LIN":
            self.key = None
        elif tag == "QTY":
            self.value = (number, _part(parts, 0), _part(parts, 0, 1), _part(parts, 0, 2))

    def _channel(self, obis: str) -> None:
        found = _OBIS.fullmatch(obis)
        direction = DIRECTIONS.get(found.group(1), "other") if found else "other"
        name = f"{self.point} {obis}".strip()[:100]
        self.is_energy = direction != "other"
        self.key = self.series.register(name, {f"{MARK}key": name}, direction)

    def finish(self) -> None:
        """Take in the value that waits, now that its times are known."""
        if self.value is None:
            return
        number, qualifier, text, unit = self.value
        times, self.value, self.times = self.times, None, {}
        if self.key is None:
            reason = "follows no PIA segment that says its OBIS number"
            self.series.refuse(-1, number, "QTY", text, reason)
        elif not self.is_energy:
            self.series.count()
            self.series.filtered += 1
        elif qualifier == UNUSABLE:
            self.series.skip(self.key)
        else:
            try:
                self._take(self.key, (number, qualifier, text, unit), times)
            except Unreadable as error:
                self.series.refuse(self.key, number, "QTY", text, str(error))

    def _take(self, key: int, value: tuple[int, str, str, str], times: dict[str, str]) -> None:
        number, qualifier, text, unit = value
        if qualifier not in QUALITIES:
            raise Unreadable(f"has the qualifier {qualifier[:10]!r}, which is not known here")
        if unit.upper() not in UNITS:
            raise Unreadable(f"is in {unit[:10]!r}, not in kWh")
        start, end = self._minute(times.get("163", "")), self._minute(times.get("164", ""))
        if not 0 < end - start <= LONGEST:
            raise Unreadable("ends before it starts, or lasts more than a day")
        amount = reader(UNITS[unit.upper()], self.decimal)(text)
        about = (end - start, QUALITIES[qualifier])
        self.series.add(key, number, start, amount, text, about=about)

    def _minute(self, text: str) -> int:
        found = _STAMP.fullmatch(text)
        if not found:
            raise Unreadable("lacks a DTM 163 or 164 segment with its start or end")
        day, zone = found.groups()
        written = f"{day[:4]}-{day[4:6]}-{day[6:8]} {day[8:10]}:{day[10:]}{zone or ''}"
        at, is_utc = self.clock.read(written)
        if self.is_utc is None:
            self.is_utc = self.series.is_utc = is_utc
        if is_utc is not self.is_utc:
            raise Unreadable("says its zone, or does not, unlike the values before it")
        return at


def _part(parts: list[list[str]], place: int, component: int = 0) -> str:
    part = parts[place] if len(parts) > place else []
    return part[component].strip() if len(part) > component else ""
