"""Charges, what-ifs and receipts over the API."""

import io

import pytest

from certificates.models import OrganisationRole, User
from charging.models import Receipt, SessionClaim
from ledger.models import AuditEvent, Entry

PERIOD = "starts_from=2018-01-01T00:00Z&starts_before=2018-01-02T00:00Z"


def test_a_charge_shows_its_hours_to_its_company_alone(call, trail, other):
    mine = call("get", f"sessions/{trail.session.pk}/")
    assert mine.json()["hours"][0]["energy_wh"] == 600
    assert call("get", f"sessions/{other.session.pk}/").status_code == 404
    assert len(call("get", f"sessions/?{PERIOD}").json()["results"]) == 1


def test_a_what_if_books_nothing(call, trail):
    OrganisationRole.objects.get_or_create(organisation=trail.company, role="charging_company")
    before = Entry.objects.count()
    answer = call("get", f"matching/what-if/?{PERIOD}&ppm=250000")
    assert answer.status_code == 200, answer.json()
    assert answer.json()["demand_wh"] == 600
    assert Entry.objects.count() == before


def test_a_period_that_ends_before_it_starts_is_a_problem(call):
    swapped = "starts_from=2018-01-02T00:00Z&starts_before=2018-01-01T00:00Z"
    answer = call("get", f"matching/what-if/?{swapped}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_period"


def test_an_unreadable_file_of_charges_is_a_problem(call):
    file = io.BytesIO(b"a,b\n1,2\n")
    file.name = "charges.csv"
    sent = {"file": file, "profile": "no-such-profile"}
    answer = call("post", "session-files/", key="f", multipart=True, data=sent)
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_profile"


def test_whoever_holds_the_link_reads_the_receipt(client, trail):
    answer = client.get(f"/api/v1/receipts/{trail.receipt.public_id}/")
    assert answer.status_code == 200
    assert answer.json()["renewable_wh"] == 600
    assert answer["Cache-Control"].startswith("private")
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"


def test_a_revoked_link_is_gone_and_an_unknown_one_never_was(client, trail):
    Receipt.objects.update(link_revoked_at=trail.now)
    gone = client.get(f"/api/v1/receipts/{trail.receipt.public_id}/")
    assert gone.status_code == 410
    assert gone.json()["code"] == "link_revoked"
    assert client.get("/api/v1/receipts/nobody-knows-this/").status_code == 404


@pytest.fixture
def driver(trail):
    """A person; the trail's charge is nobody's."""
    SessionClaim.objects.all().delete()
    return User.objects.create_user("driver@example.org", "correct horse battery")


def confirm(call, session, email, key="k"):
    return call("post", f"sessions/{session.pk}/driver/", data={"email": email}, key=key)


def test_a_claimant_says_whose_charge_it_was_and_twice_is_as_once(call, trail, driver):
    for key in ("one", "two", "two"):
        assert confirm(call, trail.session, "Driver@example.org", key).status_code == 204
    assert SessionClaim.objects.get(session=trail.session).driver == driver
    assert AuditEvent.objects.filter(action="driver.confirmed").count() == 1


def test_nobody_says_so_of_a_charge_that_they_do_not_claim(call, driver, other):
    answer = confirm(call, other.session, driver.email)
    assert answer.json()["code"] == "unknown_session"
    assert not SessionClaim.objects.filter(driver=driver).exists()


def test_a_charge_kept_by_one_driver_goes_to_no_other(call, trail, driver):
    confirm(call, trail.session, driver.email)
    User.objects.create_user("second@example.org", "correct horse battery")
    answer = confirm(call, trail.session, "second@example.org", key="other")
    assert answer.json()["code"] == "unknown_session"
    assert SessionClaim.objects.get().driver == driver


@pytest.mark.parametrize("email", ["", "nobody", "x" * 300 + "@example.org", None, 5, {}])
def test_an_address_that_is_none_is_a_problem(call, trail, driver, email):
    answer = confirm(call, trail.session, email)
    assert 400 <= answer.status_code < 500
    assert not SessionClaim.objects.exists()


def test_an_unknown_driver_is_a_problem(call, trail):
    answer = confirm(call, trail.session, "nobody@example.org")
    assert answer.json()["code"] == "unknown_driver"
