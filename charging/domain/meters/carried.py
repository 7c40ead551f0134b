"""A signed record as it arrived: its bytes, and what the carrier said beside it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Stated:
    """An unsigned number that travels with a signed record; without a unit it means Wh."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Carried:
    """One signed record; `key` is whatever public key came along, as text."""

    data: bytes
    key: str = ""
    stated: Stated | None = None
