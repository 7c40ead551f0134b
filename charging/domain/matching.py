"""Who gets which generation in one interval of one company and area.

Rules, the same for everybody and open to recomputation:
1. All that is there is given, up to all that is asked for (maximal).
2. Generation that proves renewable goes first, then what proves its emissions alone.
3. When there is less than asked, each charge gets its share of what is there, by its share of
   the demand, in whole Wh by largest remainder, ties by the charge's natural key. So nobody is
   more than one Wh from the exact share.
4. Lots are used up in the order of their codes, charges served in the order of their keys.

Nothing depends on the order of the input.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

VERSION = "proportional-1"
PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Demand:
    """What one charge still asks for in the interval. `key` is its natural key."""

    key: str
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What the company holds of one asset of the interval. `code` is the token id."""

    code: str
    amount_wh: int
    renewable: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """Wh of one asset given to one charge."""

    key: str
    code: str
    amount_wh: int


def match_interval(demands: Iterable[Demand], supplies: Iterable[Supply]) -> list[Share]:
    """Share out one interval, by the rules above.

    Raises: ValueError when a key or a code stands twice, or an amount is negative.
    """
    asked = sorted(demands, key=lambda demand: demand.key)
    held = sorted(supplies, key=lambda supply: supply.code)
    _check([(d.key, d.amount_wh) for d in asked])
    _check([(s.code, s.amount_wh) for s in held])
    open_wh = [demand.amount_wh for demand in asked]
    shares: list[Share] = []
    for renewable in (True, False):
        tier = [(s.code, s.amount_wh) for s in held if s.renewable is renewable]
        given = share_proportionally(open_wh, sum(amount for _, amount in tier))
        open_wh = [wh - got for wh, got in zip(open_wh, given, strict=True)]
        shares += _serve([(d.key, got) for d, got in zip(asked, given, strict=True)], tier)
    return shares


def share_proportionally(demands: Sequence[int], supply: int) -> list[int]:
    """Whole shares of `supply` by the demands; an earlier place wins a tie.

    Largest remainder (Hamilton): everybody gets the floor of the exact share, what is left
    goes one by one to the largest remainders.
    """
    total = sum(demands)
    if supply >= total:
        return list(demands)
    if supply <= 0:
        return [0] * len(demands)
    shares, remainders = [], []
    for demand in demands:
        share, remainder = divmod(demand * supply, total)
        shares.append(share)
        remainders.append(remainder)
    left = supply - sum(shares)
    if left:
        for n in sorted(range(len(shares)), key=lambda n: (-remainders[n], n))[:left]:
            shares[n] += 1
    return shares


def matched_by_interval(
    demand_wh: Mapping[tuple[int, int], int], supply_wh: Mapping[tuple[int, int], int]
) -> int:
    """Wh matched when generation counts only in its own (area, interval)."""
    return sum(min(wh, supply_wh.get(place, 0)) for place, wh in demand_wh.items())


def matched_by_period(
    demand_wh: Mapping[tuple[int, int], int], supply_wh: Mapping[tuple[int, int], int]
) -> int:
    """Wh matched when generation counts anywhere in the whole period, as volumes are."""
    return min(sum(demand_wh.values()), sum(supply_wh.values()))


def share_of(amount_wh: int, ppm: int) -> int:
    """A share of a lot in parts per million, rounded down as agreements round."""
    return amount_wh * ppm // PPM


def _serve(given: Sequence[tuple[str, int]], tier: Sequence[tuple[str, int]]) -> list[Share]:
    shares: list[Share] = []
    lots = iter(tier)
    code, left = "", 0
    for key, wanted in given:
        while wanted:
            while not left:
                code, left = next(lots)
            amount = min(wanted, left)
            shares.append(Share(key, code, amount))
            wanted -= amount
            left -= amount
    return shares


def _check(pairs: Sequence[tuple[str, int]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a charge or an asset stands twice in one interval")
    if any(amount < 0 for _, amount in pairs):
        raise ValueError("an amount of energy is negative")
