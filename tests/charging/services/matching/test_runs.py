"""Matching books whole intervals, once, and late data in a new round."""

from datetime import UTC, datetime

import pytest
from django.db.models import Sum

from certificates.models import Retirement
from certificates.services.holding.retirement import undo
from charging.errors import InvalidPeriod, NotAChargingCompany
from charging.models import Allocation, ClosedInterval, MatchingRun, SessionHour
from charging.services.matching.runs import match, what_if
from ledger.models import Balance, OutboxItem
from tests.charging.plant import charge, generate, register_plant, share_all

DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))
TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
A = "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street"
B = "b,X,2,2018-06-01T10:00Z,2018-06-01T11:00Z,15,Mill Street"
LATE = "c,X,3,2018-06-01T11:00Z,2018-06-01T12:00Z,20,Mill Street"


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def got(uid: str) -> int:
    rows = Allocation.objects.filter(session_hour__session__uid=uid.upper())
    return rows.aggregate(wh=Sum("retirement__amount_wh"))["wh"] or 0


def test_a_scarce_hour_is_shared_by_demand_and_retired(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "100"], now)
    report = run(company, now)
    assert (report.demand_wh, report.supply_wh, report.matched_wh) == (25_000, 108_000, 13_000)
    assert (got("a"), got("b")) == (2_000 + 5_000, 6_000)
    assert report.allocations == report.retirements == Retirement.objects.count() == 3
    held = Balance.objects.get(account=company.account, asset__lot_asset__lot__starts_at=TEN)
    assert held.amount == 0
    assert OutboxItem.objects.filter(kind="settle", status="pending").count() == 3


def test_matching_twice_changes_nothing(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "100"], now)
    first, second = run(company, now), run(company, now)
    assert second.matched_wh == first.matched_wh
    assert second.supply_wh == first.supply_wh
    assert (second.allocations, second.retirements) == (0, 0)
    assert MatchingRun.objects.count() == 1
    assert set(ClosedInterval.objects.values_list("rounds", flat=True)) == {1}


def test_a_late_charge_gets_what_is_left_and_earlier_ones_keep_theirs(plant, company, now):
    charge(company, [A], now)
    generate(plant, TEN, ["5", "18"], now)
    run(company, now)
    before = set(Allocation.objects.values_list("session_hour", "retirement"))
    charge(company, [LATE], now)
    run(company, now)
    assert before < set(Allocation.objects.values_list("session_hour", "retirement"))
    assert (got("a"), got("c")) == (10_000, 13_000)
    assert ClosedInterval.objects.get(starts_at__hour=11).rounds == 2


def test_late_generation_covers_what_was_open_in_a_new_round(plant, company, now):
    charge(company, [A], now)
    run(company, now)
    assert got("a") == 0
    assert ClosedInterval.objects.count() == 2
    generate(plant, TEN, ["3"], now)
    run(company, now)
    assert got("a") == 3_000
    key = Retirement.objects.get().entry.key
    assert key.startswith("retire:council***A:20180601T1000Z:")
    assert key.endswith(":2")


def test_an_interval_that_has_not_ended_stays_open(plant, company, now):
    charge(company, [A], now)
    early = datetime(2018, 6, 1, 11, 30, tzinfo=UTC)
    report = match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=early)
    assert report.demand_wh == 10_000
    assert list(ClosedInterval.objects.values_list("starts_at", flat=True)) == [TEN]


def test_a_session_that_may_still_change_is_not_matched(plant, company, now):
    charge(company, [A], now, final=False)
    generate(plant, TEN, ["8", "100"], now)
    assert run(company, now).matched_wh == 0
    assert not Retirement.objects.exists()


def test_a_retirement_that_was_reversed_leaves_its_hour_open_again(plant, company, now):
    charge(company, [B], now)
    generate(plant, TEN, ["8"], now)
    run(company, now)
    undo(retirement=Retirement.objects.get(), now=now)
    report = run(company, now)
    assert (report.matched_wh, report.allocations) == (8_000, 1)
    assert Retirement.objects.count() == 2


def test_generation_of_another_hour_matches_nothing_by_the_hour_and_all_by_the_year(
    plant, company, now
):
    charge(company, [B], now)
    generate(plant, datetime(2018, 6, 1, 20, tzinfo=UTC), ["50"], now)
    period = {"organisation": company, "starts_at": DAY[0], "ends_at": DAY[1]}
    assert what_if(**period).matched_wh == 0
    assert what_if(**period, policy="annual").matched_wh == 15_000
    assert what_if(**period, policy="annual", ppm=100_000).matched_wh == 5_000


def test_a_what_if_question_writes_nothing(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "100"], now)
    report = what_if(organisation=company, starts_at=DAY[0], ends_at=DAY[1], ppm=500_000)
    assert report.matched_wh == 4_000 + 5_000
    assert not any(model.objects.exists() for model in (Retirement, Allocation, ClosedInterval))
    assert what_if(organisation=company, starts_at=DAY[0], ends_at=DAY[1]).matched_wh == 13_000
    assert run(company, now).matched_wh == 13_000
    assert what_if(organisation=company, starts_at=DAY[0], ends_at=DAY[1]).matched_wh == 13_000


def test_matched_wh_never_exceed_the_hour(plant, company, now):
    charge(company, [A, B, LATE], now)
    generate(plant, TEN, ["1000", "1000"], now)
    run(company, now)
    for hour in SessionHour.objects.annotate(wh=Sum("allocations__retirement__amount_wh")):
        assert hour.wh == hour.energy_wh


def test_who_is_no_charging_company_and_a_period_that_is_none_are_refused(company, producer, now):
    with pytest.raises(NotAChargingCompany):
        match(organisation=producer, starts_at=DAY[0], ends_at=DAY[1], now=now)
    with pytest.raises(InvalidPeriod):
        match(organisation=company, starts_at=DAY[1], ends_at=DAY[0], now=now)
    with pytest.raises(InvalidPeriod):
        match(organisation=company, starts_at=DAY[0].replace(minute=7), ends_at=DAY[1], now=now)
