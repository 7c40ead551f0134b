"""The life of a standing order, as one table."""

from certificates.errors import OrderRefused

ACTIVE, PAUSED, ENDED = "active", "paused", "ended"

TRANSITIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "pause": ((ACTIVE,), PAUSED),
    "resume": ((PAUSED,), ACTIVE),
    "end": ((ACTIVE, PAUSED), ENDED),
}


def check(event: str, state: str) -> bool:
    """Whether anything is left to do: false when the order is just so. Raises: OrderRefused."""
    sources, target = TRANSITIONS[event]
    if state == target:
        return False
    if state not in sources:
        raise OrderRefused(f"This standing order is {state}: nobody can {event} it any more.")
    return True
