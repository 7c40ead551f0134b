"""What is not closed yet is shown as provisional, to the company and to the driver."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import User
from charging.models import ProvisionalHour
from charging.queries.matching.provisional import open_intervals
from charging.queries.receipts.receipt import find_receipt, receipt
from charging.services.matching.provisional import renew_provisional
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A
from tests.charging.views.company.test_home import log_in

WAITING = (
    "Waiting for the hour to close; so far 7.000 kWh of 10.000 kWh found renewable generation."
)


@pytest.fixture
def waiting(producer, company, now, great_britain):
    """A charge of 10 kWh in two open hours, for which 3 and 4 kWh are held."""
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A], now)
    generate(device, TEN, ["3", "4"], now)
    renew_provisional(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    return find_receipt("a")


def read(client, address: str) -> str:
    """A page's text with plain spaces, one between two words."""
    return " ".join(client.get(address).text.split())


def close(company, now):
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def test_a_receipt_says_what_an_open_charge_would_come_to_and_counts_nothing(
    client, waiting, company, now
):
    facts = receipt(waiting.public_id, now)
    assert (facts.renewable_wh, facts.provisional_wh, facts.state) == (0, 7_000, "waiting")
    page = read(client, f"/r/{waiting.public_id}/")
    assert WAITING in page
    assert "So far 3.000 kWh of renewable generation would be left for it." in page
    assert "bisher fanden 7,000 kWh von 10,000 kWh" in read(
        client, f"/r/{waiting.public_id}/?lang=de"
    )
    close(company, now)
    facts = receipt(waiting.public_id, now)
    assert (facts.renewable_wh, facts.provisional_wh) == (7_000, 0)
    assert "so far" not in read(client, f"/r/{waiting.public_id}/")


def test_a_figure_left_over_by_accident_is_not_shown_beside_what_was_booked(waiting, company, now):
    kept = list(ProvisionalHour.objects.all())
    close(company, now)
    ProvisionalHour.objects.bulk_create(kept)
    facts = receipt(waiting.public_id, now)
    assert (facts.renewable_wh, facts.provisional_wh) == (7_000, 0)


def test_a_timeline_says_that_a_charge_waits(client, waiting, company, now):
    driver = User.objects.create_user("driver@example.org")
    claim_receipt(public_id=waiting.public_id, driver=driver, now=now)
    client.force_login(driver)
    assert "waiting for the hour to close; so far 7.000 kWh renewable" in read(client, "/driver/")
    ProvisionalHour.objects.all().delete()
    assert "waiting for the hour to close<" in read(client, "/driver/")
    close(company, now)
    assert "waiting for the hour" not in client.get("/driver/").text


def test_a_company_sees_which_hours_are_provisional(client, waiting, company, now):
    log_in(client, company)
    hour = client.get("/company/hour/", {"at": "2018-06-01T10"}).text
    assert "If this hour closed now, 3,000 Wh more would be matched." in hour
    assert "the next hourly round does it" in hour
    month = client.get("/company/month/", {"month": "2018-06"}).text
    assert 'is-open"' in month
    assert '60<span class="visually-hidden"> so far</span>' in month
    assert "June 2018: 0\u202f% made in the same hours" in month  # no total counts it
    close(company, now)
    assert "is-open" not in client.get("/company/month/", {"month": "2018-06"}).text
    assert "Provisional" not in client.get("/company/hour/", {"at": "2018-06-01T10"}).text


def test_an_hour_that_stays_open_says_until_when(client, company, great_britain):
    recent = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    end = recent + timedelta(hours=1)
    row = f"a,X,1,{recent:%Y-%m-%dT%H:%MZ},{end:%Y-%m-%dT%H:%MZ},10,Mill Street"
    charge(company, [row], timezone.now())
    log_in(client, company)
    page = client.get("/company/hour/", {"at": f"{recent:%Y-%m-%dT%H}"}).text
    assert "If this hour closed now, nothing more would be matched." in page
    assert f"{end + timedelta(hours=48):%H:%M} UTC" in page


def test_a_site_sees_its_own_hours_alone(waiting, company, now):
    mine = waiting.session.evse.location
    found = open_intervals(company, *DAY, now, mine)
    assert [one.provisional_wh for one in found.values()] == [3_000, 4_000]
    charge(company, ["z,Q,1,2018-06-01T10:00Z,2018-06-01T11:00Z,4,Harbour"], now)
    assert [one.provisional_wh for one in open_intervals(company, *DAY, now, mine).values()] == [
        3_000,
        4_000,
    ]
