"""Every hour of a charge says what it got, what it lacks and what would have helped."""

from datetime import UTC, datetime, timedelta

import pytest

from certificates.models import Area, Organisation, Role
from charging.domain.matching import Preference
from charging.domain.wishes import Wished
from charging.models import Session
from charging.queries.company.explain import WHY, explain
from charging.queries.company.fillers import Fillers
from charging.queries.matching.open_charges import Which, wish_choices
from charging.services.matching.plant_sites import link_plant
from charging.services.matching.runs import match
from charging.services.matching.wishes import wish
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B
from tests.charging.views.company.test_home import log_in


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now, ppm=500_000)
    return device


def told(uid: str, now):
    charge = Session.objects.select_related("operator", "claimant", "evse__location").get(uid=uid)
    return explain(charge, now)


def run(company, now):
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def test_a_scarce_hour_says_how_it_was_shared_and_who_had_more(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["16", "100"], now)
    run(company, now)
    found = told("A", now)
    scarce, plenty = found.hours
    assert (found.energy_wh, found.matched_wh, found.site) == (10_000, 7_000, "Mill Street")
    assert (scarce.reason, scarce.missing_wh) == ("shared", 3_000)
    assert (scarce.asked_wh, scarce.had_wh, scarce.charges) == (20_000, 8_000, 2)
    assert [(f.device, f.amount_wh) for f in scarce.fillers.fitting] == [("Plant 7", 8_000)]
    (lot,) = scarce.lots
    assert (lot.device, lot.amount_wh, lot.renewable, lot.same_area) == (
        "Plant 7",
        2_000,
        True,
        True,
    )
    assert lot.version == "rings-1"
    assert (plenty.reason, plenty.missing_wh, plenty.spare_wh, plenty.fillers) == (
        "",
        0,
        45_000,
        Fillers(),
    )


def test_an_hour_without_generation_says_so(plant, company, now):
    charge(company, [B], now)
    run(company, now)
    (hour,) = told("B", now).hours
    assert (hour.reason, hour.lots, hour.fillers, hour.round) == ("nothing", (), Fillers(), 1)


def test_an_hour_is_provisional_before_it_is_closed_and_late_after(plant, company, now):
    charge(company, [B], now)
    assert told("B", TEN + timedelta(minutes=30)).hours[0].reason == "not_over"
    assert told("B", now).hours[0].reason == "provisional"
    run(company, now)
    generate(plant, TEN, ["16"], now)
    late = told("B", now).hours[0]
    assert (late.reason, late.matched_wh, late.provisional_wh) == ("late", 0, 8_000)
    run(company, now)
    shared = told("B", now).hours[0]
    assert (shared.reason, shared.matched_wh, shared.provisional_wh) == ("shared", 8_000, 0)


def test_certificates_of_a_longer_interval_are_shown_as_too_coarse(plant, company, now):
    Area.objects.update(matching_minutes=15)
    charge(company, [B], now)
    generate(plant, TEN, ["16"], now)
    run(company, now)
    hours = told("B", now).hours
    assert [hour.reason for hour in hours] == ["too_coarse"] * 4
    assert hours[0].too_coarse_wh == 8_000


def test_a_charge_that_may_change_is_told_apart(plant, company, now):
    charge(company, [B], now, final=False)
    assert told("B", now).hours[0].reason == "not_final"


def test_a_long_charge_takes_no_more_queries(plant, company, now, django_assert_max_num_queries):
    charge(company, ["l,X,1,2018-06-01T00:00Z,2018-06-01T20:00Z,20,Mill Street"], now)
    generate(plant, datetime(2018, 6, 1, tzinfo=UTC), ["2"] * 20, now)
    run(company, now)
    session = Session.objects.select_related("operator", "claimant", "evse__location").get(uid="L")
    with django_assert_max_num_queries(17):
        assert len(explain(session, now).hours) == 20


def test_what_a_charge_does_not_take_is_not_said_to_come_late(plant, company, now, client):
    """The company holds wind of this hour; the charge takes the sun's alone."""
    charge(company, [B], now)
    sun = Wished(order=(Preference(source="F01040100"),), strict=True)
    Session.objects.update(preferences=sun.as_json())
    generate(plant, TEN, ["16"], now)
    run(company, now)
    (hour,) = told("B", now).hours
    assert (hour.reason, hour.spare_wh, hour.provisional_wh) == ("unwished", 8_000, 0)
    log_in(client, company)
    page = client.get(f"/company/charges/{Session.objects.get().pk}/").text
    assert "nothing of it is what this charge takes alone" in page
    assert "it will get" not in page


def test_a_lot_says_that_it_was_made_at_the_site_or_wished_for(plant, company, now, client):
    other = register_plant(plant.organisation, now, number=8)
    share_all(other, company, now)
    charge(company, [B], now)
    site = Session.objects.get().evse.location
    link_plant(device=other, location=site, starts_at=DAY[0], ends_at=None, actor="test", now=now)
    choices = wish_choices()
    assert ([slug for slug, _ in choices.suppliers], len(choices.sources)) == (["wind"], 1)
    nobody = Preference(supplier=make_organisation("Sun Ltd", "sun", Role.PRODUCER).slug)
    register_plant(Organisation.objects.get(slug="sun"), now, number=9)
    wind = Wished(order=(nobody, Preference(source="F01050100")))
    wish(organisation=company, which=Which(), wished=wind, actor="test", now=now)
    generate(plant, TEN, ["8"], now)
    generate(other, TEN, ["3"], now)
    run(company, now)
    (hour,) = told("B", now).hours
    lots = {lot.device: (lot.amount_wh, lot.at_site, lot.same_area, lot.wish) for lot in hour.lots}
    assert lots == {"Plant 7": (4_000, False, True, 2), "Plant 8": (3_000, True, True, 2)}
    assert (hour.reason, hour.missing_wh) == ("stages", 8_000)
    log_in(client, company)
    page = client.get(f"/company/charges/{Session.objects.get().pk}/").text
    assert "Made at the site of the charge in the same interval; choice 2 of what" in page
    assert "What was made at a site went to its charges first" in page


def test_every_reason_has_words():
    assert all(words.endswith(".") for words in WHY.values())
