"""Whether what a tariff, site or charge record states of its energy is borne out.

OCPI lets a company state `is_green_energy` and the shares of energy sources (2.2.1, class
EnergyMix). Here such a statement is held against what was retired for the very charges it
was made for, in their own hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from charging.domain.ocpi.energy_mix import category

NUCLEAR = "NUCLEAR"
GENERAL_GREEN = "GENERAL_GREEN"
# The categories of OCPI's EnergySourceCategory that say renewable.
GREEN = ("SOLAR", "WIND", "WATER", GENERAL_GREEN)
HUNDRED = Decimal(100)


class Finding(StrEnum):
    """What comes of a claim."""

    BORNE_OUT = "borne_out"
    OVERSTATED = "overstated"
    ON_ITS_WAY = "on_its_way"
    NOTHING_CHARGED = "nothing_charged"
    NO_CLAIM = "no_claim"


@dataclass(frozen=True, slots=True)
class Stated:
    """An energy mix as it was sent; shares in percent, by category."""

    is_green: bool
    shares: tuple[tuple[str, Decimal], ...]

    @property
    def claims_something(self) -> bool:
        """Whether it says anything good of the energy."""
        return self.is_green or any(name in GREEN and share for name, share in self.shares)


@dataclass(frozen=True, slots=True)
class Used:
    """Wh that final charges took, and what sealed blocks hold for them by category.

    `renewable` proves renewable, `other` its emissions alone. `pending_wh` proves renewable
    and is retired in the book, but in no block yet.
    """

    charged_wh: int
    renewable: Mapping[str, int]
    other: Mapping[str, int]
    pending_wh: int = 0

    @property
    def renewable_wh(self) -> int:
        """Wh that prove renewable generation."""
        return sum(self.renewable.values())

    @property
    def nuclear_wh(self) -> int:
        """Wh of nuclear generation."""
        return self.renewable.get(NUCLEAR, 0) + self.other.get(NUCLEAR, 0)


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One stated share: the Wh it comes to, rounded up, and the Wh retired for it."""

    source: str
    percent: Decimal
    stated_wh: int
    retired_wh: int

    @property
    def short_wh(self) -> int:
        """Wh by which it says more than was retired."""
        return max(0, self.stated_wh - self.retired_wh)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What comes of a claim; `short_wh` is the largest amount by which it is overstated."""

    finding: Finding
    short_wh: int
    lines: tuple[ShareLine, ...]


def read_stated(mix: Any) -> Stated | None:
    """The energy mix of an OCPI object; `None` without one that can be read."""
    if not isinstance(mix, Mapping) or not isinstance(mix.get("is_green_energy"), bool):
        return None
    sources = mix.get("energy_sources") or ()
    shares = [
        (str(one["source"]), one["percentage"])
        for one in sources
        if isinstance(one, Mapping) and isinstance(one.get("percentage"), Decimal)
    ]
    return Stated(mix["is_green_energy"], tuple(shares))


def by_category(amounts: Mapping[str, int]) -> dict[str, int]:
    """Wh by EECS energy source as Wh by OCPI category."""
    found: dict[str, int] = {}
    for source, wh in amounts.items():
        found[category(source)] = found.get(category(source), 0) + wh
    return found


def judge(stated: Stated, used: Used) -> Judgement:
    """Hold a claim against what was retired.

    Green means all of it renewable and none nuclear (as `is_green_energy` is given out
    here). Of stated shares only those that say renewable can say too much: each within what
    was retired of its kind, and all together within what was retired as renewable.
    """
    lines = tuple(_line(name, share, used) for name, share in stated.shares)
    if not stated.claims_something:
        return Judgement(Finding.NO_CLAIM, 0, lines)
    if not used.charged_wh:
        return Judgement(Finding.NOTHING_CHARGED, 0, lines)
    shorts = [line.short_wh for line in lines if line.source in GREEN]
    green = sum((share for name, share in stated.shares if name in GREEN), Decimal(0))
    shorts.append(_part(green, used.charged_wh) - used.renewable_wh)
    if stated.is_green:
        shorts += [used.charged_wh - used.renewable_wh, used.nuclear_wh]
    short = max(0, *shorts)
    if not short:
        return Judgement(Finding.BORNE_OUT, 0, lines)
    on_its_way = short <= used.pending_wh and not (stated.is_green and used.nuclear_wh)
    return Judgement(Finding.ON_ITS_WAY if on_its_way else Finding.OVERSTATED, short, lines)


def _line(name: str, share: Decimal, used: Used) -> ShareLine:
    if name == GENERAL_GREEN:  # says no more than renewable, of whatever kind
        retired = used.renewable_wh
    elif name in GREEN:
        retired = used.renewable.get(name, 0)
    else:
        retired = used.renewable.get(name, 0) + used.other.get(name, 0)
    return ShareLine(name, share, _part(share, used.charged_wh), retired)


def _part(share: Decimal, whole_wh: int) -> int:
    """A share in whole Wh, rounded up: a claim is never made smaller than it is."""
    return int((share * whole_wh / HUNDRED).to_integral_value(ROUND_CEILING))
