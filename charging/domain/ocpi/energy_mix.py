"""The EnergyMix of a place, from what was used and what was retired for it. Nothing else.

Shares are of all energy charged, so they add up to 100 only where everything was covered;
what is missing was not covered, and nobody can say what it was made of.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

FRACTION = Decimal("0.0001")  # the four decimals that count in OCPI
# EECS energy sources by how their code starts, the more special first.
CATEGORIES = (
    ("F010401", "SOLAR"),
    ("F010501", "WIND"),
    ("F010502", "WATER"),
    ("F01", "GENERAL_GREEN"),
    ("F020101", "COAL"),
    ("F020102", "COAL"),
    ("F020301", "GAS"),
    ("F02", "GENERAL_FOSSIL"),
    ("F03", "NUCLEAR"),
)
UNKNOWN = "GENERAL_FOSSIL"  # nobody proved anything better


def category(energy_source_code: str) -> str:
    """The EnergySourceCategory of an EECS energy source."""
    return next(
        (name for start, name in CATEGORIES if energy_source_code.startswith(start)), UNKNOWN
    )


def energy_mix(
    used_wh: int, renewable_wh: Mapping[str, int], other_wh: Mapping[str, int]
) -> dict[str, Any]:
    """The mix of `used_wh`, with Wh retired by EECS source: as renewable, and for the rest.

    `is_green_energy` only where every Wh was retired as renewable and none is nuclear.
    Shares are cut after four decimals, so that no part is ever overstated.
    Raises: ValueError when nothing was used or more was retired than used.
    """
    retired: dict[str, int] = {}
    for source, wh in (*renewable_wh.items(), *other_wh.items()):
        name = category(source)
        retired[name] = retired.get(name, 0) + wh
    if used_wh <= 0 or sum(retired.values()) > used_wh:
        raise ValueError("a mix needs energy used, and no more retired than that")
    is_green = sum(renewable_wh.values()) == used_wh and not retired.get("NUCLEAR")
    return {
        "is_green_energy": is_green,
        "energy_sources": [
            {"source": name, "percentage": _percent(wh, used_wh)}
            for name, wh in sorted(retired.items(), key=lambda item: (-item[1], item[0]))
            if wh
        ],
    }


def _percent(part: int, whole: int) -> Decimal:
    share = (Decimal(part * 100) / Decimal(whole)).quantize(FRACTION, ROUND_FLOOR)
    return share.normalize() if share != share.to_integral_value() else share.quantize(Decimal(1))
