"""Which register of a meter a reading is of, from its OBIS code (IEC 62056-61, OCMF table 25).

Codes come as `1-b:1.8.0`, `1-0:1.8.0*198`, `01-00:01.08.00.FF` or `01-00:B2.08.00*FF`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

IMPORT, EXPORT, OTHER = "import", "export", "other"
_CODE = re.compile(
    r"(?:[0-9a-f]{1,3}-[0-9a-f]{1,3}:)?([0-9a-f]{1,2})\.([0-9a-f]{1,2})\.([0-9a-f]{1,2})"
    r"(?:[.*][0-9a-f]{1,3})?",
    re.IGNORECASE,
)
ENERGY = "8"  # the time integral, the second group of a code
# Registers that already take the loss in the cable into account come first, then those of
# this transaction, then the meter's own total: (direction, rank, compensated).
_QUANTITIES = {
    "b3": (IMPORT, 0, True),
    "b1": (IMPORT, 1, True),
    "98": (IMPORT, 2, True),
    "b2": (IMPORT, 3, False),
    "b0": (IMPORT, 4, False),
    "1": (IMPORT, 5, False),
    "c3": (EXPORT, 0, True),
    "c1": (EXPORT, 1, True),
    "c2": (EXPORT, 3, False),
    "c0": (EXPORT, 4, False),
    "2": (EXPORT, 5, False),
}


@dataclass(frozen=True, slots=True)
class Register:
    """One register: which way its energy flows, and how much it is to be preferred (0 most)."""

    direction: str
    rank: int
    compensated: bool


UNKNOWN = Register(OTHER, 9, False)


@lru_cache(maxsize=512)
def register_of(code: str) -> Register:
    """The register of an OBIS code; one of another direction for what is not energy."""
    match = _CODE.fullmatch(code.strip())
    if not match or (match[2].lstrip("0") or "0") != ENERGY:
        return UNKNOWN
    found = _QUANTITIES.get(match[1].lower().lstrip("0"))
    return Register(*found) if found else UNKNOWN
