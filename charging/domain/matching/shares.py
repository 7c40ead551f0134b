"""Whole shares of a whole, and how much matches under the simplest rules."""

from collections.abc import Mapping, Sequence

PPM = 1_000_000


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
