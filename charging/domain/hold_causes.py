"""Rows that are held for the same cause, and what may be done with all of them at once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from charging.domain import repairs

KEY_CHARACTERS = 16
WORDS = {
    repairs.DURATION: "Take each end from the stated duration",
    repairs.SWAP: "Swap each start and end",
    repairs.UNIT: "Take each energy as Wh",
    repairs.LONG: "Count each stay as it is",
    repairs.MEANING: "Take each time as proposed",
    repairs.SKIPPED: "Read each time as if the clock had not been put forward",
    repairs.REGISTER: "Take what each register rose by",
    repairs.OWN: "Count each as a charge of its own",
    repairs.CORRECT: "Correct each charge to what its row says",
    repairs.METERED: "Take what each meter signed",
    repairs.STATED: "Take what each row says, on your word",
    repairs.AREA: "Count them in the bidding area that is chosen",
}
PLACES = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows are held and how they could be taken; `key` names it in an address.

    `reasons` are sentences, each once; `kinds` those of the proposals, in the order in which
    every row of this cause has them, so that the place of a proposal means the same in all.
    """

    key: str
    reasons: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def ways(self) -> tuple[str, ...]:
        """What each proposal does, in words for all rows at once."""
        return tuple(self._way(place, kind) for place, kind in enumerate(self.kinds))

    def _way(self, place: int, kind: str) -> str:
        words = WORDS.get(kind, kind)
        if self.kinds.count(kind) == 1:
            return f"{words}."
        nth = self.kinds[:place].count(kind)
        name = PLACES[nth] if nth < len(PLACES) else f"no. {nth + 1}"
        return f"{words}: the {name} proposal of each row."


def cause_of(reasons: Sequence[Mapping[str, Any]], proposals: Sequence[Mapping[str, Any]]) -> Cause:
    """The cause of a held row, from its reasons and proposals as they are kept."""
    sentences = tuple(sorted({str(each["reason"]) for each in reasons}))
    kinds = tuple(str(each["kind"]) for each in proposals)
    text = json.dumps([sentences, kinds])
    key = hashlib.sha256(text.encode()).hexdigest()[:KEY_CHARACTERS]
    return Cause(key, sentences, kinds)
