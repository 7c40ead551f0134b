"""What an announced charge proves: itself alone, and nothing where two fit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.challenges import (
    APART,
    DAY,
    MOST_IN_A_DAY,
    MOST_IN_A_MONTH,
    PATIENCE,
    SETTLING,
    Candidate,
    Outcome,
    decide,
    is_token_proven,
    may_open,
)

AT = datetime(2026, 6, 1, 10, tzinfo=UTC)
LATER = AT + timedelta(days=3)
MINE, OTHER = b"\x01" * 32, b"\x02" * 32
SECOND = timedelta(seconds=1)


def fits(number: int, token: bytes | None = MINE, *, contested: bool = False) -> Candidate:
    return Candidate(number, AT - timedelta(minutes=number), token, contested)


def outcome(*candidates: Candidate, seen_at=AT, now=LATER):
    return decide(candidates, expires_at=AT, seen_at=seen_at, now=now)


def test_the_one_charge_that_fits_is_proven():
    assert outcome(fits(1)).candidate == fits(1)
    assert outcome(fits(1, None)).outcome is Outcome.PROVEN


def test_one_token_that_starts_twice_is_one_and_the_earliest_counts():
    assert outcome(fits(1), fits(3), fits(2)).candidate == fits(3)


@pytest.mark.parametrize(
    "candidates",
    [
        (fits(1), fits(2, OTHER)),
        (fits(1), fits(2, None)),
        (fits(1, None), fits(2, None)),
    ],
)
def test_two_charges_that_fit_are_proven_for_nobody(candidates):
    assert outcome(*candidates) == outcome(*candidates[::-1])
    assert outcome(*candidates).outcome is Outcome.AMBIGUOUS
    assert outcome(*candidates).candidate is None


def test_a_charge_that_two_drivers_announced_is_proven_for_nobody():
    assert outcome(fits(1, contested=True)).outcome is Outcome.CONTESTED
    assert outcome(fits(1), fits(2, OTHER, contested=True)).outcome is Outcome.CONTESTED


def test_a_charge_waits_for_others_from_when_it_was_known():
    seen = AT + timedelta(hours=5)
    assert outcome(fits(1), seen_at=seen, now=seen + SETTLING - SECOND).outcome is Outcome.WAITING
    assert outcome(fits(1), seen_at=seen, now=seen + SETTLING).outcome is Outcome.PROVEN
    assert outcome(fits(1), seen_at=None).outcome is Outcome.WAITING
    assert outcome(fits(1), now=AT - SECOND).outcome is Outcome.WAITING


def test_a_record_that_never_comes_ends_the_wait():
    assert outcome(now=AT + PATIENCE - SECOND).outcome is Outcome.WAITING
    assert outcome(now=AT + PATIENCE).outcome is Outcome.MISSED


def test_a_token_takes_two_proofs_that_are_hours_apart():
    assert not is_token_proven([])
    assert not is_token_proven([AT])
    assert not is_token_proven([AT, AT + APART - SECOND])
    assert is_token_proven([AT + APART, AT])


@given(st.lists(st.integers(0, 2 * 24 * 60), max_size=8))
def test_a_token_is_proven_just_when_two_proofs_are_far_enough_apart(minutes):
    starts = [AT + timedelta(minutes=minute) for minute in minutes]
    assert is_token_proven(starts) == any(b - a >= APART for a in starts for b in starts)


def test_announcements_are_few_in_a_day_and_in_a_month():
    hours = [AT - timedelta(hours=n) for n in range(MOST_IN_A_DAY)]
    assert may_open(hours[1:], AT)
    assert not may_open(hours, AT)
    assert may_open(hours, AT + DAY)
    days = [AT - timedelta(days=2 * n + 2) for n in range(MOST_IN_A_MONTH)]
    assert may_open(days[1:], AT)
    assert not may_open(days, AT)
