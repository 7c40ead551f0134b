"""Drivers open accounts for themselves, with a link that only their mailbox gets."""

import re
from datetime import timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from certificates.models import User
from charging.services import driver_accounts
from charging.views.driver import joining
from ledger.models import AuditEvent
from tests.languages import left_in_english

ADDRESS = "Ada@Example.org"
PASSWORD = "an otter sells umbrellas"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings):
    cache.clear()
    settings.EMAIL_HOST = "mail.example.org"


def link_in(mail):
    return re.search(r"/driver/new/[\w-]+/", mail.body)[0]


def invited(now=None):
    return driver_accounts.invitation(email=ADDRESS, now=now or timezone.now())


def test_an_account_is_opened_from_the_mailbox_alone(client, mailoutbox):
    asked = client.post("/driver/new/", {"email": ADDRESS})
    assert "on its way" in asked.text
    assert "/driver/new/" not in asked.text.partition("<main")[2]
    assert not User.objects.exists()
    [mail] = mailoutbox
    assert mail.to == [ADDRESS]
    opened = client.post(link_in(mail), {"password": PASSWORD})
    assert opened["Location"] == "/driver/"
    driver = User.objects.get()
    assert driver.email == "Ada@example.org"
    assert driver.check_password(PASSWORD)
    assert client.get("/driver/").status_code == 200
    assert "ada@" not in str(list(AuditEvent.objects.values())).lower()


def test_looking_at_the_link_opens_nothing_and_shows_no_address_in_it(client):
    path = f"/driver/new/{invited()}/"
    page = client.get(path)
    assert page.status_code == 200
    assert ADDRESS in page.text
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page.text
    assert not User.objects.exists()


def test_a_form_sent_twice_opens_one_account(client):
    path = f"/driver/new/{invited()}/"
    for _ in range(2):
        assert client.post(path, {"password": PASSWORD})["Location"] == "/driver/"
    assert User.objects.count() == 1


def test_a_link_that_was_used_changes_nobody_s_password(client, django_user_model):
    django_user_model.objects.create_user("ada@example.org", "correct horse battery")
    answer = client.post(f"/driver/new/{invited()}/", {"password": PASSWORD})
    assert answer.status_code == 422
    assert "an account with this address already" in answer.text
    assert User.objects.get().check_password("correct horse battery")


def test_who_has_an_account_is_told_by_mail_alone(client, mailoutbox, django_user_model):
    strange = client.post("/driver/new/", {"email": "bob@example.org"}).text
    django_user_model.objects.create_user("ada@example.org", "correct horse battery")
    known = client.post("/driver/new/", {"email": ADDRESS}).text
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub("", known).replace(ADDRESS, "") == token.sub("", strange).replace(
        "bob@example.org", ""
    )
    assert "There is one already" in mailoutbox[1].body
    assert "/driver/new/" not in mailoutbox[1].body


def test_a_forgotten_password_is_exchanged_once(client, mailoutbox, django_user_model):
    person = django_user_model.objects.create_user("ada@example.org", "correct horse battery")
    client.post("/driver/new/", {"email": "ADA@example.org"})
    assert mailoutbox[0].to == ["ada@example.org"]
    path = re.search(r"/password/[\w-]+/[\w-]+/", mailoutbox[0].body)[0]
    form = client.get(path)["Location"]
    assert left_in_english(client, form) == []
    new = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    refused = client.post(form, new | {"new_password2": "another"})
    assert "still the old one" in refused.text
    assert client.post(form, new)["Location"] == "/home/"
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    client.logout()
    assert "was used already" in client.get(path).text
    assert left_in_english(client, path) == []


def test_nobody_is_flooded(client, mailoutbox, monkeypatch):
    for case in ("ada@example.org", "ADA@example.org", "Ada@Example.Org"):
        assert client.post("/driver/new/", {"email": case}).status_code == 200
    assert len(mailoutbox) == 1
    monkeypatch.setattr(joining, "MOST_MAILS", 5)
    for number in range(9):
        client.post("/driver/new/", {"email": f"{number}@example.org"})
    assert len(mailoutbox) == 3  # the three asked for one address count, too


@pytest.mark.parametrize("age", [timedelta(hours=25), timedelta(minutes=-5)])
def test_an_old_link_opens_nothing(client, age):
    answer = client.post(f"/driver/new/{invited(timezone.now() - age)}/", {"password": PASSWORD})
    assert answer.status_code == 422
    assert not User.objects.exists()


@pytest.mark.parametrize("change", [lambda link: link[:-2], lambda link: "A" + link[1:], str.upper])
def test_a_link_of_which_a_letter_was_changed_opens_nothing(client, change):
    path = f"/driver/new/{change(invited())}/"
    assert client.get(path).status_code == 422
    assert client.post(path, {"password": PASSWORD}).status_code == 422
    assert not User.objects.exists()


@pytest.mark.parametrize("nonsense", ["x", "ä", "%00", "A" * 5_000, "===="])
def test_nonsense_opens_nothing(client, nonsense):
    assert client.get(f"/driver/new/{nonsense}/").status_code == 422


def test_what_was_sealed_for_something_else_is_no_invitation(client):
    from base64 import urlsafe_b64encode

    from charging.models.sealing import seal

    for body in (b'["other", "ada@example.org", 1]', b"[]", b"{}", b"1", b"\xff"):
        other = urlsafe_b64encode(seal(body)).decode().rstrip("=")
        assert client.get(f"/driver/new/{other}/").status_code == 422


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a@b\r\nBcc: x@example.org", "x" * 300])
def test_what_is_no_address_is_refused_in_words(client, mailoutbox, email):
    answer = client.post("/driver/new/", {"email": email})
    assert answer.status_code == 422
    assert "no e-mail address" in answer.text
    assert mailoutbox == []


@pytest.mark.parametrize("password", ["", "short", "password1234"])
def test_a_weak_password_is_refused_and_nothing_is_opened(client, password):
    answer = client.post(f"/driver/new/{invited()}/", {"password": password})
    assert answer.status_code == 422
    assert not User.objects.exists()


def test_a_mail_that_cannot_be_sent_is_said_and_named_nowhere(client, monkeypatch, caplog):
    def refuse(*args, **more):
        raise SMTPRecipientsRefused({ADDRESS: (550, b"unknown")})

    monkeypatch.setattr(joining, "send_mail", refuse)
    answer = client.post("/driver/new/", {"email": ADDRESS})
    assert answer.status_code == 503
    assert "could not be sent" in answer.text
    assert "SMTPRecipientsRefused" in caplog.text
    assert "example" not in caplog.text.lower()


def test_without_a_mail_server_a_demo_shows_the_link_and_a_registry_says_so(client, settings):
    settings.EMAIL_HOST = ""
    settings.IS_DEMO = True
    assert re.search(r'href="/driver/new/[\w-]+/"', ask(client))
    settings.IS_DEMO = False
    assert "sends no mail" in ask(client)
    assert "<form method=" not in ask(client).partition("<main")[2]


def ask(client):
    return client.post("/driver/new/", {"email": ADDRESS}).text


def test_the_registry_invites_by_command(client):
    out = StringIO()
    call_command("invite_driver", ADDRESS, stdout=out)
    path = re.search(r"/driver/new/[\w-]+/", out.getvalue())[0]
    assert client.post(path, {"password": PASSWORD})["Location"] == "/driver/"
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("invite_driver", "nobody")


def test_every_step_speaks_german(client, settings):
    assert left_in_english(client, "/driver/new/") == []
    assert left_in_english(client, "/driver/new/", email=ADDRESS) == []
    assert left_in_english(client, "/driver/new/", 422, email="ada") == []
    assert left_in_english(client, f"/driver/new/{invited()}/") == []
    assert left_in_english(client, f"/driver/new/{invited()}/", 422, password="short") == []
    assert left_in_english(client, "/driver/new/x/", 422) == []
