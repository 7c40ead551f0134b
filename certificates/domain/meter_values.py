"""Reading one time and one amount of energy from text, exactly."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UWH_IN_WH = 1_000_000
# Decimal places between the unit of a column and a millionth of a Wh (or of a W).
PLACES = {"wh": 6, "kwh": 9, "mwh": 12, "w": 6, "kw": 9, "mw": 12}
LARGEST_WH = 9 * 10**12  # nine TWh in one interval: beyond any plant; its millionths fit 64 bits
LARGEST_COUNT_WH = 10**18  # what a register may show: a plant of 100 GW for a thousand years
TOO_MUCH = "is more than any plant produces; check the unit of the column"
FINEST = 60  # decimal places, far below a millionth of a Wh in any unit

_PLAIN = re.compile(r"([+-]?)([0-9]{1,15})(?:\.([0-9]*))?")
_COMMA = re.compile(r"[+-]?[0-9.]*,[0-9]+")


class Unreadable(ValueError):
    """A value is not what its column holds; the message is the reason for people."""


def energy(text: str, unit: str) -> tuple[int, int]:
    """Whole Wh rounded down, and the millionths of a Wh that rounding left.

    Finer digits than a millionth of a Wh are rounded down too; the text itself is kept
    with the reading. Raises: Unreadable.
    """
    return divmod(millionths(text, PLACES[unit]), UWH_IN_WH)


def millionths(text: str, places: int, most_wh: int = LARGEST_WH) -> int:
    """A decimal number as a whole count of its `places`-th decimal place, rounded down.

    With PLACES of a unit, millionths of a Wh or W. Raises: Unreadable, beyond `most_wh` too.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return _slowly(text, places, most_wh)
    sign, whole, fraction = plain.groups("")
    amount = int(whole + fraction[:places].ljust(places, "0"))
    if sign == "-":
        amount = -amount - (1 if fraction[places:].strip("0") else 0)
    return _bounded(amount, text, most_wh)


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


def _slowly(text: str, places: int, most_wh: int) -> int:
    if _COMMA.fullmatch(text) or "_" in text:
        raise Unreadable("has a separator; write decimals with a point and no thousands separator")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Unreadable("is no number; write it like 1234.56") from None
    if not value.is_finite():
        raise Unreadable("is no number; leave it empty with observed 0 if nothing was read")
    if value.adjusted() > len(str(most_wh)) + PLACES["mwh"]:
        raise Unreadable(TOO_MUCH)
    if value.adjusted() < -FINEST:  # its exact fraction would fill the memory
        return -1 if value < 0 else 0
    numerator, denominator = value.as_integer_ratio()
    return _bounded(numerator * 10**places // denominator, text, most_wh)


def _bounded(amount: int, text: str, most_wh: int) -> int:
    if abs(amount) > most_wh * UWH_IN_WH:
        raise Unreadable(TOO_MUCH)
    if len(text) > 40:
        raise Unreadable("has more than 40 characters; round it to whole mWh")
    return amount
