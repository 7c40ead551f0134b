"""What may become of what a person did with storage by page: for a while it can be undone."""

from certificates.domain.cancellation_states import DONE, EMPTY, SCHEDULED, TRANSITIONS, UNDONE
from certificates.errors import StorageRefused

__all__ = ["DONE", "EMPTY", "SCHEDULED", "TRANSITIONS", "UNDONE", "check"]


def check(event: str, state: str) -> bool:
    """Whether there is anything left to do: false when it has ended just so.

    Raises: StorageRefused for every other state but scheduled.
    """
    if state == TRANSITIONS[event]:
        return False
    if state != SCHEDULED:
        words = {
            DONE: "The time to undo it is over.",
            UNDONE: "It was undone.",
            EMPTY: "Nothing was left of it, so nothing was done.",
        }
        raise StorageRefused(words[state])
    return True
