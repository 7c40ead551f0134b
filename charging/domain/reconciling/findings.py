"""Named contradictions between what several sources say of a charge."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Figure = int | str


class Code(StrEnum):
    """What kind of contradiction it is."""

    UNIT = "unit"
    ENERGY = "energy"
    TIME = "time"
    COST = "cost"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    OVER_POWER = "over_power"


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction: its kind, a sentence for people, and the figures that it rests on."""

    code: Code
    sentence: str
    figures: Mapping[str, Figure]
