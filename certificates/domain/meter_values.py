"""Reading one time and one amount of energy from text, exactly."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UWH_IN_WH = 1_000_000
# Decimal places between the unit of a column and a millionth of a Wh.
PLACES = {"wh": 6, "kwh": 9, "mwh": 12}
LARGEST_WH = 10**14  # a hundred TWh in one interval: beyond any plant, within 64 bits

_PLAIN = re.compile(r"([+-]?)([0-9]{1,15})(?:\.([0-9]*))?")
_COMMA = re.compile(r"[+-]?[0-9.]*,[0-9]+")


class Unreadable(ValueError):
    """A value is not what its column holds; the message is the reason for people."""


def energy(text: str, unit: str) -> tuple[int, int]:
    """Whole Wh rounded down, and the millionths of a Wh that rounding left.

    Finer digits than a millionth of a Wh are rounded down too; the text itself is kept
    with the reading. Raises: Unreadable.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return _energy_slowly(text, unit)
    sign, whole, fraction = plain.groups("")
    places = PLACES[unit]
    uwh = int(whole + fraction[:places].ljust(places, "0"))
    if sign == "-":
        uwh = -uwh - (1 if fraction[places:].strip("0") else 0)
    return _bounded(uwh, text)


def minute(text: str, *, is_utc: bool) -> int:
    """Minutes since 1970-01-01T00:00Z of an ISO 8601 time.

    `is_utc`: the column's name says that a time without an offset is UTC.
    Raises: Unreadable.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("is no time; write 2018-01-31T12:00:00Z") from None
    if len(text) < len("2018-01-31T12"):
        raise Unreadable("is a day without a time; write 2018-01-31T12:00:00Z")
    if moment.tzinfo is None:
        if not is_utc:
            raise Unreadable("does not say its zone; write 2018-01-31T12:00:00Z")
        moment = moment.replace(tzinfo=UTC)
    if moment.second or moment.microsecond:
        raise Unreadable("is not on a whole minute; give the start of the interval")
    return minute_of(moment)


def minute_of(moment: datetime) -> int:
    """Whole minutes from 1970-01-01T00:00Z to an aware instant, rounded down."""
    since = moment - EPOCH
    return since.days * 1440 + since.seconds // 60


def _energy_slowly(text: str, unit: str) -> tuple[int, int]:
    if _COMMA.fullmatch(text) or "_" in text:
        raise Unreadable("has a separator; write decimals with a point and no thousands separator")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Unreadable("is no number; write it like 1234.56") from None
    if not value.is_finite():
        raise Unreadable("is no number; leave it empty with observed 0 if nothing was read")
    if value.adjusted() > len(str(LARGEST_WH)) + PLACES["mwh"]:
        raise Unreadable("is more than any plant produces; check the unit of the column")
    numerator, denominator = value.as_integer_ratio()
    return _bounded(numerator * 10 ** PLACES[unit] // denominator, text)


def _bounded(uwh: int, text: str) -> tuple[int, int]:
    wh, remainder = divmod(uwh, UWH_IN_WH)
    if abs(wh) > LARGEST_WH:
        raise Unreadable("is more than any plant produces; check the unit of the column")
    if len(text) > 40:
        raise Unreadable("has more than 40 characters; round it to whole mWh")
    return wh, remainder
