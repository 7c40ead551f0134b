"""Readings as JSON, as machines send them.

`{"readings": [{"starts_at": "2018-01-31T12:00:00Z", "ends_at": "2018-01-31T13:00:00Z",
"energy_wh": 1500, "quality": "measured"}]}`; `energy_kwh` or `energy_mwh` may stand instead,
as text where it has decimals to keep. Lines are places in the list, counted from 1.
"""

import json
from typing import Any, BinaryIO

from certificates.domain.formats.choices import STATED, Choice
from certificates.domain.formats.numbers import reader
from certificates.domain.formats.series import Series
from certificates.domain.formats.times import FIRST_MINUTE, LAST_MINUTE, Clock
from certificates.domain.meter_lines import MEASURED, QUALITIES
from certificates.domain.meter_values import Unreadable
from certificates.errors import MeterFileRefused, UploadTooLarge, WrongEncoding

LARGEST = 16 << 20  # bytes; some 150,000 to 250,000 readings
LONGEST = 1440  # minutes of one interval
UNITS = {"energy_wh": "wh", "energy_kwh": "kwh", "energy_mwh": "mwh"}
KNOWN = {*UNITS, "starts_at", "ends_at", "quality"}
OUTER = {"readings", "dry_run", "again"}
FORM = '{"readings": [{"starts_at": "2018-01-31T12:00:00Z", "energy_wh": 1500}]}'


def stated() -> dict[str, Choice]:
    """What the format itself settles."""
    return {
        "unit": Choice("wh", STATED, "each reading says it"),
        "zone": Choice("", STATED, "each reading says it"),
        "stamp": Choice("start", STATED, "by the format"),
        "counter": Choice("interval", STATED, "by the format"),
    }


def read(stream: BinaryIO) -> Series:
    """The readings of one device. Raises: MeterFileRefused and its kinds."""
    series = Series("starts_at", "energy")
    series.register("readings", {})
    clock = Clock()
    for line, item in enumerate(items_of(stream), start=1):
        _take(series, line, item, clock)
    if not series.rows:
        raise MeterFileRefused("The list of readings is empty.")
    return series


def items_of(stream: BinaryIO) -> list[Any]:
    """The list of readings, every number as its text. Raises: MeterFileRefused and its kinds."""
    stream.seek(0)
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UploadTooLarge(f"JSON above {LARGEST >> 20} MB is not read. Send fewer readings.")
    try:
        # Numbers stay the text they are: no binary fraction ever holds an energy.
        found = json.loads(
            content.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str
        )
    except UnicodeDecodeError as error:
        raise WrongEncoding("The JSON is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise MeterFileRefused(f"This is no JSON: {str(error)[:200]}.") from error
    if isinstance(found, dict) and (unknown := sorted(set(found) - OUTER)):
        raise MeterFileRefused(f"{unknown[0][:100]!r} is not known beside the readings. {FORM}")
    items = found.get("readings") if isinstance(found, dict) else found
    if not isinstance(items, list):
        raise MeterFileRefused(f"Send a list of readings: {FORM}.")
    return items


def _take(series: Series, line: int, item: Any, clock: Clock) -> None:
    name, value = "reading", ""
    try:
        if not isinstance(item, dict):
            value = json.dumps(item)
            raise Unreadable("is no object")
        if not item.keys() <= KNOWN:
            unknown = sorted(set(item) - KNOWN)
            name, value = unknown[0][:100], str(item[unknown[0]])
            raise Unreadable(f"is not known; known: {', '.join(sorted(KNOWN))}")
        names = [name for name in UNITS if name in item]
        if len(names) != 1:
            value = json.dumps(item)
            raise Unreadable(f"needs exactly one of {', '.join(UNITS)}")
        name, value = "quality", str(item.get("quality", "measured"))
        if value not in QUALITIES:
            raise Unreadable(f"is none of {', '.join(QUALITIES)}")
        quality = QUALITIES.index(value)
        name, value = "starts_at", str(item.get("starts_at", ""))
        start = _minute(value, clock)
        name, value = "ends_at", str(item.get("ends_at", ""))
        length = _minute(value, clock) - start if "ends_at" in item else 0
        if "ends_at" in item and not 0 < length <= LONGEST:
            raise Unreadable("is not after the start, or more than a day later")
        name, value = names[0], str(item[names[0]])
        amount = reader(UNITS[name], ".")(value)
    except Unreadable as error:
        return series.refuse(0, line, name, value, str(error))
    return series.add(0, line, start, amount, value, about=(length, quality or MEASURED))


def _minute(text: str, clock: Clock) -> int:
    at, is_utc = clock.read(text)
    if not is_utc:
        raise Unreadable("does not say its zone; write 2018-01-31T12:00:00Z")
    if not FIRST_MINUTE < at < LAST_MINUTE:
        raise Unreadable("is no time of a meter; write 2018-01-31T12:00:00Z")
    return at
