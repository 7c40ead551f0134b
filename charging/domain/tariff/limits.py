"""The least and the most that a charge costs: each holds without taxes and with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from charging.domain.tariff.lines import MONEY, Line, rounded
from charging.domain.tariff.tariff import Limit, Tariff

MIN_PRICE, MAX_PRICE = "MIN_PRICE", "MAX_PRICE"
ZERO = Decimal(0)
Pick = Callable[[Decimal, Decimal], Decimal]


@dataclass(frozen=True, slots=True)
class _Totals:
    excl: Decimal | None
    incl: Decimal | None


def limit_lines(tariff: Tariff, lines: Sequence[Line]) -> Iterator[Line]:
    """What must be added to (or taken from) the lines of one tariff to keep its limits.

    A limit that is only given without taxes moves the side with them in proportion, and the
    other way round; where that side is nothing there is no proportion, and it stays open.
    """
    before = _Totals(_sum([line.excl for line in lines]), _sum([line.incl for line in lines]))
    limits: tuple[tuple[str, Limit | None, Pick], ...] = (
        (MIN_PRICE, tariff.min_price, max),
        (MAX_PRICE, tariff.max_price, min),
    )
    for component, limit, pick in limits:
        if limit is None:
            continue
        after = _kept(before, limit, pick)
        if after != before:
            yield _line(component, tariff, before, after)
        before = after


def _kept(totals: _Totals, limit: Limit, pick: Pick) -> _Totals:
    excl = _picked(totals.excl, limit.excl, pick)
    incl = _picked(totals.incl, limit.incl, pick)
    if limit.incl is None and excl != totals.excl:
        incl = _in_proportion(totals.incl, totals.excl, excl)
    if limit.excl is None and incl != totals.incl:
        excl = _in_proportion(totals.excl, totals.incl, incl)
    return _Totals(excl, incl)


def _picked(total: Decimal | None, limit: Decimal | None, pick: Pick) -> Decimal | None:
    return total if total is None or limit is None else pick(total, limit)


def _in_proportion(
    amount: Decimal | None, before: Decimal | None, after: Decimal | None
) -> Decimal | None:
    if amount is None or after is None or not before:
        return None
    return rounded(Fraction(amount) * Fraction(after) / Fraction(before), MONEY)


def _line(component: str, tariff: Tariff, before: _Totals, after: _Totals) -> Line:
    return Line(
        component=component,
        tariff_id=tariff.id,
        element=None,
        is_reservation=False,
        price=None,
        vat=None,
        step_size=0,
        measured=ZERO,
        billed=ZERO,
        excl=_difference(before.excl, after.excl),
        incl=_difference(before.incl, after.incl),
    )


def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None
