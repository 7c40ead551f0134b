"""What may become of a cancellation: it is scheduled, or carried out at once."""

from certificates.errors import CancellationRefused

SCHEDULED, DONE, UNDONE, EMPTY = "scheduled", "done", "undone", "empty"

TRANSITIONS: dict[str, str] = {
    "carry out": DONE,
    "undo": UNDONE,
    "give up": EMPTY,  # nothing was left of it: corrections or expiry took it meanwhile
}


def check(event: str, state: str) -> bool:
    """Whether there is anything left to do: false when it has ended just so.

    Raises: CancellationRefused for every other state but scheduled.
    """
    if state == TRANSITIONS[event]:
        return False
    if state != SCHEDULED:
        raise CancellationRefused(
            f"To {event} it, a cancellation must be scheduled. This one is {state}."
        )
    return True
