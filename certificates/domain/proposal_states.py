"""What may become of a proposed agreement, and which side may make it so."""

from certificates.errors import AgreementRefused

OPEN, ACCEPTED, REJECTED, WITHDRAWN = "open", "accepted", "rejected", "withdrawn"
PROPOSER, OTHER = "proposer", "other"

TRANSITIONS: dict[str, tuple[str, str]] = {
    "accept": (ACCEPTED, OTHER),
    "reject": (REJECTED, OTHER),
    "withdraw": (WITHDRAWN, PROPOSER),
}


def check(event: str, state: str, side: str) -> bool:
    """Whether there is anything left to do: false when the proposal has ended just so.

    Raises: AgreementRefused, with who may act and what the proposal is.
    """
    target, by = TRANSITIONS[event]
    if side != by:
        who = "who proposed it" if by == PROPOSER else "the side that it was proposed to"
        raise AgreementRefused(f"Only {who} may {event} a proposed agreement.")
    if state == target:
        return False
    if state != OPEN:
        raise AgreementRefused(f"Only an open proposal can be {target}. This one was {state}.")
    return True
