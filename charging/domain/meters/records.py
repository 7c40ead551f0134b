"""A signed record of a meter, whatever its format."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from charging.domain.meters.curves import Curve
from charging.domain.meters.obis import Register

BEGIN, END, BETWEEN = "begin", "end", "between"
WH_PER_UNIT = {"wh": 1, "kwh": 1000}
MOST_WH = Decimal(10) ** 13  # a register that stands at ten million MWh is no meter's
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a register showed. `at` is aware; `synchronised` is None where it is not said.

    `faults` are codes of findings that the meter itself reports.
    """

    kind: str
    at: datetime | None
    clock: str
    value: Decimal | None
    unit: str
    obis: str
    register: Register
    faults: tuple[str, ...] = ()
    events: str = ""
    loss: Decimal | None = None

    @property
    def energy_wh(self) -> Decimal | None:
        """The register in Wh, exact; none without a number or a unit of energy."""
        factor = WH_PER_UNIT.get(self.unit.strip().lower())
        return None if factor is None or self.value is None else self.value * factor


@dataclass(frozen=True, slots=True)
class Signature:
    """How a record was signed; `curve` is none where the record leaves that to the key."""

    curve: Curve | None
    hash_name: str
    r: int
    s: int
    canonical: bool = True


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """A record whose format was understood. `payload` is exactly what was signed.

    `meters` are the names under which its key may be registered, best first; `same` must
    agree between the begin and the end of one charge; `page` is the meter's own count. Where
    `same` names one charge and no other, missing pages leave no room for another.
    """

    format: str
    version: str
    payload: bytes
    signature: Signature
    meters: tuple[str, ...]
    readings: tuple[Reading, ...]
    own_key: str = ""
    page: tuple[str, int] | None = None
    same: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    names_one_charge: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the payload in hex: what identifies a record."""
        return hashlib.sha256(self.payload).hexdigest()


def read_exact(text: str) -> Decimal:
    """A number of JSON as it stands. Raises: ValueError where its exponent is beyond reading."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("a number is too large or too small to be read") from error


def read_text(value: object) -> str:
    """A text or a number as text; nothing for lists, objects and what is not there."""
    return str(value).strip() if isinstance(value, (str, int, Decimal)) else ""


def read_number(value: object) -> Decimal | None:
    """A number as meters write it: also quoted, padded with blanks or zeros.

    None for anything else, and for a number that no register of a meter can show.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    if isinstance(value, int) and abs(value) >= MOST_WH:
        return None
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number if abs(number) < MOST_WH else None
