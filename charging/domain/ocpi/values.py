"""Instants, energy and names as OCPI writes them."""

import re
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)?")
WH_PER_KWH = 1000


def is_instant(text: str) -> bool:
    """Whether `read_instant` can read it."""
    try:
        read_instant(text)
    except ValueError:
        return False
    return True


def read_instant(text: str) -> datetime:
    """An RFC 3339 instant in UTC; `Z` and fractions may be there or not, offsets may not.

    Raises: ValueError.
    """
    if not INSTANT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no instant in UTC")
    whole, _, rest = text.partition(".")
    micros = re.sub(r"\D.*", "", rest)[:6].ljust(6, "0") if rest else "0"
    moment = datetime.fromisoformat(whole[:19]).replace(tzinfo=UTC)
    if moment.year < 1970:
        raise ValueError(f"{text[:40]!r} lies before 1970")
    return moment.replace(microsecond=int(micros))


def write_instant(moment: datetime) -> str:
    """As the standard prints it, whole seconds where there are no more."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="auto") + "Z"


def wh_of(kwh: Decimal) -> int:
    """Whole Wh, rounded up: a cover is never overstated."""
    return int((kwh * WH_PER_KWH).to_integral_value(ROUND_CEILING))
