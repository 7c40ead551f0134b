"""A driver's account: keeping charges, closing links, statements, export, erasure."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO

import pytest

from certificates.models import Membership, Role, User
from charging.models import Receipt, Session, SessionClaim
from charging.queries.receipts.receipt import find_receipt
from charging.services.matching.runs import match
from charging.services.matching.superseding import Reason, void_claim
from charging.services.receipts import claim_receipt
from charging.services.sessions.corrections import Correction, correct_session
from ledger.models import AuditEvent
from tests.charging.plant import charge, generate, register_plant, share_all

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (TEN.replace(hour=0), TEN.replace(hour=0, day=2))
PASSWORD = "correct horse battery"
ROWS = [
    "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,=Mill Street",
    "b,Y,1,2018-06-01T10:00Z,2018-06-01T11:00Z,5,Harbour",
]


@pytest.fixture
def person(db):
    return User.objects.create_user("driver@example.org", PASSWORD)


@pytest.fixture
def charges(producer, company, now, great_britain):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, ROWS, now)
    generate(device, TEN, ["15", "4"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    return find_receipt("a"), find_receipt("b")


@pytest.fixture
def mine(client, person, charges, now):
    """The first charge is this driver's."""
    client.force_login(person)
    claim_receipt(public_id=charges[0].public_id, driver=person, now=now)
    return charges[0]


def test_the_timeline_adds_up_by_the_chosen_period(client, mine):
    page = client.get("/driver/?by=hour").text
    assert "90\u202f%" in page  # 5 of 5 and 4 of 5 kWh
    assert "1 June 2018, 11:00" in page  # on the clocks of the place
    assert "Carbon-free score: 90.0\u202f%" in page
    assert "June 2018" in client.get("/driver/?by=month").text
    assert "Ihre Ladungen" in client.get("/driver/", headers={"accept-language": "de"}).text


@pytest.mark.parametrize("query", ["year=0", "year=99999", "month=13", "by=century", "year=%00"])
def test_a_senseless_period_is_the_usual_one(client, mine, query):
    assert "1 June 2018" in client.get(f"/driver/?{query}").text


def test_a_year_without_charges_says_so(client, mine):
    assert "No charge is kept here for 2017" in client.get("/driver/?year=2017").text
    assert client.get("/driver/statement.pdf?year=2017").status_code == 404


def test_a_revoked_link_is_closed_for_good_and_revoking_twice_is_as_once(client, mine):
    for _ in range(2):
        assert client.post(f"/driver/charges/{mine.session_id}/link/").status_code == 302
    assert client.get(f"/r/{mine.public_id}/").status_code == 410
    assert client.get(f"/r/{mine.public_id}/receipt.pdf").status_code == 410
    assert "link revoked" in client.get("/driver/").text
    assert AuditEvent.objects.filter(action="receipt.link_revoked").count() == 1


def test_a_new_link_opens_the_next_version_and_closes_the_old_one(client, mine):
    client.post(f"/driver/charges/{mine.session_id}/link/", {"act": "renew"})
    newest = Receipt.objects.get(session=mine.session_id, link_revoked_at=None)
    assert newest.version == 2
    assert client.get(f"/r/{mine.public_id}/").status_code == 410
    page = client.get(f"/r/{newest.public_id}/")
    assert page.status_code == 200
    assert mine.public_id not in page.text
    assert "asked for a new link" in page.text


def test_nobody_closes_the_link_of_a_charge_that_is_not_theirs(client, mine, charges):
    other = charges[1]
    answer = client.post(f"/driver/charges/{other.session_id}/link/")
    assert answer.status_code == 404
    assert client.get(f"/r/{other.public_id}/").status_code == 200
    assert client.post("/driver/charges/999999/link/").status_code == 404


def test_a_statement_lists_exact_watt_hours_and_no_formula(client, mine):
    answer = client.get("/driver/statement.csv?year=2018&month=6")
    head, row = csv.reader(StringIO(answer.text))
    assert head == ["started_at", "site", "energy_wh", "renewable_wh", "receipt"]
    assert row[:4] == ["2018-06-01T10:00:00Z", "'=Mill Street", "10000", "9000"]
    assert row[4].endswith(f"/r/{mine.public_id}/")
    assert answer["Content-Disposition"] == 'attachment; filename="charges-2018-06.csv"'
    paper = client.get("/driver/statement.pdf?year=2018")
    assert paper.content.startswith(b"%PDF-")


def test_a_goal_stays_in_the_browser(client, mine):
    client.post("/driver/goal/", {"goal": "80"})
    assert "Your goal of 80 % is reached" in client.get("/driver/").text
    client.post("/driver/goal/", {"goal": "95"})
    assert "not reached yet" in client.get("/driver/").text
    client.post("/driver/goal/", {"goal": ""})
    assert "Your goal of" not in client.get("/driver/").text


@pytest.mark.parametrize("senseless", ["0", "101", "-1", "abc", "80.5", "9" * 50])
def test_what_is_no_goal_is_refused_in_words_and_the_old_one_stays(client, mine, senseless):
    client.post("/driver/goal/", {"goal": "80"})
    refused = client.post("/driver/goal/", {"goal": senseless})
    assert refused.status_code == 422
    assert "whole number from 1 to 100" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert "Your goal of 80 % is reached" in client.get("/driver/").text


def test_the_export_holds_the_account_the_charges_and_their_links(client, mine, person):
    data = json.loads(client.get("/driver/export.json").content)
    assert data["account"]["email"] == person.email
    [one] = data["charges"]
    assert one["id"].lower() == "a"
    assert sum(hour["energy_wh"] for hour in one["hours"]) == one["energy_wh"] == 10_000
    assert one["receipts"][0]["link"].endswith(f"/r/{mine.public_id}/")


def test_erasing_needs_the_password(client, mine):
    answer = client.post("/driver/erase/", {"password": "guess"})
    assert answer.status_code == 422
    assert "Nothing was erased" in answer.text
    assert SessionClaim.objects.count() == 1


def test_erasing_takes_keys_links_and_the_account_and_leaves_the_totals(client, mine, charges):
    before = Session.objects.get(pk=charges[1].session_id).disclosure_key
    answer = client.post("/driver/erase/", {"password": PASSWORD})
    assert "Your data are erased" in answer.text
    assert not User.objects.filter(email="driver@example.org").exists()
    session = Session.objects.get(pk=mine.session_id)
    assert session.disclosure_key is None
    assert session.energy_wh == 10_000
    assert client.get(f"/r/{mine.public_id}/").status_code == 410
    assert client.get("/driver/").status_code == 302
    assert Session.objects.get(pk=charges[1].session_id).disclosure_key == before
    assert "driver@example.org" not in str(list(AuditEvent.objects.values()))


def test_who_also_acts_for_a_company_keeps_the_log_in(client, mine, person, company):
    Membership.objects.create(user=person, organisation=company, role=Role.CHARGING_COMPANY)
    answer = client.post("/driver/erase/", {"password": PASSWORD})
    assert "The log-in stays" in answer.text
    assert User.objects.filter(pk=person.pk).exists()
    assert not SessionClaim.objects.exists()


def test_a_charge_that_was_taken_back_counts_in_no_total(client, mine, now):
    void_claim(session=mine.session, reason=Reason.CREDITED, words="Credited.", now=now)
    page = client.get("/driver/").text
    assert "taken back by its operator" in page
    assert "Carbon-free score" not in page


def test_a_corrected_charge_stays_its_driver_s_and_shows_both_versions(client, mine, now):
    """What went down gets a new record; account and receipt follow it."""
    session = mine.session
    correction = Correction(
        session.started_at, session.ended_at, 6_000, "6", "The operator corrected the meter value."
    )
    row = correct_session(session=session, correction=correction, actor="test", now=now)
    assert SessionClaim.objects.get().session_id == row.pk
    newest = Receipt.objects.filter(session=row).latest("version")
    page = client.get(f"/r/{newest.public_id}/").text
    assert "Before and now" in page
    assert "10.000\u202fkWh" in page
    assert "6.000\u202fkWh" in page
    assert "The operator corrected the meter value." in page
    old = client.get(f"/r/{mine.public_id}/").text
    assert f"/r/{newest.public_id}/" in old
    client.post(f"/driver/charges/{row.pk}/link/")
    for receipt in Receipt.objects.all():
        is_mine = receipt.session_id in (row.pk, session.pk)
        assert (client.get(f"/r/{receipt.public_id}/").status_code == 410) == is_mine


def test_a_charge_that_is_not_theirs_is_taken_out_of_the_account(client, mine):
    client.post(f"/driver/charges/{mine.session_id}/link/", {"act": "drop"})
    assert not SessionClaim.objects.exists()
    assert client.get(f"/r/{mine.public_id}/").status_code == 200
    answer = client.post(f"/driver/charges/{mine.session_id}/link/", {"act": "drop"})
    assert answer.status_code == 404
