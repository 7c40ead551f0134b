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

# What each event makes of a certificate, and who may bring it about.
REACHES = {
    "transfer": ("active", "holder"),
    "offer": ("offered", "holder"),
    "accept": ("active", "receiver"),
    "return": ("active", "registry"),
    "schedule": ("scheduled", "holder"),
    "reserve": ("reserved", "holder"),
    "release": ("active", "holder"),
    "lock": ("locked", "registry"),
    "unlock": ("active", "registry"),
    "cancel": ("cancelled", "holder"),
    "claim": ("claimed", "holder"),
    "withdraw": ("withdrawn", "registry"),
    "expire": ("expired", "registry"),
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ALLOWED, TRANSITIONS)))
def test_only_the_moves_of_the_standard_are_open(state, event):
    assert can(event, state) == (event in ALLOWED[state])
    if event not in ALLOWED[state]:
        with pytest.raises(HoldingRefused, match=f"These are {state}"):
            check(event, state)


def test_every_event_leads_where_the_standard_says_and_is_its_own_side_s():
    assert {name: (event.target, event.by) for name, event in TRANSITIONS.items()} == REACHES


def test_every_state_that_is_reached_is_known():
    assert {event.target for event in TRANSITIONS.values()} <= set(ALLOWED)
