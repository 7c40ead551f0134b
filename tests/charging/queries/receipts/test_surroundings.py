"""What is left over near a charge: asked of few hours, the same as if all were added up."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from charging.models import Session
from charging.queries.matching.demand import demand_by_interval
from charging.queries.matching.supply import gather, held_lots, supply_received
from charging.queries.receipts.surroundings import (
    LATER,
    NOTHING_HELD,
    OPEN_YET,
    REACH,
    TOO_LITTLE,
    surroundings_of,
)
from charging.services.matching.runs import match
from tests.charging.plant import charge, generate, register_plant, share_all

START = datetime(2018, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rows(order: random.Random, many: int) -> list[str]:
    """Charges of one to three hours all over a day."""
    return [
        f"s{n},X{n},1,2018-06-01T{start:02}:00Z,2018-06-01T{start + order.randint(1, 3):02}:00Z,"
        f"{order.randint(1, 9)},Mill Street"
        for n, start in ((n, order.randint(0, 20)) for n in range(many))
    ]


def all_added_up(session: Session) -> tuple[datetime | None, int]:
    """The definition, by everything that was held, used and asked for around a charge."""
    hours = [hour.starts_at for hour in session.hours.order_by("starts_at")]
    period = (session.claimant, hours[0] - REACH, hours[-1] + REACH + HOUR)
    held = gather(held_lots(*period))
    supply, demand = supply_received(*period), demand_by_interval(*period)
    spare = {
        place: min(wh, supply[place] - demand.get(place, 0))
        for place, wh in held.items()
        if datetime.fromtimestamp(place[1], UTC) not in hours
    }
    wh, start = max(((wh, place[1]) for place, wh in spare.items() if wh > 0), default=(0, 0))
    return (datetime.fromtimestamp(start, UTC), wh) if wh else (None, 0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_booked", [True, False])
def test_the_best_other_hour_is_the_one_that_adding_all_up_finds(
    company, producer, great_britain, now, seed, is_booked
):
    order = random.Random(seed)
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, rows(order, 12), now)
    generate(device, START, [str(order.choice([0, 0, 1, 5, 20])) for _ in range(24)], now)
    if is_booked:
        match(organisation=company, starts_at=START, ends_at=START + 24 * HOUR, now=now)
    for session in Session.objects.all():
        found = surroundings_of(session).best_other_hour({})
        best = (found.starts_at, found.spare_wh) if found else (None, 0)
        assert best == all_added_up(session)


def test_an_hour_says_why_it_has_no_generation(company, producer, great_britain, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    row = "a,X,1,2018-06-01T10:00Z,2018-06-01T14:00Z,8,Mill Street"
    charge(company, [row], now)
    session = Session.objects.get()
    ten, twelve, one = (START + hour * HOUR for hour in (10, 12, 13))
    assert surroundings_of(session).why_unmatched(ten) == OPEN_YET
    generate(device, ten, ["1", "9"], now)
    match(organisation=company, starts_at=START, ends_at=START + 24 * HOUR, now=now)
    generate(device, twelve, ["9"], now)  # late
    around = surroundings_of(session)
    assert [around.why_unmatched(hour) for hour in (ten, twelve, one)] == [
        TOO_LITTLE,
        LATER,
        NOTHING_HELD,
    ]


def test_a_charge_that_is_covered_asks_nothing_of_the_hours_around(
    company, producer, great_britain, now, django_assert_num_queries
):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, rows(random.Random(1), 12), now)
    generate(device, START, ["99"] * 24, now)
    match(organisation=company, starts_at=START, ends_at=START + 24 * HOUR, now=now)
    session = Session.objects.select_related("claimant", "area").first()
    with django_assert_num_queries(2):  # its hours, and which of them are closed
        surroundings_of(session)
