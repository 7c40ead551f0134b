"""A charge's cost as its receipt shows it."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, gettext_lazy

from charging.domain.charge_cost import ChargeCost, CostLine
from charging.views import numbers

CENT = Decimal("0.01")
NAMES = {
    "ENERGY": gettext_lazy("Energy"),
    "TIME": gettext_lazy("Charging time"),
    "PARKING_TIME": gettext_lazy("Time plugged in after charging"),
    "FLAT": gettext_lazy("Fixed price"),
    "RESERVATION": gettext_lazy("Reservation"),
}
UNITS = {
    "ENERGY": gettext_lazy("kWh"),
    "TIME": gettext_lazy("hours"),
    "PARKING_TIME": gettext_lazy("hours"),
    "RESERVATION": gettext_lazy("hours"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """The total with or without taxes, its lines, and what the tariff would have come to."""

    total: str
    lines: tuple[tuple[str, str, str], ...]
    by_tariff: bool
    otherwise: str = ""


def shown(cost: ChargeCost | None) -> Shown | None:
    """The cost in words and figures of the language in use; none where it is not known."""
    if cost is None:
        return None
    with_taxes = cost.incl is not None
    return Shown(
        total=_total(cost.excl, cost.incl, cost.currency),
        lines=tuple(_line(line, cost.currency, with_taxes=with_taxes) for line in cost.lines),
        by_tariff=cost.by_tariff,
        otherwise=_total(cost.rated_excl, cost.rated_incl, cost.currency),
    )


def _total(excl: Decimal | None, incl: Decimal | None, currency: str) -> str:
    if incl is not None:
        return gettext("%(amount)s with taxes") % {"amount": money(incl, currency)}
    if excl is not None:
        return gettext("%(amount)s without taxes") % {"amount": money(excl, currency)}
    return ""


def _line(line: CostLine, currency: str, *, with_taxes: bool) -> tuple[str, str, str]:
    """What for, how much of it at what price, and the amount."""
    name = str(NAMES.get(line.kind, gettext("Least or highest price of the tariff")))
    amount = line.incl if with_taxes and line.incl is not None else line.excl
    of_it = ""
    if line.billed is not None and line.price is not None and line.kind in UNITS:
        billed = numbers.localised(f"{line.billed.normalize():f}")
        of_it = f"{billed} {UNITS[line.kind]} \N{MULTIPLICATION SIGN} {money(line.price, currency)}"
    return name, of_it, "" if amount is None else money(amount, currency)


def money(amount: Decimal, currency: str) -> str:
    """An amount with two decimals, or with all that it has; never rounded."""
    exact = amount.quantize(CENT) if amount == amount.quantize(CENT) else amount.normalize()
    return f"{numbers.localised(f'{exact:,f}')} {currency}"
