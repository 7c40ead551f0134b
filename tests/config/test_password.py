"""Anybody who logs in changes their own password."""

import pytest

from certificates.models import User

pytestmark = pytest.mark.django_db
OLD, NEW = "correct horse battery", "an otter sells umbrellas"


@pytest.fixture
def person(client):
    person = User.objects.create_user("ada@example.org", OLD)
    client.force_login(person)
    return person


def ask(client, old=OLD, new=NEW, again=NEW):
    sent = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post("/password/", sent)


def test_a_new_password_takes_the_place_of_the_old_and_nobody_is_logged_out(client, person):
    assert ask(client).headers["Location"] == "/home/"
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert client.get("/password/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"old": "wrong"}, "old password was entered incorrectly"),
        ({"again": "something else"}, "match"),
        ({"new": "short", "again": "short"}, "at least 12 characters"),
    ],
)
def test_what_will_not_do_is_said_and_changes_nothing(client, person, sent, words):
    answer = ask(client, **sent)
    assert "The password is still the old one." in answer.text
    assert words in answer.text
    person.refresh_from_db()
    assert person.check_password(OLD)


def test_a_stranger_is_asked_to_log_in(client):
    assert client.get("/password/").headers["Location"].startswith("/log-in/")
