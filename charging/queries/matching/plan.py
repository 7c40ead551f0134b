"""Which of the held certificates would go to which charges, and the proof that it is right.

Nothing is written: booking, a question of what if and a provisional answer all plan alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from charging.domain.local_time import to_seconds, to_utc
from charging.domain.matching import (
    Coupling,
    DemandColumns,
    SupplyColumns,
    Verdict,
    certify,
    certify_columns,
    in_force,
    match_columns,
    match_interval,
    merge,
)
from charging.domain.matching.terms import Couplings
from charging.queries.matching.demand import HourDemand
from charging.queries.matching.supply import RENEWABLE, HeldAsset
from charging.queries.matching.wishes import NO_WISHES, Wishes


@dataclass(frozen=True, slots=True)
class Planned:
    """Wh of one asset for one session hour."""

    hour: HourDemand
    asset: HeldAsset
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes where, in time order, and what the checker says of it."""

    shares: tuple[Planned, ...]
    verdict: Verdict


def plan(
    hours: Iterable[HourDemand],
    held: Iterable[HeldAsset],
    table: Sequence[Coupling] = (),
    wishes: Wishes = NO_WISHES,
) -> Plan:
    """Share out what is held among hours that are open, interval by interval.

    Intervals in which areas are coupled or a charge has a wish are matched one by one, all
    others at once.
    """
    open_hours = [hour for hour in hours if hour.open_wh > 0]
    assets = list(held)
    coupled = {start for start in _starts(open_hours, table) if in_force(table, to_utc(start))}
    coupled |= wishes.intervals(open_hours)
    alone = [hour for hour in open_hours if to_seconds(hour.starts_at) not in coupled]
    shares, verdict = _at_once(alone, [a for a in assets if a.place[1] not in coupled])
    verdicts = [verdict]
    for start in sorted(coupled):
        some, verdict = _one(
            [hour for hour in open_hours if to_seconds(hour.starts_at) == start],
            [asset for asset in assets if asset.place[1] == start],
            in_force(table, to_utc(start)),
            wishes,
        )
        shares += some
        verdicts.append(verdict)
    shares.sort(key=_in_time)
    return Plan(tuple(shares), merge(verdicts))


def _starts(hours: Sequence[HourDemand], table: Sequence[Coupling]) -> set[int]:
    return {to_seconds(hour.starts_at) for hour in hours} if table else set()


def _at_once(
    hours: Sequence[HourDemand], assets: Sequence[HeldAsset]
) -> tuple[list[Planned], Verdict]:
    places: dict[tuple[int, int], int] = defaultdict(lambda: len(places))
    demand = DemandColumns(
        interval=_column(places[hour.area_id, to_seconds(hour.starts_at)] for hour in hours),
        rank=_ranks([hour.key for hour in hours]),
        amount_wh=_column(hour.open_wh for hour in hours),
    )
    supply = SupplyColumns(
        interval=_column(places[asset.place] for asset in assets),
        rank=_ranks([asset.code for asset in assets]),
        amount_wh=_column(asset.amount_wh for asset in assets),
        renewable=np.array([bool(asset.mask & RENEWABLE) for asset in assets], bool),
    )
    shares = match_columns(demand, supply)
    rows = zip(
        shares.demand.tolist(), shares.supply.tolist(), shares.amount_wh.tolist(), strict=True
    )
    planned = [Planned(hours[d], assets[s], wh) for d, s, wh in rows]
    return planned, certify_columns(demand, supply, shares)


def _one(
    hours: Sequence[HourDemand],
    assets: Sequence[HeldAsset],
    couplings: Couplings,
    wishes: Wishes,
) -> tuple[list[Planned], Verdict]:
    by_key = {hour.key: hour for hour in hours}
    by_code = {asset.code: asset for asset in assets}
    demands = [wishes.demand(hour, hour.open_wh) for hour in hours]
    supplies = [wishes.supply(asset) for asset in assets]
    shares = match_interval(demands, supplies, couplings)
    planned = [Planned(by_key[s.key], by_code[s.code], s.amount_wh) for s in shares]
    return planned, certify(demands, supplies, shares, couplings)


def _column(values: Iterator[int]) -> np.ndarray:
    return np.fromiter(values, np.int64)


def _ranks(names: Sequence[str]) -> np.ndarray:
    """The place of every name among all different ones."""
    places = {name: n for n, name in enumerate(sorted(set(names)))}
    return _column(places[name] for name in names)


def _in_time(share: Planned) -> tuple[int, int, str, str]:
    hour = share.hour
    return to_seconds(hour.starts_at), hour.area_id, hour.key, share.asset.code
