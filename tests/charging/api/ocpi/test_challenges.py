"""A driver announces a charge; its CDR comes over the wire hours later and proves it."""

from datetime import datetime, timedelta

import pytest

from certificates.models import User
from charging.models import Session, SessionClaim, TokenChallenge
from charging.services.challenges import announce, decide_due
from tests.charging.api.ocpi.conftest import cdr

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def driver(db):
    return User.objects.create_user("driver@example.org")


def begin(body) -> datetime:
    return datetime.fromisoformat(body["start_date_time"])


def test_a_cdr_that_comes_hours_later_proves_its_charge_by_its_start(peer, company, driver):
    body = cdr()
    start = begin(body)
    announce(driver=driver, company=company.slug, place="", now=start - MINUTE)
    decide_due(now=start + timedelta(hours=5))
    peer("post", "cdrs", body)
    decide_due(now=start + timedelta(hours=6))
    assert not SessionClaim.objects.exists()
    decide_due(now=start + timedelta(hours=6) + DAY)
    assert TokenChallenge.objects.get().status == "proven"
    assert SessionClaim.objects.get().session == Session.objects.get()


def test_charges_with_one_token_are_marked_alike_and_the_token_is_not_kept(peer, company):
    first, second, third = cdr(), cdr("c2", session_id="S2"), cdr("c3", session_id="S3")
    second["start_date_time"] = "2015-06-30T21:39:09Z"
    second["end_date_time"] = "2015-06-30T23:37:32Z"
    second["cdr_token"] = first["cdr_token"] | {"uid": first["cdr_token"]["uid"].lower()}
    third["start_date_time"] = "2015-06-28T21:39:09Z"
    third["end_date_time"] = "2015-06-28T23:37:32Z"
    third["cdr_token"] = first["cdr_token"] | {"uid": "another"}
    for body in (first, second, third):
        peer("post", "cdrs", body)
    marks = dict(Session.objects.values_list("uid", "token_hmac"))
    assert bytes(marks["S1"]) == bytes(marks["S2"]) != bytes(marks["S3"])
    assert first["cdr_token"]["uid"].encode() not in bytes(marks["S1"])
    assert len(marks["S1"]) == 32


def test_a_charge_without_a_token_is_marked_by_none(peer, company):
    body = cdr()
    body["cdr_token"] = body["cdr_token"] | {"uid": "#NA"}
    peer("post", "cdrs", body)
    assert Session.objects.get().token_hmac is None


def test_a_cdr_sent_twice_is_one_candidate(peer, company, driver):
    body = cdr()
    announce(driver=driver, company=company.slug, place="", now=begin(body) - MINUTE)
    peer("post", "cdrs", body)
    peer("post", "cdrs", body)
    assert Session.objects.count() == 1
    decide_due(now=begin(body) + DAY)
    decide_due(now=begin(body) + 3 * DAY)
    assert TokenChallenge.objects.get().status == "proven"
