"""Green tariffs, preferences and plants at a site decide who is served first, provably."""

from datetime import timedelta

import pytest

from certificates.services.handovers import handovers
from certificates.services.organisations import register_organisation
from charging.errors import InvalidPeriod
from charging.models import DeviceSite, Location, MatchingRun, Session
from charging.queries.matching import wishes
from charging.queries.matching.replay import replay
from charging.services.matching.plant_sites import link_plant
from charging.services.matching.runs import match
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, B, got

C = "c,Y,1,2018-06-01T10:00Z,2018-06-01T11:00Z,15,High Street"


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def wish(uid, **fields):
    Session.objects.filter(uid=uid.upper()).update(**fields)


def test_a_green_tariff_is_served_first_and_the_replay_agrees(plant, company, now):
    charge(company, [B, C], now)
    wish("c", green_tariff=True)
    generate(plant, TEN, ["18"], now)
    assert run(company, now).matched_wh == 18_000
    assert (got("b"), got("c")) == (3_000, 15_000)
    booked = MatchingRun.objects.get()
    assert booked.verdict["matched_wh"] == 18_000
    assert any(stage["green_tariff"] for stage in booked.verdict["stages"])
    again = replay(booked)
    assert (again.hours_with_more, again.hours_with_less) == (0, 0)


def test_without_a_wish_the_same_is_shared_alike(plant, company, now):
    charge(company, [B, C], now)
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (9_000, 9_000)


def test_a_plant_at_a_site_serves_that_site_first_while_it_stands_there(plant, company, now):
    charge(company, [B, C], now)
    site = Location.objects.get(name="High Street")
    words = {"device": plant, "location": site, "actor": "test", "now": now}
    first = link_plant(**words, starts_at=DAY[0], ends_at=DAY[1])
    assert link_plant(**words, starts_at=DAY[0], ends_at=DAY[1]) == first
    with pytest.raises(InvalidPeriod):
        link_plant(**words, starts_at=DAY[0], ends_at=None)
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (3_000, 15_000)


def test_a_plant_that_has_left_serves_all_alike(plant, company, now):
    charge(company, [B, C], now)
    site = Location.objects.get(name="High Street")
    before = DAY[0] - timedelta(days=30)
    DeviceSite.objects.create(device=plant, location=site, starts_at=before, ends_at=DAY[0])
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (9_000, 9_000)


def test_a_strict_preference_takes_nothing_else(plant, company, now):
    charge(company, [B, C], now)
    wish("c", preferences={"order": [{"source": "F0104"}], "strict": True})
    generate(plant, TEN, ["18"], now)
    run(company, now)
    assert (got("b"), got("c")) == (15_000, 0)  # the plant is wind, F0105


def test_the_supplier_of_a_lot_is_whose_the_plant_was_when_it_generated(plant, now):
    generate(plant, TEN, ["18"], now)
    buyer = register_organisation(name="Buyer", slug="buyer", roles=["producer"], now=now)
    seller, lots = plant.organisation.slug, set(plant.lots.values_list("pk", flat=True))
    made = handovers.propose(device=plant, to=buyer, effective_on=DAY[1].date(), now=now)
    handovers.accept(handover=made, by=buyer, debt_wh=0, now=now)
    handovers.approve(handover=made, now=now, actor="auditor")
    plant.refresh_from_db()
    assert plant.organisation == buyer
    assert {supplier for _, supplier, _ in wishes._lots(lots).values()} == {seller}
