"""What a held certificate may become, event by event."""

import itertools

import pytest

from certificates.domain.holding_states import TRANSITIONS, can, check
from certificates.errors import HoldingRefused

# EnergyTag's legal moves, and expiry of what is locked or reserved. What an offer or a scheduled
# cancellation holds is what EnergyTag calls reserved.
ALLOWED = {
    "active": {"transfer", "reserve", "lock", "cancel", "withdraw", "expire"}
    | {"offer", "schedule"},
    "offered": {"accept", "return", "withdraw", "expire"},
    "scheduled": {"return", "cancel", "withdraw", "expire"},
    "reserved": {"release", "cancel", "withdraw", "expire"},
    "locked": {"unlock", "withdraw", "expire"},
    "cancelled": {"claim"},
    "claimed": set(),
    "expired": set(),
    "withdrawn": set(),
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ALLOWED, TRANSITIONS)))
def test_only_the_moves_of_the_standard_are_open(state, event):
    assert can(event, state) == (event in ALLOWED[state])
    if event not in ALLOWED[state]:
        with pytest.raises(HoldingRefused, match=f"These are {state}"):
            check(event, state)


def test_every_state_that_is_reached_is_known():
    assert {event.target for event in TRANSITIONS.values()} <= set(ALLOWED)
