"""What a charge cost: as its operator stated it, and as its tariff makes it.

Amounts are exact, in the currency's main unit; `excl` without taxes, `incl` with them, none
where the record does not say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from charging.domain.reconciling.facts import DEFAULT
from charging.domain.reconciling.ocpi import read_price
from charging.domain.tariff.rating import Rating

CDR = "CDR"
RESERVATION = "RESERVATION"
# OCPI's names of what a CDR states by kind (mod_cdrs, CDR object).
STATED = {
    "ENERGY": "total_energy_cost",
    "TIME": "total_time_cost",
    "PARKING_TIME": "total_parking_cost",
    "FLAT": "total_fixed_cost",
    RESERVATION: "total_reservation_cost",
}


@dataclass(frozen=True, slots=True)
class CostLine:
    """One part of a cost. `billed` is in kWh, hours or times, at `price` each, where known.

    `kind` is a component of OCPI's tariffs, `RESERVATION`, or the limit that changed the sum.
    """

    kind: str
    excl: Decimal | None
    incl: Decimal | None
    billed: Decimal | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChargeCost:
    """A charge's cost; `lines` add up to it where `by_tariff`, otherwise they are as stated.

    `rated_excl` and `rated_incl` are what the tariff comes to where that is another amount.
    """

    currency: str
    excl: Decimal | None
    incl: Decimal | None
    lines: tuple[CostLine, ...] = ()
    by_tariff: bool = False
    rated_excl: Decimal | None = None
    rated_incl: Decimal | None = None


def cost_of_record(cdr: Mapping[str, Any], rating: Rating | None) -> ChargeCost | None:
    """The cost in a CDR, with lines by its tariff where both agree; none where it states none.

    JSON numbers must have been read as Decimal. Raises: InvalidCharge.
    """
    excl, incl = read_price(cdr, "total_cost", CDR)
    currency = cdr.get("currency")
    if (excl is None and incl is None) or not isinstance(currency, str):
        return None
    if rating is None or rating.currency != currency:
        return ChargeCost(currency, excl, incl, _stated(cdr))
    if _agree(excl, rating.total_excl) and _agree(incl, rating.total_incl):
        return ChargeCost(currency, excl, incl, _rated(rating), by_tariff=True)
    return ChargeCost(
        currency,
        excl,
        incl,
        _stated(cdr),
        rated_excl=rating.total_excl,
        rated_incl=rating.total_incl,
    )


def _agree(stated: Decimal | None, rated: Decimal | None) -> bool:
    """Who does not say contradicts nobody."""
    return stated is None or rated is None or abs(stated - rated) <= DEFAULT.money


def _stated(cdr: Mapping[str, Any]) -> tuple[CostLine, ...]:
    prices = {kind: read_price(cdr, name, CDR) for kind, name in STATED.items()}
    return _that_cost(CostLine(kind, *amounts) for kind, amounts in prices.items())


def _rated(rating: Rating) -> tuple[CostLine, ...]:
    return _that_cost(
        CostLine(
            kind=RESERVATION if line.is_reservation else line.component,
            excl=line.excl,
            incl=line.incl,
            billed=line.billed if line.price is not None else None,
            price=line.price,
        )
        for line in rating.lines
    )


def _that_cost(lines: Iterable[CostLine]) -> tuple[CostLine, ...]:
    return tuple(line for line in lines if line.excl or line.incl)
