"""What matching speaks of: charges that ask, generation that is held, shares between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

SITE, AREA, COUPLED = 0, 1, 2
RINGS = {SITE: "made at the site", AREA: "made in the area", COUPLED: "made in a coupled area"}
Couplings = frozenset[tuple[str, str]]  # (area of generation, area of the charge)
UNCOUPLED: Couplings = frozenset()
Stage = tuple[int, int, int]  # ring, rank of preference, 0 for a green tariff and 1 without


@dataclass(frozen=True, slots=True)
class Preference:
    """Generation that a charge would rather have.

    `supplier` is compared whole, `source` by its beginning, so that `F0105` is all wind;
    what is empty matches everything.
    """

    supplier: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one charge still asks for in the interval. `key` is its natural key.

    `preferences` stand best first. With `strict` nothing else is taken; without it whatever
    fits none of them comes last.
    """

    key: str
    amount_wh: int
    site: str = ""
    area: str = ""
    green_tariff: bool = False
    preferences: tuple[Preference, ...] = ()
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """What the company holds of one asset of the interval. `code` is the token id.

    `expires` (seconds since 1970) and `price` (whole minor units of one currency per MWh)
    decide which of several lots is used up first: the one that expires earliest, then the
    cheapest, then by code.
    """

    code: str
    amount_wh: int
    renewable: bool = True
    site: str = ""
    area: str = ""
    source: str = ""
    supplier: str = ""
    expires: int | None = None
    price: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """Wh of one asset given to one charge."""

    key: str
    code: str
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Coupling:
    """Generation of one area may serve charges of another, from `starts_at` until `ends_at`.

    One direction only; `ends_at` of `None` is open.
    """

    generation: str
    charge: str
    starts_at: datetime
    ends_at: datetime | None = None


def in_force(table: Iterable[Coupling], at: datetime) -> Couplings:
    """The pairs of areas that are coupled at an instant."""
    return frozenset(
        (row.generation, row.charge)
        for row in table
        if row.starts_at <= at and (row.ends_at is None or at < row.ends_at)
    )


def stage_of(demand: Demand, supply: Supply, couplings: Couplings) -> Stage | None:
    """When this generation comes up for this charge, the lowest first; `None` for never."""
    if demand.site and demand.site == supply.site:
        ring = SITE
    elif demand.area == supply.area:
        ring = AREA
    elif (supply.area, demand.area) in couplings:
        ring = COUPLED
    else:
        return None
    rank = rank_of(demand.preferences, supply)
    if demand.strict and rank == len(demand.preferences):
        return None
    return ring, rank, 0 if demand.green_tariff else 1


def rank_of(preferences: tuple[Preference, ...], supply: Supply) -> int:
    """The place of the first preference that a supply fits; their number when it fits none."""
    for rank, wish in enumerate(preferences):
        if wish.supplier in ("", supply.supplier) and supply.source.startswith(wish.source):
            return rank
    return len(preferences)


def use_order(supply: Supply) -> tuple[bool, int, int]:
    """Which lots are used up first; those that never expire come last."""
    return supply.expires is None, supply.expires or 0, supply.price
