"""One line of a cost, without and with taxes, to four decimals of the currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from charging.domain.tariff.tariff import Price, Tariff, TaxIncluded

MONEY = Decimal("0.0001")  # what OCPI's numbers and the registry's columns hold
VOLUME = Decimal("0.000001")
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A cost and where it is from: which element (from 0) of which tariff, none for a limit.

    `measured` and `billed` are in kWh, hours or times; `excl` and `incl` are without and with
    taxes, none where the tax is not said.
    """

    component: str
    tariff_id: str
    element: int | None
    is_reservation: bool
    price: Decimal | None
    vat: Decimal | None
    step_size: int
    measured: Decimal
    billed: Decimal
    excl: Decimal | None
    incl: Decimal | None


def price_line(
    *,
    price: Price,
    measured: Fraction,
    billed: Fraction,
    tariff: Tariff,
    element: int,
    is_reservation: bool,
) -> Line:
    """Price a volume; halves of the last decimal round up."""
    amount = Fraction(price.price) * billed
    excl, incl = _taxed(amount, price.vat, tariff.tax_included)
    return Line(
        component=price.component.value,
        tariff_id=tariff.id,
        element=element,
        is_reservation=is_reservation,
        price=price.price,
        vat=price.vat,
        step_size=price.step_size,
        measured=rounded(measured, VOLUME),
        billed=rounded(billed, VOLUME),
        excl=excl,
        incl=incl,
    )


def rounded(value: Fraction, places: Decimal) -> Decimal:
    """A fraction as Decimal, away from zero at a half."""
    scaled = value / Fraction(places)
    whole = (abs(scaled) + Fraction(1, 2)).__floor__()
    return (Decimal(whole if scaled >= 0 else -whole) * places).quantize(places, ROUND_HALF_UP)


def _taxed(
    amount: Fraction, vat: Decimal | None, included: TaxIncluded
) -> tuple[Decimal | None, Decimal | None]:
    """Without and with taxes. A tax that is not said leaves one side open, but nothing of
    nothing is nothing.
    """
    stated = rounded(amount, MONEY)
    if included == TaxIncluded.NOT_APPLICABLE or not amount:
        return stated, stated
    factor = None if vat is None else 1 + Fraction(vat) / PERCENT
    if included == TaxIncluded.YES:
        return (None if factor is None else rounded(amount / factor, MONEY)), stated
    return stated, (None if factor is None else rounded(amount * factor, MONEY))
