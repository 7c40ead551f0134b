"""What a charge that was announced proves: rules alone.

Whoever guesses when a stranger will charge could otherwise take over where they go. So one
charge proves itself and nothing more, and a token is proven by two, hours apart; and wherever
more than one charge or more than one driver fits, it proves nothing for anyone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(minutes=10)  # to start the charge in
SETTLING = timedelta(hours=24)  # after the first fitting charge is known; others may turn up
PATIENCE = timedelta(days=7)  # for a charge record to arrive
APART = timedelta(hours=12)  # between two proofs of one token
PROOFS = 2
MOST_IN_A_DAY, MOST_IN_A_MONTH = 4, 12
DAY, MONTH = timedelta(days=1), timedelta(days=30)


class Outcome(StrEnum):
    """What came of a challenge."""

    WAITING = "waiting"
    PROVEN = "proven"
    AMBIGUOUS = "ambiguous"
    CONTESTED = "contested"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A charge that started where and when a challenge said; without a token it proves itself
    alone. `is_contested`: another driver's challenge fits it as well.
    """

    session_id: int
    started_at: datetime
    token_hmac: bytes | None
    is_contested: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome; the charge it was proven by is the earliest of its token."""

    outcome: Outcome
    candidate: Candidate | None = None


def decide(
    candidates: Sequence[Candidate],
    *,
    expires_at: datetime,
    seen_at: datetime | None,
    now: datetime,
) -> Decision:
    """What a challenge comes to now, by the charges that fit it.

    `seen_at` is when the first of them was known here, however long ago it started.
    """
    if now < expires_at:
        return Decision(Outcome.WAITING)
    if not candidates:
        is_over = now >= expires_at + PATIENCE
        return Decision(Outcome.MISSED if is_over else Outcome.WAITING)
    if seen_at is None or now < seen_at + SETTLING:
        return Decision(Outcome.WAITING)
    if any(one.is_contested for one in candidates):
        return Decision(Outcome.CONTESTED)
    tokens = {one.token_hmac for one in candidates}
    if len(tokens) > 1 or (None in tokens and len(candidates) > 1):
        return Decision(Outcome.AMBIGUOUS)
    first = min(candidates, key=lambda one: (one.started_at, one.session_id))
    return Decision(Outcome.PROVEN, first)


def is_token_proven(starts: Sequence[datetime]) -> bool:
    """Whether charges that proved themselves, by their starts, prove their token."""
    counted: list[datetime] = []
    for start in sorted(starts):
        if not counted or start - counted[-1] >= APART:
            counted.append(start)
    return len(counted) >= PROOFS


def may_open(opened: Sequence[datetime], now: datetime) -> bool:
    """Whether a driver who opened challenges at these instants may open one more now."""
    in_a_day = sum(now - DAY < at for at in opened)
    in_a_month = sum(now - MONTH < at for at in opened)
    return in_a_day < MOST_IN_A_DAY and in_a_month < MOST_IN_A_MONTH
