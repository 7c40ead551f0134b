"""What each of four sources says of one charge, side by side.

Energy in whole Wh, instants aware UTC, money as Decimal in the currency's main unit. None is
"does not say", which is never a contradiction.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a charge happened; only charges at the same connector can collide."""

    evse: str
    connector: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a Session or a CDR says."""

    uid: str
    place: Place
    started_at: datetime
    ended_at: datetime | None
    energy_wh: int | None
    periods_energy_wh: int | None = None
    total_seconds: int | None = None
    token: str = ""
    currency: str = ""
    cost_excl: Decimal | None = None
    cost_incl: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Metered:
    """What signed meter values prove (domain.meters), or merely say when not `is_proven`."""

    energy_wh: int | None
    started_at: datetime | None
    ended_at: datetime | None
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """What the tariff makes of the charge (domain.tariff)."""

    currency: str
    cost_excl: Decimal | None
    cost_incl: Decimal | None


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Up to what a difference is no finding; each is a bound that still counts as equal.

    Energy: the larger of `energy_wh` and `energy_ppm` of the larger amount. A meter and its
    charging station round differently; their clocks drift.
    """

    energy_wh: int = 10
    energy_ppm: int = 1000
    seconds: int = 60
    money: Decimal = Decimal("0.01")
    power_ppm: int = 50_000


DEFAULT = Tolerances()
