"""A tariff of OCPI 2.2.1 or 2.3.0 as plain values (mod_tariffs)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum


class Component(StrEnum):
    """What a price is for (TariffDimensionType), and what limits add."""

    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"
    FLAT = "FLAT"


class TaxIncluded(StrEnum):
    """Whether prices hold the taxes (2.3.0); 2.2.1 has prices without them."""

    YES = "YES"
    NO = "NO"
    NOT_APPLICABLE = "N/A"


class Reservation(StrEnum):
    """Which costs of a reservation an element describes."""

    RESERVATION = "RESERVATION"
    RESERVATION_EXPIRES = "RESERVATION_EXPIRES"


@dataclass(frozen=True, slots=True)
class Price:
    """A price per kWh, per hour or once; `vat` in percent, none where it is not said.

    `step_size` is in Wh for energy and in seconds for times.
    """

    component: Component
    price: Decimal
    vat: Decimal | None
    step_size: int


@dataclass(frozen=True, slots=True)
class Restrictions:
    """When an element applies: lower ends inclusive, upper ends exclusive.

    Times and dates are local at the charger; energy in kWh and duration in seconds are since
    the start of the charge; current (A) and power (kW) are those of the moment.
    """

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration: Decimal | None = None
    max_duration: Decimal | None = None
    days: frozenset[int] = frozenset()
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """Prices that apply together, and when."""

    prices: tuple[Price, ...]
    restrictions: Restrictions


@dataclass(frozen=True, slots=True)
class Limit:
    """The least or the most that a charge costs, without and with taxes, each where given."""

    excl: Decimal | None
    incl: Decimal | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff; the order of its elements decides which of them applies."""

    id: str
    currency: str
    elements: tuple[Element, ...]
    tax_included: TaxIncluded = TaxIncluded.NO
    min_price: Limit | None = None
    max_price: Limit | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
