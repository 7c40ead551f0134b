"""A company's pages: under other rules, run by run, day by day, charge by charge."""

import pytest

from certificates.models import Membership, Organisation, Role, User
from charging.models import MatchingRun, Session
from tests.charging.conftest import make_organisation
from tests.charging.views.test_places import PASSWORD, plant

__all__ = ["plant"]


def log_in(client, organisation: Organisation, role: str = Role.CHARGING_COMPANY, **more) -> None:
    user = User.objects.create_user(f"{organisation.slug}@example.org", PASSWORD, **more)
    Membership.objects.create(user=user, organisation=organisation, role=role)
    client.force_login(user)


@pytest.fixture
def inside(client, plant, company):
    log_in(client, company)
    return client


def test_the_year_is_told_by_the_year_and_by_the_hour(inside):
    page = inside.get("/company/what-if/").text
    assert "2018 by the year 100\u202f%, by the hour 52\u202f%" in page
    assert "By the quarter of an hour" in page
    assert "108,000" in page  # in hourly certificates, which no quarter of an hour can use


def test_a_run_shows_its_verdict_and_is_computed_again(inside):
    number = MatchingRun.objects.get().pk
    page = inside.get(f"/company/runs/{number}/").text
    assert "found that every rule holds" in page
    assert "made in the area" in page
    again = inside.get(f"/company/runs/{number}/", {"policy": "annual", "rule": "proportional-1"})
    assert "computed again, 25,000 Wh" in again.text
    strange = inside.get(f"/company/runs/{number}/", {"policy": "<b>", "rule": "x" * 999})
    assert strange.status_code == 200
    assert "<b>" not in strange.text


def test_a_day_lists_its_hours_and_charges(inside):
    page = inside.get("/company/day/", {"day": "2018-06-01"}).text
    assert "12,000" in page  # missing at ten
    charge = Session.objects.get(uid="A")
    assert f"/company/charges/{charge.pk}/" in page
    assert "no final charge" in inside.get("/company/day/", {"day": "2019-01-01"}).text


@pytest.mark.parametrize("day", ["", "never", "0001-01-01", "9999-12-31", "2018-02-30"])
def test_any_day_answers(inside, day):
    assert inside.get("/company/day/", {"day": day}).status_code == 200


def test_a_charge_is_explained(inside):
    page = inside.get(f"/company/charges/{Session.objects.get(uid='A').pk}/").text
    assert "70\u202f% of this charge was made in the same hours" in page
    assert "Every charge got its share" in page
    assert "Plant 7" in page


@pytest.mark.parametrize("path", ["charges", "runs"])
def test_another_companys_page_is_not_found_and_an_auditor_sees_all(client, plant, path):
    number = {"charges": Session, "runs": MatchingRun}[path].objects.first().pk
    log_in(client, make_organisation("Rival", "rival", Role.CHARGING_COMPANY))
    assert client.get(f"/company/{path}/{number}/").status_code == 404
    auditors = make_organisation("Auditors", "auditors", Role.AUDITOR)
    log_in(client, auditors, Role.AUDITOR, is_staff=True)
    assert client.get(f"/company/{path}/{number}/").status_code == 200
    assert client.get(f"/company/{path}/{10**30}/").status_code == 404


def test_who_acts_for_no_company_is_refused(client, plant):
    client.force_login(User.objects.create_user("driver@example.org", PASSWORD))
    for path in ("what-if/", "day/"):
        assert client.get(f"/company/{path}").status_code == 403


def test_a_company_without_charges_is_told_what_to_do(client, company):
    log_in(client, company)
    for path in ("what-if/", "day/"):
        assert "No charges yet" in client.get(f"/company/{path}").text


@pytest.mark.parametrize("path", ["/company/what-if/", "/company/day/", "/company/"])
def test_a_page_is_for_reading(inside, path):
    assert inside.post(path).status_code == 405
