"""Which element of a tariff applies at a moment: for each component, the first that matches."""

from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from fractions import Fraction

from charging.domain.tariff.pieces import Moment
from charging.domain.tariff.tariff import Component, Price, Reservation, Restrictions, Tariff

MIDNIGHT = time()
Chosen = dict[Component, tuple[int, Price]]


def choose(tariff: Tariff, moment: Moment, kinds: tuple[Reservation | None, ...]) -> Chosen:
    """The number of the element and the price of each component that has one.

    `kinds` are the sorts of element to look at, most important first: `(None,)` while
    charging, and those for reservations while waiting.
    """
    chosen: Chosen = {}
    for kind in kinds:
        for number, element in enumerate(tariff.elements):
            asked = element.restrictions
            if asked.reservation == kind and applies(asked, moment):
                for price in element.prices:
                    chosen.setdefault(price.component, (number, price))
    return chosen


def applies(asked: Restrictions, moment: Moment) -> bool:
    """Whether all restrictions of an element hold."""
    return _at_this_time(asked, moment) and all(_within(asked, moment))


def needs_current(tariff: Tariff) -> bool:
    """Whether the tariff asks for a current that a period may not state."""
    return any(
        element.restrictions.min_current is not None or element.restrictions.max_current is not None
        for element in tariff.elements
    )


def _at_this_time(asked: Restrictions, moment: Moment) -> bool:
    today = moment.local.date()
    if asked.days and today.weekday() not in asked.days:
        return False
    if asked.start_date and today < asked.start_date:
        return False
    if asked.end_date and today >= asked.end_date:
        return False
    if asked.start_time is None and asked.end_time is None:
        return True
    start, end = asked.start_time or MIDNIGHT, asked.end_time or MIDNIGHT
    clock = moment.local.time()
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end  # over midnight, or the whole day


def _within(asked: Restrictions, moment: Moment) -> Iterator[bool]:
    yield _between(moment.energy_kwh, asked.min_kwh, asked.max_kwh)
    yield _between(moment.after_s, asked.min_duration, asked.max_duration)
    yield _between(moment.min_current, asked.min_current, None)
    yield _between(moment.max_current, None, asked.max_current)
    yield _between(moment.min_power, asked.min_power, None)
    yield _between(moment.max_power, None, asked.max_power)


def _between(value: Fraction | None, least: Decimal | None, most: Decimal | None) -> bool:
    """Lower end inclusive, upper end exclusive; what is not known fulfils no restriction."""
    if least is None and most is None:
        return True
    if value is None:
        return False
    return (least is None or value >= Fraction(least)) and (most is None or value < Fraction(most))
