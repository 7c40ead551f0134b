"""What is missing, and who holds it: each Wh counted once."""

from datetime import timedelta

import pytest

from certificates.models import Area, Role
from charging.domain.matching import Preference
from charging.domain.wishes import Wished
from charging.models import Location
from charging.queries.company.coverage import coverage, sites_of
from charging.queries.company.fillers import Fillers
from charging.queries.company.gap import gaps
from charging.queries.company.hour import hour_of
from charging.queries.company.missing import missing_by_interval
from charging.queries.matching.open_charges import Which
from charging.services.matching.coupling import couple
from charging.services.matching.runs import match
from charging.services.matching.wishes import wish
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B

HOUR = timedelta(hours=1)
SUN = "F01040100"
ELSEWHERE = "c,Z,1,2018-06-01T10:00Z,2018-06-01T11:00Z,4,Harbour"


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now, ppm=500_000)
    return device


def run(company, now):
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def test_a_gap_says_what_others_hold_and_what_nobody_does(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["16", "100"], now)
    run(company, now)
    (gap,) = gaps(company, *DAY)
    assert gap.starts_at == TEN
    assert (gap.missing_wh, gap.own_wh, gap.others_wh, gap.nowhere_wh) == (12_000, 0, 8_000, 4_000)
    told = hour_of(company, TEN, TEN + HOUR)
    ((filler,), ()) = (told.fillers.fitting, told.fillers.barred)
    assert (filler.device, filler.amount_wh) == ("Plant 7", 8_000)


def test_what_the_company_holds_itself_counts_first(plant, company, now):
    charge(company, [B], now)
    run(company, now)
    generate(plant, TEN, ["10"], now)
    (gap,) = gaps(company, *DAY)
    assert (gap.missing_wh, gap.own_wh, gap.others_wh, gap.nowhere_wh) == (
        15_000,
        5_000,
        5_000,
        5_000,
    )


def test_gaps_and_coverage_add_up_over_the_sites(plant, company, now):
    charge(company, [A, B, ELSEWHERE], now)
    generate(plant, TEN, ["16", "100"], now)
    run(company, now)
    sites = list(sites_of(company))
    assert [site.name for site in sites] == ["Harbour", "Mill Street"]
    whole = missing_by_interval(company, *DAY)
    parts = [missing_by_interval(company, *DAY, site) for site in sites]
    assert {place: sum(part.get(place, 0) for part in parts) for place in whole} == whole
    for interval in coverage(company, *DAY):
        same = [
            one
            for site in sites
            for one in coverage(company, *DAY, site)
            if one.starts_at == interval.starts_at
        ]
        assert sum(one.demand_wh for one in same) == interval.demand_wh
        assert sum(one.matched_wh for one in same) == interval.matched_wh
        assert {one.spare_wh for one in same} == {interval.spare_wh}


def test_an_hour_adds_up_from_its_charges_and_its_certificates(plant, company, now):
    charge(company, [A, B, ELSEWHERE], now)
    charge(company, ["d,Z,2,2018-06-01T10:30Z,2018-06-01T10:50Z,4,Harbour"], now, final=False)
    generate(plant, TEN, ["16", "100"], now)
    run(company, now)
    told = hour_of(company, TEN, TEN + HOUR)
    assert (told.demand_wh, told.matched_wh, told.missing_wh) == (24_000, 8_000, 16_000)
    assert sum(one.energy_wh for one in told.charges) == told.demand_wh
    assert sum(one.matched_wh for one in told.charges) == told.matched_wh
    assert sum(one.missing_wh for one in told.charges) == told.missing_wh
    assert sum(one.amount_wh for one in told.lots) == told.matched_wh
    assert [(one.device, one.amount_wh) for one in told.fillers.fitting] == [("Plant 7", 8_000)]
    assert told.open_charges == 1
    harbour = hour_of(company, TEN, TEN + HOUR, Location.objects.get(name="Harbour"))
    assert [one.uid for one in harbour.charges] == ["C"]


def test_an_hour_without_charges_is_empty(plant, company, now):
    told = hour_of(company, TEN, TEN + HOUR)
    assert (told.demand_wh, told.missing_wh, told.charges, told.fillers) == (0, 0, (), Fillers())


def another_plant(owner, now, **changed):
    device = register_plant(owner, now, number=9)
    type(device).objects.filter(pk=device.pk).update(**changed)
    device.refresh_from_db()
    return device


def strictly(company, now, wished, site=None):
    wish(
        organisation=company,
        which=Which(site=site),
        wished=Wished(order=(wished,), strict=True),
        actor="test",
        now=now,
    )


def figures(gap):
    return gap.missing_wh, gap.own_wh, gap.others_wh, gap.barred_wh, gap.nowhere_wh


def test_what_a_charge_is_never_to_get_fills_nothing_of_it(plant, producer, company, now):
    sun = another_plant(producer, now, energy_source_code=SUN)
    charge(company, [B], now)
    strictly(company, now, Preference(source=SUN))
    generate(plant, TEN, ["40"], now)
    generate(sun, TEN, ["6"], now)
    run(company, now)
    (gap,) = gaps(company, *DAY)
    assert figures(gap) == (15_000, 0, 6_000, 9_000, 0)
    told = hour_of(company, TEN, TEN + HOUR)
    assert [(one.device, one.amount_wh) for one in told.fillers.fitting] == [("Plant 9", 6_000)]
    assert [(one.device, one.amount_wh) for one in told.fillers.barred] == [("Plant 7", 20_000)]


def test_a_wish_of_one_charge_bars_nothing_from_another(plant, producer, company, now):
    another_plant(producer, now, energy_source_code=SUN)
    charge(company, [B, ELSEWHERE], now)
    strictly(company, now, Preference(source=SUN), Location.objects.get(name="Harbour"))
    run(company, now)
    generate(plant, TEN, ["36"], now)
    (gap,) = gaps(company, *DAY)
    # 18 kWh are the company's own: 15 for the one, 3 that the other does not take, and no more.
    assert figures(gap) == (19_000, 15_000, 0, 4_000, 0)


def test_a_supplier_that_is_wished_for_alone_is_who_had_the_plant_then(plant, company, now):
    charge(company, [B], now)
    seller = make_organisation("Seller", "seller", Role.PRODUCER)
    another_plant(seller, now)
    strictly(company, now, Preference(supplier="seller"))
    generate(plant, TEN, ["10"], now)
    (gap,) = gaps(company, *DAY)
    assert figures(gap) == (15_000, 0, 0, 10_000, 5_000)


def test_generation_of_a_coupled_area_fills_too(plant, company, now):
    charge(company, [B], now)
    norway = Area.objects.get(code="10YNO-3--------J")
    generate(another_plant(plant.organisation, now, area=norway), TEN, ["10"], now)
    (gap,) = gaps(company, *DAY)
    assert figures(gap) == (15_000, 0, 0, 0, 15_000)
    couple(generation=norway, charge=plant.area, starts_at=DAY[0], ends_at=None, actor="a", now=now)
    (gap,) = gaps(company, *DAY)
    assert figures(gap) == (15_000, 0, 10_000, 0, 5_000)


def test_a_plant_certified_in_whole_mwh_fills_no_hour(plant, company, now):
    charge(company, [B], now)
    generate(plant, TEN, ["10"], now)
    type(plant).objects.update(whole_certificates=True)
    (gap,) = gaps(company, *DAY)
    assert figures(gap) == (15_000, 0, 0, 0, 15_000)


def test_the_questions_do_not_grow_with_the_charges(
    plant, company, now, django_assert_max_num_queries
):
    rows = [f"n{n},X{n},1,2018-06-01T10:00Z,2018-06-01T11:00Z,1,Mill Street" for n in range(30)]
    charge(company, rows, now)
    generate(plant, TEN, ["16"], now)
    run(company, now)
    with django_assert_max_num_queries(21):
        assert len(hour_of(company, TEN, TEN + HOUR).charges) == 30
    with django_assert_max_num_queries(10):
        gaps(company, *DAY)
