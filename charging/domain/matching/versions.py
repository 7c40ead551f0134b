"""Every rule that matching ever went by, so that an old run can be recomputed and compared."""

from collections.abc import Callable, Iterable, Sequence

from charging.domain.matching.interval import VERSION, match_interval
from charging.domain.matching.shares import share_proportionally
from charging.domain.matching.terms import Couplings, Demand, Share, Supply

Matcher = Callable[[Iterable[Demand], Iterable[Supply], Couplings], list[Share]]
FIRST = "proportional-1"


def proportional(
    demands: Iterable[Demand], supplies: Iterable[Supply], couplings: Couplings
) -> list[Share]:
    """The first rule: each area by itself, all charges equal, lots by code."""
    asked, held = list(demands), list(supplies)
    return [
        share
        for area in sorted({demand.area for demand in asked})
        for share in _in_area(
            [demand for demand in asked if demand.area == area],
            [supply for supply in held if supply.area == area],
        )
    ]


def _in_area(demands: Iterable[Demand], supplies: Iterable[Supply]) -> list[Share]:
    asked = sorted(demands, key=lambda demand: demand.key)
    held = sorted(supplies, key=lambda supply: supply.code)
    open_wh = [demand.amount_wh for demand in asked]
    shares: list[Share] = []
    for renewable in (True, False):
        lots = [(s.code, s.amount_wh) for s in held if s.renewable is renewable]
        given = share_proportionally(open_wh, sum(wh for _, wh in lots))
        open_wh = [wh - got for wh, got in zip(open_wh, given, strict=True)]
        shares += _serve([d.key for d in asked], given, lots)
    return shares


def _serve(
    keys: Sequence[str], given: Sequence[int], lots: Iterable[tuple[str, int]]
) -> list[Share]:
    shares = []
    rest = iter(lots)
    code, left = "", 0
    for key, wanted in zip(keys, given, strict=True):
        while wanted:
            while not left:
                code, left = next(rest)
            amount = min(wanted, left)
            shares.append(Share(key, code, amount))
            wanted -= amount
            left -= amount
    return shares


VERSIONS: dict[str, Matcher] = {FIRST: proportional, VERSION: match_interval}
