"""What a held certificate may become: one row per event, after EnergyTag's legal moves.

A Wh is active, reserved or locked by the account it lies in, and cancelled, expired or
withdrawn once it has left its holder; the documentation's table is made from this one.
EnergyTag lets only active certificates expire; here the end of the term ends every holding,
since a lock or a reservation must not make a certificate last longer than the law allows.
"""

from dataclasses import dataclass

from certificates.errors import HoldingRefused

ACTIVE, RESERVED, LOCKED = "active", "reserved", "locked"
OFFERED, SCHEDULED = "offered", "scheduled"  # EnergyTag calls both reserved
HELD = (ACTIVE, RESERVED, LOCKED, OFFERED, SCHEDULED)
CANCELLED, CLAIMED, EXPIRED, WITHDRAWN = "cancelled", "claimed", "expired", "withdrawn"
HOLDER, RECEIVER, REGISTRY = "holder", "receiver", "registry"


@dataclass(frozen=True, slots=True)
class Event:
    """From which states, to which, by whom, and the sentence for every other state."""

    sources: tuple[str, ...]
    target: str
    by: str
    refusal: str


TRANSITIONS: dict[str, Event] = {
    "transfer": Event((ACTIVE,), ACTIVE, HOLDER, "Only active certificates are transferred."),
    "offer": Event((ACTIVE,), OFFERED, HOLDER, "Only active certificates are offered."),
    "accept": Event((OFFERED,), ACTIVE, RECEIVER, "Only offered certificates are accepted."),
    "return": Event(
        (OFFERED, SCHEDULED), ACTIVE, REGISTRY, "Only what was set aside for an act is returned."
    ),
    "schedule": Event(
        (ACTIVE,), SCHEDULED, HOLDER, "Only active certificates are scheduled to be used."
    ),
    "reserve": Event((ACTIVE,), RESERVED, HOLDER, "Only active certificates are reserved."),
    "release": Event((RESERVED,), ACTIVE, HOLDER, "Only reserved certificates are released."),
    "lock": Event((ACTIVE,), LOCKED, REGISTRY, "Only active certificates are locked."),
    "unlock": Event((LOCKED,), ACTIVE, REGISTRY, "Only locked certificates are unlocked."),
    "cancel": Event(
        (ACTIVE, RESERVED, SCHEDULED),
        CANCELLED,
        HOLDER,
        "Only active, reserved or scheduled certificates are used (cancelled).",
    ),
    "claim": Event((CANCELLED,), CLAIMED, HOLDER, "Only cancelled certificates are claimed."),
    "withdraw": Event(
        HELD,
        WITHDRAWN,
        REGISTRY,
        "Only certificates that somebody still holds are withdrawn.",
    ),
    "expire": Event(
        HELD,
        EXPIRED,
        REGISTRY,
        "Only certificates that somebody still holds expire.",
    ),
}


def can(event: str, state: str) -> bool:
    """Whether a certificate in this state may undergo the event."""
    return state in TRANSITIONS[event].sources


def check(event: str, state: str) -> None:
    """Raises: HoldingRefused, with the event's own sentence."""
    if not can(event, state):
        raise HoldingRefused(f"{TRANSITIONS[event].refusal} These are {state}.")
