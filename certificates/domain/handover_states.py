"""The life of a handover of a plant, as one table: which act leads where, and whose it is."""

from dataclasses import dataclass

from certificates.errors import HandoverRefused

PROPOSED, ACCEPTED, APPROVED, DONE = "proposed", "accepted", "approved", "done"
REJECTED, WITHDRAWN, REFUSED = "rejected", "withdrawn", "refused"
SELLER, BUYER, REGISTRY = "seller", "buyer", "registry"
OPEN = (PROPOSED, ACCEPTED, APPROVED)
BINDING = (APPROVED, DONE)  # from its instant on, the plant's output is the buyer's
WHO = {SELLER: "the owner", BUYER: "the new owner", REGISTRY: "the registry"}


@dataclass(frozen=True, slots=True)
class Step:
    """The states an act is open in, the one it leads to, and whose it is."""

    sources: tuple[str, ...]
    target: str
    by: str


TRANSITIONS: dict[str, Step] = {
    "accept": Step((PROPOSED,), ACCEPTED, BUYER),
    "reject": Step((PROPOSED, ACCEPTED), REJECTED, BUYER),
    "withdraw": Step((PROPOSED, ACCEPTED), WITHDRAWN, SELLER),
    "approve": Step((ACCEPTED,), APPROVED, REGISTRY),
    "refuse": Step((ACCEPTED,), REFUSED, REGISTRY),
    "take effect": Step((APPROVED,), DONE, REGISTRY),
}


FOLLOWS = {ACCEPTED: BINDING, APPROVED: (DONE,)}  # an act is done where a later one is


def check(event: str, state: str, by: str) -> bool:
    """Whether there is anything left to do: false when it has been done just so.

    Raises: HandoverRefused, with who may act and how far the handover is.
    """
    step = TRANSITIONS[event]
    if by != step.by:
        raise HandoverRefused(f"Only {WHO[step.by]} may {event} a handover.")
    if state == step.target or state in FOLLOWS.get(step.target, ()):
        return False
    if state not in step.sources:
        raise HandoverRefused(
            f"Only a handover that is {' or '.join(step.sources)} can be {step.target}. "
            f"This one is {state}."
        )
    return True
