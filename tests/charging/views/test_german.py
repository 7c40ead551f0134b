"""No English sentence is left on a page that a driver, or anybody with a receipt, may see."""

import pytest
from django.core.cache import cache

from certificates.models import Device, Membership, Role, User
from charging.queries.receipts import receipt as receipts
from charging.services.published_scores import publish, withdraw
from charging.services.receipts import claim_receipt
from tests.charging.domain.meters.made import Meter, charge
from tests.charging.plant import generate, register_plant
from tests.charging.proven import TEN, settled_charge
from tests.charging.views import samples
from tests.languages import left_in_english

pytestmark = pytest.mark.django_db
METER = Meter()


@pytest.fixture
def book(data_dir, quick_keys, producer, company, now, great_britain):
    """A charge settled in blocks; its receipt."""
    cache.clear()
    return settled_charge(producer, company, now)


@pytest.mark.parametrize("state", samples.in_every_state())
@pytest.mark.parametrize("place", ["", "disclose/"])
def test_a_receipt_in_every_state(client, monkeypatch, state, place):
    facts = samples.in_every_state()[state]
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: facts)
    assert left_in_english(client, f"/r/{samples.PUBLIC_ID}/{place}") == []


def test_what_a_receipt_leads_to(client, book):
    device = Device.objects.first()
    for path in (
        f"/r/{book.public_id}/",
        f"/plants/{device.gsrn}/",
        f"/certificates/{device.gsrn}/0/",
        "/blocks/1/",
        "/totals/",
        "/verify/",
        "/verify/check-a-receipt.html",
        "/log-in/",
        "/log-in/?next=/driver/",
    ):
        assert left_in_english(client, path) == [], path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere/", 404),
        ("/r/nobody-knows-this-one/", 404),
        ("/score/nobody/", 404),
        ("/look-up/?q=gibberish", 404),
        ("/look-up/?q=299900000000000017/5", 404),
        ("/look-up/?q=999999", 404),
    ],
)
def test_what_is_not_there(client, path, status):
    assert left_in_english(client, path, status) in ([], ["gibberish"])


def test_a_certificate_that_is_not_there_yet(client, book):
    gsrn = Device.objects.first().gsrn
    assert left_in_english(client, f"/certificates/{gsrn}/77/", 404) == []


def test_a_plant_without_certificates(client, producer, now, great_britain):
    device = register_plant(producer, now)
    generate(device, TEN, ["1"], now)
    assert left_in_english(client, f"/plants/{device.gsrn}/") == []


def test_a_score_and_one_taken_back(client, book, company, now):
    publish(organisation=company, actor="test", now=now)
    for by in ("day", "week", "month", "year"):
        assert left_in_english(client, f"/score/{company.slug}/?by={by}") == []
    withdraw(organisation=company, actor="test", now=now)
    assert left_in_english(client, f"/score/{company.slug}/", 410) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"text": METER.ocmf(charge()), "key": METER.public_key}, 200),
        ({"text": METER.ocmf(charge())}, 200),
        ({"text": METER.ocmf(charge()).replace("0.2", "0.3"), "key": METER.public_key}, 200),
        ({"text": ""}, 422),
    ],
)
def test_a_meter_value(client, settings, tmp_path, sent, status):
    settings.METER_KEYS_FILE = str(tmp_path / "none.json")
    assert left_in_english(client, "/verify/meter-value/") == []
    assert left_in_english(client, "/verify/meter-value/", status, **sent) == []


def test_an_account_and_all_its_pages(client, book, now):
    person = User.objects.create_user("driver@example.org", "correct horse battery")
    claim_receipt(public_id=book.public_id, driver=person, now=now)
    client.force_login(person)
    for by in ("year", "month", "week", "day", "hour"):
        assert left_in_english(client, f"/driver/?by={by}") == []
    for path in ("/driver/cards/", "/driver/erase/", "/driver/?year=1999"):
        assert left_in_english(client, path) == [], path
    assert left_in_english(client, "/driver/statement.pdf?year=1999", 404) == []
    for path, sent in (
        ("/driver/", {"link": "nothing"}),
        ("/driver/goal/", {"goal": "abc"}),
        ("/driver/cards/", {"act": "announce", "company": "nobody"}),
        ("/driver/erase/", {"password": "wrong"}),
    ):
        assert left_in_english(client, path, 422, **sent) in ([], ["nothing"], ["abc"]), path


def test_refusals_of_forms_and_of_accounts(client, django_user_model):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert left_in_english(strict, "/log-in/", 403, username="x") == []
    client.force_login(django_user_model.objects.create_user("x@example.org", "x"))
    assert left_in_english(client, "/company/", 403) == []
    assert left_in_english(client, "/password/") == []
    assert left_in_english(client, "/password/", 200, old_password="wrong") == []


def test_a_fault_of_ours(client, monkeypatch):
    def fail(public_id, now):
        raise RuntimeError

    monkeypatch.setattr(receipts, "receipt", fail)
    client.raise_request_exception = False
    assert left_in_english(client, f"/r/{samples.PUBLIC_ID}/", 500) == []


def test_the_front_page_of_an_empty_registry(client, settings):
    for settings.IS_DEMO in (True, False):
        assert left_in_english(client, "/") == []


def test_the_front_page_of_a_registry_with_a_receipt(client, book, settings):
    settings.IS_DEMO = True
    assert left_in_english(client, "/") == []


def test_the_company_s_desk_stays_in_one_language(client, book, company):
    person = User.objects.create_user("desk@example.org", "correct horse battery")
    Membership.objects.create(user=person, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(person)
    page = client.get("/company/", headers={"accept-language": "de"})
    assert page.status_code == 200
    assert '<html lang="en-gb">' in page.text
