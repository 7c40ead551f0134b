"""Drivers announce charges; CDRs that come hours later prove them, and nothing else does."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database

from certificates.models import Area, Role, User
from certificates.services import reference
from charging.domain.challenges import MOST_IN_A_DAY, PATIENCE, SETTLING, WINDOW
from charging.errors import ChallengeRefused
from charging.models import Evse, Location, ProvenToken, Session, SessionClaim, TokenChallenge
from charging.queries.driver.cards import announced_by, cards_of, companies
from charging.queries.driver.personal import personal_data
from charging.services.challenges import (
    announce,
    decide_due,
    forget_token,
    keep_charges,
    withdraw,
)
from charging.services.driver import erase_driver
from charging.services.matching.superseding import Reason, void_claim
from tests.charging.conftest import make_organisation

SECOND = timedelta(seconds=1)
MINE, OTHERS = b"\x01" * 32, b"\x02" * 32
SOON = timedelta(minutes=5)


class Street:
    """A company with two charge points at one site and one at another."""

    def __init__(self, company) -> None:
        reference.load()
        self.company = company
        self.area = Area.objects.get(code="10YGB----------A", valid_to__isnull=True)
        mill = Location.objects.create(operator=company, name="Old Mill", area=self.area)
        harbour = Location.objects.create(operator=company, name="New Harbour", area=self.area)
        self.x = Evse.objects.create(location=mill, uid="P")
        self.y = Evse.objects.create(location=mill, uid="Q")
        self.z = Evse.objects.create(location=harbour, uid="R")

    def charge(self, at, evse=None, token=MINE) -> Session:
        return Session.objects.create(
            operator=self.company,
            claimant=self.company,
            country_code="GB",
            party_id="COU",
            uid=f"s{Session.objects.count()}",
            evse=evse or self.x,
            area=self.area,
            started_at=at,
            ended_at=at + timedelta(hours=1),
            energy_wh=10_000,
            raw_energy="10",
            final=True,
            content_hash=b"",
            token_hmac=token,
        )


@pytest.fixture
def street(company):
    return Street(company)


@pytest.fixture
def driver(db):
    return User.objects.create_user("driver@example.org")


@pytest.fixture
def rival(db):
    return User.objects.create_user("rival@example.org")


def say(driver, now, place="P") -> TokenChallenge:
    return announce(driver=driver, company="council", place=place, now=now)


def settle(now) -> None:
    """All that happens in the week after."""
    decide_due(now=now + WINDOW)
    decide_due(now=now + WINDOW + SETTLING)
    decide_due(now=now + PATIENCE + WINDOW)


def status(challenge) -> str:
    challenge.refresh_from_db()
    return challenge.status


def prove_twice(street, driver, now, token=MINE) -> None:
    for day in (0, 1):
        at = now + timedelta(days=day)
        say(driver, at)
        street.charge(at + SOON, token=token)
        settle(at)


def test_a_charge_that_starts_there_in_time_is_the_drivers(street, driver, now):
    challenge = say(driver, now)
    mine = street.charge(now + SOON)
    decide_due(now=now + WINDOW)
    assert status(challenge) == "waiting"
    decide_due(now=now + WINDOW + SETTLING)
    assert status(challenge) == "proven"
    assert SessionClaim.objects.get(driver=driver).session == mine
    assert not ProvenToken.objects.exists()


def test_one_charge_proves_itself_and_not_where_else_its_token_was(street, driver, now):
    street.charge(now - timedelta(days=9))
    say(driver, now)
    street.charge(now + SOON)
    settle(now)
    assert SessionClaim.objects.count() == 1
    assert cards_of(driver) == []


def test_two_proofs_on_two_days_open_the_other_charges_of_the_token(street, driver, now):
    earlier = street.charge(now - timedelta(days=9), evse=street.z)
    street.charge(now - timedelta(days=8), token=OTHERS)
    street.charge(now - timedelta(days=7), token=None)
    prove_twice(street, driver, now)
    (card,) = cards_of(driver)
    assert (card.kept, card.free) == (2, 1)
    assert keep_charges(driver=driver, token_id=card.pk, now=now) == 1
    assert keep_charges(driver=driver, token_id=card.pk, now=now) == 0
    assert earlier.claim.driver == driver
    assert SessionClaim.objects.count() == 3


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(0), "proven"),
        (-SECOND, "missed"),
        (WINDOW - SECOND, "proven"),
        (WINDOW, "missed"),
    ],
)
def test_only_a_start_inside_the_window_counts(street, driver, now, after, expected):
    challenge = say(driver, now)
    street.charge(now + after)
    settle(now)
    assert status(challenge) == expected


def test_a_record_that_comes_days_later_counts_by_its_start(street, driver, now):
    challenge = say(driver, now)
    settle_at = now + timedelta(days=3)
    decide_due(now=settle_at)
    street.charge(now + SOON)
    decide_due(now=settle_at + SECOND)
    assert status(challenge) == "waiting"  # others may come with it
    decide_due(now=settle_at + SECOND + SETTLING)
    assert status(challenge) == "proven"


def test_a_record_that_comes_after_the_week_comes_too_late(street, driver, now):
    challenge = say(driver, now)
    settle(now)
    street.charge(now + SOON)
    decide_due(now=now + timedelta(days=30))
    assert status(challenge) == "missed"
    assert not SessionClaim.objects.exists()


def test_two_cars_in_the_window_prove_nothing_for_anyone(street, driver, now):
    challenge = say(driver, now, place="old mill")
    street.charge(now + SOON)
    decide_due(now=now + WINDOW)
    street.charge(now + SOON, evse=street.y, token=OTHERS)  # its record came later
    settle(now)
    assert status(challenge) == "ambiguous"
    assert not SessionClaim.objects.exists()


def test_a_charge_elsewhere_does_not_disturb(street, driver, now):
    at_x, anywhere = say(driver, now), None
    street.charge(now + SOON)
    street.charge(now + SOON, evse=street.z, token=OTHERS)
    settle(now)
    assert status(at_x) == "proven"
    later = now + timedelta(days=20)
    anywhere = say(driver, later, place="")
    street.charge(later + SOON)
    street.charge(later + SOON, evse=street.z, token=OTHERS)
    settle(later)
    assert status(anywhere) == "ambiguous"


@pytest.mark.parametrize("place", ["P", "Old Mill", ""])
@pytest.mark.parametrize("withdrawn", [False, True])
def test_two_drivers_who_announce_one_charge_prove_nothing(
    street, driver, rival, now, place, withdrawn
):
    mine = say(driver, now)
    theirs = say(rival, now + timedelta(minutes=2), place=place)
    street.charge(now + SOON)
    if withdrawn:
        withdraw(driver=rival, challenge_id=theirs.pk, now=now + SOON)
    settle(now)
    assert status(mine) == "contested"
    assert status(theirs) == ("withdrawn" if withdrawn else "contested")
    assert not SessionClaim.objects.exists()


def test_another_driver_s_announcement_elsewhere_does_not_disturb(street, driver, rival, now):
    mine, theirs = say(driver, now), say(rival, now, place="New Harbour")
    street.charge(now + SOON)
    street.charge(now + SOON, evse=street.z, token=OTHERS)
    settle(now)
    assert (status(mine), status(theirs)) == ("proven", "proven")


def test_a_token_that_two_drivers_proved_helps_neither(street, driver, rival, now):
    old = street.charge(now - timedelta(days=9))
    prove_twice(street, driver, now)
    (card,) = cards_of(driver)
    prove_twice(street, rival, now + timedelta(days=20))
    assert [one.is_contested for one in (*cards_of(driver), *cards_of(rival))] == [True, True]
    for person in (driver, rival):
        for token in ProvenToken.objects.all():
            with pytest.raises(ChallengeRefused):
                keep_charges(driver=person, token_id=token.pk, now=now)
    assert not SessionClaim.objects.filter(session=old).exists()
    assert cards_of(driver)[0].pk == card.pk


def test_nobody_keeps_charges_by_another_s_card_or_what_another_keeps(street, driver, rival, now):
    taken = street.charge(now - timedelta(days=9))
    SessionClaim.objects.create(session=taken, driver=rival, claimed_at=now)
    prove_twice(street, driver, now)
    (card,) = cards_of(driver)
    with pytest.raises(ChallengeRefused, match="not proven"):
        keep_charges(driver=rival, token_id=card.pk, now=now)
    assert keep_charges(driver=driver, token_id=card.pk, now=now) == 0
    assert taken.claim.driver == rival


def test_one_announcement_at_a_time_and_few_of_them(street, driver, now):
    say(driver, now)
    with pytest.raises(ChallengeRefused, match="already"):
        say(driver, now + WINDOW - SECOND)
    for n in range(1, MOST_IN_A_DAY):
        say(driver, now + n * WINDOW)
    with pytest.raises(ChallengeRefused, match="too many"):
        say(driver, now + timedelta(hours=2))
    say(driver, now + timedelta(days=2))


def test_withdrawing_does_not_buy_another_try(street, driver, now):
    for n in range(MOST_IN_A_DAY):
        challenge = say(driver, now + n * SECOND)
        withdraw(driver=driver, challenge_id=challenge.pk, now=now + n * SECOND)
    with pytest.raises(ChallengeRefused, match="too many"):
        say(driver, now + SOON)


@pytest.mark.parametrize("place", ["W", "X' OR 1=1", "Mill", " \x7f ", "9" * 100])
def test_a_place_that_is_not_there_is_refused_in_words(street, driver, now, place):
    with pytest.raises(ChallengeRefused, match="no charge point or site"):
        say(driver, now, place=place)
    with pytest.raises(ChallengeRefused, match="No charging company"):
        announce(driver=driver, company="nobody", place="", now=now)


def test_a_charge_taken_back_is_no_candidate(street, driver, now):
    challenge = say(driver, now)
    charge = street.charge(now + SOON)
    void_claim(session=charge, reason=Reason.CREDITED, words="credited", now=now)
    settle(now)
    assert status(challenge) == "missed"


def test_deciding_twice_changes_nothing(street, driver, now):
    say(driver, now)
    street.charge(now + SOON)
    decide_due(now=now + WINDOW)
    assert decide_due(now=now + WINDOW + SETTLING) == 1
    assert decide_due(now=now + WINDOW + SETTLING) == 0


def test_a_card_that_is_given_away_is_forgotten_and_what_was_kept_stays(street, driver, now):
    prove_twice(street, driver, now)
    (card,) = cards_of(driver)
    for _ in range(2):
        forget_token(driver=driver, token_id=card.pk, now=now)
    assert (cards_of(driver), SessionClaim.objects.count()) == ([], 2)
    assert not TokenChallenge.objects.filter(token_hmac__isnull=False).exists()


def test_export_names_it_and_erasure_takes_it(street, driver, now):
    prove_twice(street, driver, now)
    data = personal_data(driver, now)
    assert [one["status"] for one in data["announced_charges"]] == ["proven", "proven"]
    assert data["announced_charges"][0]["charge_point"] == "P"
    assert [card["operator__name"] for card in data["cards"]] == ["Council chargers"]
    assert "hmac" not in str(data)
    erase_driver(driver=driver, now=now)
    assert not TokenChallenge.objects.exists()
    assert not ProvenToken.objects.exists()
    assert not Session.objects.filter(token_hmac__isnull=False).exists()


def test_only_companies_whose_records_name_tokens_are_offered(street, driver, now):
    assert list(companies()) == []
    street.charge(now)
    assert list(companies()) == [street.company]


def test_what_waits_is_told_in_its_stages(street, driver, now):
    say(driver, now)
    told = lambda at: announced_by(driver, at)[0].status  # noqa: E731
    assert (told(now), told(now + WINDOW)) == ("open", "listening")
    street.charge(now + SOON)
    decide_due(now=now + WINDOW)
    assert told(now + WINDOW) == "settling"
    assert announced_by(driver, now)[0].zone == "Europe/London"


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": None},
        {"status": "proven"},
        {"token_hmac": MINE},
        {"evse": True},
    ],
)
def test_the_database_refuses_a_senseless_challenge(street, driver, now, wrong):
    facts = {
        "driver": driver,
        "operator": street.company,
        "opened_at": now,
        "expires_at": now + WINDOW,
    }
    if "expires_at" in wrong:
        wrong = {"expires_at": now}
    if "evse" in wrong:
        wrong = {"evse": street.x}
    with pytest.raises(IntegrityError), transaction.atomic():
        TokenChallenge.objects.create(**(facts | wrong))


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_at_once_announces_once(now):
    street = Street(make_organisation("Council chargers", "council", Role.CHARGING_COMPANY))
    driver = User.objects.create_user("driver@example.org")
    results: list[str] = []
    start = threading.Barrier(2)

    def press() -> None:
        start.wait()
        try:
            say(driver, now)
            results.append("announced")
        except ChallengeRefused:
            results.append("refused")
        finally:
            database.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["announced", "refused"]
    assert street.company
