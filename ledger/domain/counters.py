"""A lot's counters as the contract packs them into one storage slot."""

from dataclasses import dataclass

_AMOUNT = (1 << 40) - 1
_FIRST_WH = (1 << 54) - 1


@dataclass(frozen=True, slots=True)
class Counters:
    """Whole Wh; `mask` is the one the lot was issued with, 0 when there is no such lot.

    Per attribute: issued = held + retired + withdrawn.
    """

    issued: int
    retired_renewable: int
    retired_emissions: int
    withdrawn_renewable: int
    withdrawn_emissions: int
    first_wh: int
    mask: int

    @classmethod
    def from_word(cls, word: int) -> "Counters":
        return cls(
            issued=word >> 160 & _AMOUNT,
            retired_renewable=word & _AMOUNT,
            retired_emissions=word >> 40 & _AMOUNT,
            withdrawn_renewable=word >> 80 & _AMOUNT,
            withdrawn_emissions=word >> 120 & _AMOUNT,
            first_wh=word >> 200 & _FIRST_WH,
            mask=word >> 254,
        )

    @property
    def word(self) -> int:
        """The storage slot's value, below 2^256."""
        return (
            self.mask << 254
            | self.first_wh << 200
            | self.issued << 160
            | self.withdrawn_emissions << 120
            | self.withdrawn_renewable << 80
            | self.retired_emissions << 40
            | self.retired_renewable
        )
