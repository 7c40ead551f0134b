"""What may become of an offer, and who may make it so."""

from dataclasses import dataclass

from certificates.errors import OfferRefused

OPEN, ACCEPTED, REJECTED, WITHDRAWN, LAPSED = "open", "accepted", "rejected", "withdrawn", "lapsed"
SOURCE, DESTINATION, REGISTRY = "source", "destination", "registry"


@dataclass(frozen=True, slots=True)
class Ending:
    """The state an open offer ends in, and whose act that is."""

    target: str
    by: str


TRANSITIONS: dict[str, Ending] = {
    "accept": Ending(ACCEPTED, DESTINATION),
    "reject": Ending(REJECTED, DESTINATION),
    "withdraw": Ending(WITHDRAWN, SOURCE),
    "lapse": Ending(LAPSED, REGISTRY),
}


def check(event: str, state: str, by: str) -> bool:
    """Whether there is anything left to do: false when the offer has ended just so.

    `by` is the side that acts. Raises: OfferRefused, with what the offer is and who may act.
    """
    ending = TRANSITIONS[event]
    if by != ending.by:
        raise OfferRefused(f"Only the {ending.by} of an offer may {event} it.")
    if state == ending.target:
        return False
    if state != OPEN:
        raise OfferRefused(f"Only an open offer can be {ending.target}. This one was {state}.")
    return True
