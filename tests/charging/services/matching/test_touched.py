"""Only what data touched is matched again, by however many workers, and nothing twice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from certificates.models import Area, Retirement, Role
from certificates.services import reference
from certificates.services.holding.retirement import undo
from charging.models import Allocation, ClosedInterval, MatchingRun, SessionHour
from charging.queries.matching.touched import days_of, touched_intervals
from charging.services.matching.runs import match_touched
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, LATE, TEN, A, B, got

NOON = int(datetime(2018, 6, 1, 12, tzinfo=UTC).timestamp())
WORKERS = 4


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


def touch(company, now, period=DAY):
    return match_touched(organisation=company, starts_at=period[0], ends_at=period[1], now=now)


def hours(company) -> list[int]:
    return [
        datetime.fromtimestamp(start, UTC).hour for _, start in touched_intervals(company, *DAY)
    ]


def test_every_hour_with_charges_is_touched_until_it_is_closed(plant, company, now):
    charge(company, [A, B], now)
    assert hours(company) == [10, 11]
    booked = touch(company, now)
    assert (booked.allocations, booked.closed_intervals, booked.late_intervals) == (0, 2, 0)
    assert hours(company) == []


def test_where_nothing_changed_nothing_is_done(plant, company, now, django_assert_max_num_queries):
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "100"], now)
    assert touch(company, now).allocations == 3
    with django_assert_max_num_queries(9):
        assert touch(company, now).allocations == 0
    assert MatchingRun.objects.count() == 1


def test_late_generation_touches_its_hour_alone(plant, company, now):
    charge(company, [A], now)
    touch(company, now)
    generate(plant, TEN, ["3"], now)
    assert hours(company) == [10]
    booked = touch(company, now)
    assert (booked.allocations, booked.late_intervals) == (1, 1)
    assert dict(ClosedInterval.objects.values_list("starts_at__hour", "rounds")) == {10: 2, 11: 1}


def test_a_late_charge_gets_what_is_left(plant, company, now):
    charge(company, [A], now)
    generate(plant, TEN, ["5", "18"], now)
    touch(company, now)
    charge(company, [LATE], now)
    assert hours(company) == [11]
    touch(company, now)
    assert (got("a"), got("c")) == (10_000, 13_000)


def test_a_late_charge_in_an_hour_without_generation_is_not_looked_at_for_ever(plant, company, now):
    charge(company, [A], now)
    touch(company, now)
    charge(company, [LATE], now)
    assert hours(company) == []


def test_what_an_hour_has_beyond_its_corrected_take_covers_nobody_else(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["20"], now)
    touch(company, now)
    SessionHour.objects.filter(session__uid="B").update(energy_wh=5_000)
    charge(company, ["d,X,4,2018-06-01T10:00Z,2018-06-01T11:00Z,8,Mill Street"], now)
    other = register_plant(plant.organisation, now, number=8)
    share_all(other, company, now)
    generate(other, TEN, ["3"], now)
    assert hours(company) == [10]
    touch(company, now)
    assert (got("d"), hours(company)) == (3_000, [])


def test_a_retirement_that_fell_touches_its_hour(plant, company, now):
    charge(company, [B], now)
    generate(plant, TEN, ["8"], now)
    touch(company, now)
    undo(retirement=Retirement.objects.get(), now=now)
    assert hours(company) == [10]
    touch(company, now)
    assert (got("b"), hours(company)) == (16_000, [])  # the fallen one is still listed
    assert Allocation.objects.standing().count() == 1


def test_an_interval_is_provisional_until_it_closes(plant, company, now):
    charge(company, [A], now)
    generate(plant, TEN, ["8", "8"], now)
    early = TEN + timedelta(minutes=90)
    assert touched_intervals(company, DAY[0], early) == [
        (Area.objects.get(code="10YGB----------A", valid_to=None).pk, NOON - 7200)
    ]
    assert touch(company, early).allocations == 1


def test_touched_intervals_are_gathered_by_the_day(great_britain):
    place = great_britain.pk
    day = 86_400
    assert days_of([(place, 3600), (place, 7200), (place, day * 3)]) == [
        (datetime(1970, 1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 3, tzinfo=UTC)),
        (datetime(1970, 1, 4, 0, tzinfo=UTC), datetime(1970, 1, 4, 1, tzinfo=UTC)),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_at_once_one_books_and_the_others_find_nothing(now):
    reference.load()
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    device = register_plant(make_organisation("Wind Ltd", "wind", Role.PRODUCER), now)
    share_all(device, company, now)
    charge(company, [A, B], now)
    generate(device, TEN, ["8", "100"], now)
    results: list[int] = []
    start = threading.Barrier(WORKERS)

    def work() -> None:
        start.wait()
        try:
            results.append(touch(company, now).allocations)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(results) == [0, 0, 0, 3]
    assert (MatchingRun.objects.count(), Retirement.objects.count()) == (1, 3)
