"""The readings (RD) of an OCMF record; what one leaves out is as in the one before it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from charging.domain.meters.obis import register_of
from charging.domain.meters.records import BEGIN, BETWEEN, END, Reading, read_number, read_text
from charging.errors import MalformedRecord

MOST = 1000  # readings in a record
CARRIED = ("TM", "TX", "RV", "RI", "RU", "RT", "EF", "ST", "EI")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[,.](\d{1,6}))?"
    r"(?:([+-])(\d\d):?(\d\d)|(Z))?(?:\s*([USIR]))?",
    re.ASCII,
)
ENDS = frozenset("ELRAP")  # ended locally or remotely, by an abort, or by a power failure
GOOD = "G"


def read_readings(listed: object) -> tuple[Reading, ...]:
    """Raises: MalformedRecord when RD is not a list of objects."""
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise MalformedRecord("The readings (RD) of an OCMF record are not a list of objects.")
    if len(listed) > MOST:
        raise MalformedRecord(f"An OCMF record has more than {MOST:,} readings.")
    readings: list[Reading] = []
    carried: dict[str, Any] = {}
    for fields in listed:
        carried |= {name: fields[name] for name in CARRIED if fields.get(name) is not None}
        readings.append(_reading(carried, fields.get("CL")))
    return tuple(readings)


def _reading(fields: Mapping[str, Any], loss: object) -> Reading:
    at, clock = _instant(fields.get("TM"))
    obis = read_text(fields.get("RI"))[:64]
    return Reading(
        kind=_kind(read_text(fields.get("TX"))),
        at=at,
        clock=clock,
        value=read_number(fields.get("RV")),
        unit=read_text(fields.get("RU"))[:16],
        obis=obis,
        register=register_of(obis),
        faults=_faults(read_text(fields.get("EF")), read_text(fields.get("ST"))),
        events=read_text(fields.get("EI"))[:64],
        loss=read_number(loss),
    )


def _kind(reason: str) -> str:
    if reason == "B":
        return BEGIN
    return END if reason in ENDS else BETWEEN


def _faults(flags: str, status: str) -> tuple[str, ...]:
    found = []
    if "E" in flags:
        found.append("energy_error")
    if "t" in flags:
        found.append("time_error")
    if status != GOOD:
        found.append("meter_not_good")
    return tuple(found)


def _instant(value: object) -> tuple[datetime | None, str]:
    """`2021-10-07T15:29:55,000+0200 S` as an aware UTC instant, and the letter."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        return None, ""
    *clock, fraction, sign, hours, minutes, zulu, letter = match.groups()
    if not sign and not zulu:
        return None, letter or ""
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-ahead if sign == "-" else ahead)
        micros = int((fraction or "0").ljust(6, "0"))
        year, month, day, hour, minute, second = map(int, clock)
        wall = datetime(year, month, day, hour, minute, second, micros, zone)
        return wall.astimezone(UTC), letter or ""
    except (ValueError, OverflowError):
        return None, letter or ""
