"""What could fill a gap: generation that nobody used and that its charges may have.

Filled by the rules of matching itself, so that nothing is promised that matching would not give:
first from what the company holds, then from what others hold. What is left over although
charges still miss something is held against them once more as if they wished for nothing: that
much their wishes rule out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from charging.domain.matching import UNCOUPLED, Couplings, Demand, Supply, match_interval


@dataclass(frozen=True, slots=True)
class Filling:
    """Wh that fill what one area misses in an interval: the company's own, then others'.

    `barred_wh` are there too, and the wishes of the charges that still miss them rule them out.
    """

    own_wh: int = 0
    others_wh: int = 0
    barred_wh: int = 0


def fill(
    missing: Sequence[Demand],
    own: Sequence[Supply],
    others: Sequence[Supply],
    couplings: Couplings = UNCOUPLED,
) -> dict[str, Filling]:
    """What fills the gap of one interval, by area.

    A demand is what charges alike still miss; all codes of own and others' are different.
    Raises: ValueError when a key or a code stands twice, or an amount is negative.
    """
    by_own, missing, own = _give(missing, own, couplings)
    by_others, missing, others = _give(missing, others, couplings)
    wishless = [replace(one, preferences=(), strict=False) for one in missing]
    barred, _, _ = _give(wishless, [*own, *others], couplings)
    return {
        area: Filling(by_own.get(area, 0), by_others.get(area, 0), barred.get(area, 0))
        for area in {one.area for one in missing}
    }


def _give(
    missing: Sequence[Demand], held: Sequence[Supply], couplings: Couplings
) -> tuple[Mapping[str, int], list[Demand], list[Supply]]:
    """Wh given by the demands' areas, and what both sides have left."""
    to: dict[str, int] = defaultdict(int)
    of: dict[str, int] = defaultdict(int)
    for share in match_interval(missing, held, couplings) if held else ():
        to[share.key] += share.amount_wh
        of[share.code] += share.amount_wh
    by_area: dict[str, int] = defaultdict(int)
    for one in missing:
        by_area[one.area] += to[one.key]
    left = [replace(one, amount_wh=one.amount_wh - to[one.key]) for one in missing]
    unused = [replace(one, amount_wh=one.amount_wh - of[one.code]) for one in held]
    return by_area, left, unused
