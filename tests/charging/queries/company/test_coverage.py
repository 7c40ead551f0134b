"""Coverage by the hour adds up."""

from charging.queries.company.coverage import coverage
from charging.queries.story import story
from charging.services.matching.runs import match
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B


def test_demand_matched_and_spare_are_told_by_the_hour(company, producer, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A, B], now)
    generate(device, TEN, ["8", "100", "7"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    rows = coverage(company, *DAY)
    told = [(row.starts_at.hour, row.demand_wh, row.matched_wh, row.spare_wh) for row in rows]
    assert told == [(10, 20_000, 8_000, 0), (11, 5_000, 5_000, 95_000), (12, 0, 0, 7_000)]


def test_the_story_compares_the_hour_with_the_period(company, producer, now):
    assert story() is None
    device = register_plant(producer, now)
    share_all(device, company, now, ppm=500_000)
    charge(company, [A, B], now)
    generate(device, TEN, ["8", "100"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    told = story()
    assert told.by_hour.matched_wh == 9_000
    assert told.by_year.matched_wh == 25_000
    assert told.rules["hourly_1000000"].matched_wh == 13_000
    assert told.plants == ("Plant 7",)
    assert story() == told
