"""The pages of a company and a driver, and the public totals, over a day that was matched."""

from datetime import UTC, datetime

import pytest

from certificates.models import Membership, Role, User
from charging.models import Receipt
from charging.services.matching.runs import match
from charging.services.receipts import open_receipts
from tests.charging.plant import charge, generate, register_plant, share_all

DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))
TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
LINES = [
    "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street",
    "b,X,2,2018-06-01T10:00Z,2018-06-01T11:00Z,15,Mill Street",
]
PASSWORD = "correct horse battery"


@pytest.fixture
def plant(producer, company, now):
    """8 kWh at ten and 100 at eleven, of which the charges get 8 and 5."""
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, LINES, now)
    generate(device, TEN, ["8", "100"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    open_receipts(organisation=company, now=now)
    return device


def test_the_company_sees_its_share_and_what_is_left_over(client, plant, company):
    user = User.objects.create_user("company@example.org", PASSWORD)
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(user)
    page = client.get("/company/")
    assert page.status_code == 200
    assert "52\u202f%" in page.text  # 13 of 25 kWh
    assert "95,000" in page.text
    assert "private" in page["Cache-Control"]


def test_the_company_without_charges_is_told_what_to_do(client, company):
    user = User.objects.create_user("company@example.org", PASSWORD)
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(user)
    assert "No charges yet" in client.get("/company/").text


def test_a_driver_keeps_a_charge_by_its_link(client, plant):
    client.force_login(User.objects.create_user("driver@example.org", PASSWORD))
    link = Receipt.objects.get(session__uid="A").public_id
    answer = client.post("/driver/", {"link": f"http://localhost:8000/r/{link}/"})
    assert answer.status_code == 302
    page = client.get("/driver/").text
    assert f"/r/{link}/" in page
    assert "70\u202f%" in page  # 2 + 5 of 10 kWh


def test_a_charge_of_another_account_is_refused(client, plant):
    link = Receipt.objects.get(session__uid="A").public_id
    for name, status in (("first", 302), ("second", 422)):
        client.force_login(User.objects.create_user(f"{name}@example.org", PASSWORD))
        assert client.post("/driver/", {"link": link}).status_code == status


def test_a_real_receipt_is_drawn_before_it_is_sealed(client, plant):
    link = Receipt.objects.get(session__uid="A").public_id
    page = client.get(f"/r/{link}/").text
    assert "Provisional." in page
    assert "70\u202f%" in page
    assert "will be given their numbers when they are sealed" in page


def test_anyone_sees_the_plant_and_the_totals(client, plant):
    page = client.get(f"/plants/{plant.gsrn}/").text
    assert "108\u202fkWh" in page
    assert "13.0\u202fkWh" in page
    totals = client.get("/totals/", {"day": "2018-06-01"}).text
    assert "8,000" in totals
    assert "95,000" in totals


@pytest.mark.parametrize("day", ["", "never", "1900-01-01", "9999-12-31"])
def test_a_day_without_certificates_leads_to_one_that_has_some(client, plant, day):
    assert "1 June 2018" in client.get("/totals/", {"day": day}).text


def test_a_certificate_that_is_not_sealed_yet_is_not_found_in_words(client, plant):
    page = client.get(f"/certificates/{plant.gsrn}/0/")
    assert page.status_code == 404
    assert "does not exist yet" in page.text


def test_a_number_beyond_all_certificates_is_not_found(client, plant):
    assert client.get(f"/certificates/{plant.gsrn}/999999999999/").status_code == 404
    assert client.get("/blocks/999999999999/").status_code == 404
