"""Who guesses passwords has to wait, at both doors."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from certificates.models import User
from config.log_in import MOST_WRONG, REST_S

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RIGHT, RESTS = "correct horse battery", "Wait a quarter of an hour"
DOORS = ["/log-in/", "/admin/login/"]


@pytest.fixture(autouse=True)
def person(time_machine):
    time_machine.move_to(NOW, tick=False)
    cache.clear()
    yield User.objects.create_user("ada@example.org", RIGHT, is_staff=True)
    cache.clear()


def ask(client, door, address="ada@example.org", password="wrong"):
    return client.post(door, {"username": address, "password": password})


@pytest.mark.parametrize("door", DOORS)
def test_after_ten_wrong_passwords_the_right_one_waits_too(client, door, time_machine):
    for _ in range(MOST_WRONG):
        assert RESTS not in ask(client, door).text
    assert RESTS in ask(client, door, password=RIGHT).text
    assert RESTS in ask(client, door, address="ADA@example.org", password=RIGHT).text
    time_machine.move_to(NOW + timedelta(seconds=REST_S + 1), tick=False)
    assert ask(client, door, password=RIGHT).status_code == 302


@pytest.mark.parametrize("door", DOORS)
def test_an_address_without_an_account_rests_as_well(client, door):
    for _ in range(MOST_WRONG):
        ask(client, door, address="nobody@example.org")
    assert RESTS in ask(client, door, address="nobody@example.org").text
    assert ask(client, door, password=RIGHT).status_code == 302


def test_the_right_password_in_between_begins_anew(client):
    for _ in range(MOST_WRONG - 1):
        ask(client, DOORS[0])
    assert ask(client, DOORS[0], password=RIGHT).status_code == 302
    assert RESTS not in ask(client, DOORS[0]).text


def test_it_is_said_in_german_too(client):
    for _ in range(MOST_WRONG):
        ask(client, DOORS[0])
    told = client.post(f"{DOORS[0]}?lang=de", {"username": "ada@example.org", "password": "x"}).text
    assert "Warten Sie eine Viertelstunde" in told
