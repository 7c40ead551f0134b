"""Front page, look-up, the way home."""

import pytest
from django.urls import reverse

from certificates.models import Membership, Role, User
from ledger.services.accounts import open_account

pytestmark = pytest.mark.django_db


def person(role=None, *, is_staff=False):
    user = User.objects.create_user(f"{role}@example.org", "correct horse", is_staff=is_staff)
    if role:
        from certificates.models import Organisation

        organisation = Organisation.objects.create(
            name="Somebody",
            slug="somebody",
            account=open_account(name="Somebody"),
            registered_at="2026-01-01T00:00:00Z",
        )
        Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


def test_the_front_page_works_on_an_empty_registry(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "262,134,364" in page.text
    assert "118,852,094" in page.text
    assert "No receipt exists yet" in page.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("299900000000000023", "No plant with this number"),
        ("299900000000000023/1", "has no certificate"),
        ("77", "No block with this number"),
        ("zBF-RLnG4_wplP-_S3-R3Dr6PVk", "No receipt has this id"),
        ("<script>", "neither as a plant"),
    ],
)
def test_what_is_not_here_is_said_in_words(client, query, words):
    page = client.get(reverse("lookup"), {"q": query})
    assert page.status_code == 404
    assert words in page.text
    assert "<script>" not in page.text


def test_nothing_asked_leads_back_to_the_box(client):
    assert client.get(reverse("lookup"))["Location"] == "/#look-up"


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.PRODUCER, "/generator/"),
        (Role.CHARGING_COMPANY, "/company/"),
        (Role.AUDITOR, "/admin/"),
        (None, "/driver/"),
    ],
)
def test_each_person_comes_to_their_place(client, role, place):
    client.force_login(person(role, is_staff=role == Role.AUDITOR))
    assert client.get("/home/")["Location"] == place


def test_a_stranger_is_asked_to_log_in(client):
    for path in ("/home/", "/driver/", "/company/"):
        assert client.get(path)["Location"].startswith("/log-in/")


def test_logging_in_by_e_mail_leads_home(client):
    person()
    response = client.post(
        "/log-in/", {"username": "NONE@example.org", "password": "correct horse"}
    )
    assert response["Location"] == "/home/"


def test_a_wrong_password_is_said_without_saying_which(client):
    page = client.post("/log-in/", {"username": "a@example.org", "password": "x"})
    assert "do not belong together" in page.text


def test_somebody_without_a_company_is_refused_in_words(client):
    client.force_login(person())
    page = client.get("/company/")
    assert page.status_code == 403
    assert "not for the account" in page.text


def test_a_missing_page_is_in_the_house_style(client):
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "Nothing is at this address" in page.text


def test_the_icon_is_found_under_its_customary_name(client):
    assert client.get("/favicon.ico")["Location"].endswith(".svg")
