"""A driver shows that a card is theirs, in plain words and both languages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import User
from charging.domain.challenges import SETTLING, WINDOW
from charging.models import ProvenToken, SessionClaim, TokenChallenge
from charging.services.challenges import announce, decide_due
from tests.charging.services.test_challenges import MINE, SOON, Street, prove_twice

PATH = "/driver/cards/"


@pytest.fixture
def street(company):
    return Street(company)


@pytest.fixture
def person(client, db):
    driver = User.objects.create_user("driver@example.org")
    client.force_login(driver)
    return driver


def read(client, **headers) -> str:
    return " ".join(client.get(PATH, headers=headers).text.split())


def test_a_stranger_is_asked_to_log_in(client, db):
    assert client.get(PATH).status_code == 302
    assert client.post(PATH, {"act": "announce"}).status_code == 302


def test_without_a_company_that_tells_tokens_the_page_says_so(client, person):
    assert "No charging company here sends records" in read(client)


def test_a_charge_is_announced_and_shown_until_when(client, person, street, now):
    street.charge(now)
    page = read(client)
    assert "You then have 10 minutes." in page
    assert "Typing its number proves nothing" in page
    answer = client.post(PATH, {"act": "announce", "company": "council", "place": "p"})
    assert answer.status_code == 302
    challenge = TokenChallenge.objects.get()
    assert (challenge.evse, challenge.driver) == (street.x, person)
    page = read(client)
    assert "Start your charge now, at the latest at" in page
    assert "I start a charge now" not in page
    assert "Ich starte jetzt" not in read(client, accept_language="de")
    client.post(PATH, {"act": "withdraw", "id": challenge.pk})
    assert "Withdrawn." in read(client)
    assert "Ich starte jetzt eine Ladung" in client.get(PATH, {"lang": "de"}).text


@pytest.mark.parametrize(
    "asked",
    [
        {"company": "council", "place": "nowhere"},
        {"company": "council", "place": "<b>\0"},
        {"company": "nobody"},
        {},
        {"act": "keep", "id": "7"},
        {"act": "keep", "id": "\uff11"},
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_written(client, person, street, asked):
    street.charge(timezone.now())
    answer = client.post(PATH, asked)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<b>" not in answer.text
    assert not TokenChallenge.objects.exists()


@pytest.mark.parametrize("asked", [{"act": "withdraw"}, {"act": "forget", "id": "9" * 400}])
def test_what_is_not_there_is_ended_without_a_word(client, person, street, asked):
    assert client.post(PATH, asked).status_code == 302


def test_nobody_withdraws_another_s_announcement(client, person, street, now):
    rival = User.objects.create_user("rival@example.org")
    theirs = announce(driver=rival, company="council", place="", now=now)
    client.post(PATH, {"act": "withdraw", "id": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.status == "waiting"


def test_each_outcome_is_told_in_plain_words(client, person, street, now):
    rival = User.objects.create_user("rival@example.org")

    def at(day, *tokens, contested=False):
        when = now + timedelta(days=day)
        announce(driver=person, company="council", place="P", now=when)
        if contested:
            announce(driver=rival, company="council", place="", now=when)
        for token in tokens:
            street.charge(when + SOON, token=token)
        decide_due(now=when + WINDOW)
        decide_due(now=when + WINDOW + SETTLING)
        decide_due(now=when + timedelta(days=8))

    at(0, MINE)
    at(10, MINE, b"\x02" * 32)
    at(20)
    at(40, MINE, contested=True)
    page = read(client)
    for words in (
        "Proven: this charge was yours.",
        "More than one charge started there",
        "No charge started there in these minutes",
        "Another driver announced the same charge",
    ):
        assert words in page
    assert f"/r/{SessionClaim.objects.get().session.receipts.first()}" not in page  # no receipt yet


def test_a_proven_card_keeps_its_other_charges_at_one_press(client, person, street, now):
    street.charge(now - timedelta(days=9))
    prove_twice(street, person, now)
    card = ProvenToken.objects.get()
    assert "Keep 1 more charge<" in read(client).replace(" <", "<")
    client.post(PATH, {"act": "keep", "id": card.pk})
    assert SessionClaim.objects.filter(driver=person).count() == 3
    assert "3 charges are in your account." in read(client)
    client.post(PATH, {"act": "forget", "id": card.pk})
    assert not ProvenToken.objects.exists()
    assert SessionClaim.objects.filter(driver=person).count() == 3


def test_the_timeline_leads_there(client, person):
    assert f'href="{PATH}"' in client.get("/driver/").text
