"""Coverage of a company, a site and a driver, from what stands in the book."""

from datetime import UTC, datetime, timedelta

import pytest

from certificates.models import User
from charging.models import Location
from charging.queries.company.covered import of_company, of_driver, of_site
from charging.queries.receipts.receipt import find_receipt
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from tests.charging.plant import charge, generate, register_plant, share_all

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (TEN.replace(hour=0), TEN.replace(hour=0) + timedelta(days=1))
ROWS = [
    "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street",
    "b,Y,1,2018-06-01T10:00Z,2018-06-01T11:00Z,5,Harbour",
]


@pytest.fixture
def matched(producer, company, now, great_britain):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, ROWS, now)
    generate(device, TEN, ["5", "100"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    return device


def figures(found):
    return [(one.starts_at.hour, one.used_wh, one.renewable_wh, one.tracked_wh) for one in found]


def test_a_company_s_hours_add_up_all_its_charges(matched, company):
    assert figures(of_company(company, *DAY)) == [
        (10, 10_000, 5_000, 5_000),
        (11, 5_000, 5_000, 5_000),
    ]


def test_a_site_and_a_driver_see_their_own(matched, company, now):
    harbour = of_site(Location.objects.get(name="Harbour"), *DAY)
    assert [(one.starts_at.hour, one.used_wh) for one in harbour] == [(10, 5_000)]
    driver = User.objects.create_user("driver@example.org", "correct horse battery")
    assert of_driver(driver, *DAY) == []
    claim_receipt(public_id=find_receipt("a").public_id, driver=driver, now=now)
    mine = of_driver(driver, *DAY)
    assert [(one.starts_at.hour, one.used_wh) for one in mine] == [(10, 5_000), (11, 5_000)]
    assert mine[0].renewable_wh + harbour[0].renewable_wh == 5_000


def test_outside_the_period_there_is_nothing(matched, company):
    assert of_company(company, DAY[1], DAY[1] + timedelta(days=1)) == []
