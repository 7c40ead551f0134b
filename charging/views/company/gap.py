"""A year's gap as its page tells it, month by month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from charging.domain.gap_cost import Price, cost
from charging.queries.company.gap import Gap


@dataclass(frozen=True, slots=True)
class GapTotal:
    """Wh missing, and where certificates that would fill it are; money if a price was assumed.

    `barred_wh` are there and ruled out by the wishes of the charges that miss them.

    Each amount is priced by itself and rounded up, so a year may cost less than its months.
    """

    missing_wh: int
    own_wh: int
    others_wh: int
    barred_wh: int
    nowhere_wh: int
    cost: Decimal | None = None
    others_cost: Decimal | None = None


def gap_rows(gaps: Iterable[Gap], year: int, price: Price | None) -> list[tuple[date, GapTotal]]:
    """The twelve months of a year (UTC) by their first days."""
    months: dict[date, list[Gap]] = {date(year, number, 1): [] for number in range(1, 13)}
    for gap in gaps:
        months[gap.starts_at.date().replace(day=1)].append(gap)
    return [(first_day, total_of(found, price)) for first_day, found in months.items()]


def total_of(gaps: Sequence[Gap], price: Price | None = None) -> GapTotal:
    """The sum of gaps; the company's own certificates cost nothing more."""
    missing = sum(gap.missing_wh for gap in gaps)
    own = sum(gap.own_wh for gap in gaps)
    others = sum(gap.others_wh for gap in gaps)
    return GapTotal(
        missing_wh=missing,
        own_wh=own,
        others_wh=others,
        barred_wh=sum(gap.barred_wh for gap in gaps),
        nowhere_wh=sum(gap.nowhere_wh for gap in gaps),
        cost=cost(missing - own, price) if price else None,
        others_cost=cost(others, price) if price else None,
    )
