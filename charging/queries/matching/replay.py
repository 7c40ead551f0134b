"""A matching run computed again under another rule, and compared with what was booked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Sum

from charging.domain.local_time import to_seconds, to_utc
from charging.domain.matching import VERSION, Share, Supply, in_force
from charging.domain.matching.policies import HOURLY
from charging.domain.matching.versions import VERSIONS
from charging.errors import InvalidPeriod
from charging.models import MatchingRun
from charging.queries.matching import demand as demand_of
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.demand import HourDemand
from charging.queries.matching.supply import HeldAsset, held_assets, interval_of
from charging.queries.matching.what_if import compare
from charging.queries.matching.wishes import Wishes, wishes_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is booked in a run's period, and what another rule would come to (Wh).

    Both go by the charges and certificates of today, so that late data count on both sides.
    The session hours that would get more, less or the same are told where the rule goes by
    the interval; a rule by volume says nothing of a single hour.
    """

    run: int
    policy: str
    version: str
    demand_wh: int
    supply_wh: int
    booked_wh: int
    replayed_wh: int
    hours_with_more: int | None = None
    hours_with_less: int | None = None
    hours_alike: int | None = None


def replay(run: MatchingRun, *, policy: str = HOURLY.name, version: str = VERSION) -> Comparison:
    """Compute the period of a run again; writes nothing.

    Raises: InvalidPeriod for a policy or version that never was.
    """
    if version not in VERSIONS:
        raise InvalidPeriod(f"Rule {version!r}: there are {', '.join(VERSIONS)}.")
    period = (run.organisation, run.starts_at, run.ends_at)
    total = compare(
        organisation=run.organisation,
        starts_at=run.starts_at,
        ends_at=run.ends_at,
        policies=[policy],
    )[policy]
    hours = demand_of.hour_demands(*period)
    booked = {hour.pk: hour.energy_wh - hour.open_wh for hour in hours}
    comparison = Comparison(
        run=run.pk,
        policy=policy,
        version=version,
        demand_wh=total.demand_wh,
        supply_wh=total.supply_wh,
        booked_wh=sum(booked.values()),
        replayed_wh=total.matched_wh,
    )
    if policy != HOURLY.name:
        return comparison
    assets = _from_the_start(run)
    again = _matched(hours, assets, version, wishes_of(*period, assets))
    more = sum(again.get(pk, 0) > wh for pk, wh in booked.items())
    less = sum(again.get(pk, 0) < wh for pk, wh in booked.items())
    return replace(
        comparison,
        replayed_wh=sum(again.values()),
        hours_with_more=more,
        hours_with_less=less,
        hours_alike=len(booked) - more - less,
    )


def run_of(number: int) -> MatchingRun:
    """A matching run. Raises: InvalidPeriod when there is none of this number."""
    run = MatchingRun.objects.filter(pk=number).select_related("organisation").first()
    if run is None:
        raise InvalidPeriod(f"There is no matching run {number}; see them in the administration.")
    return run


def _from_the_start(run: MatchingRun) -> list[HeldAsset]:
    """What is held, with what was already used for charges of the period put back."""
    period = (run.organisation, run.starts_at, run.ends_at)
    assets = {asset.code: asset for asset in held_assets(*period)}
    used = (
        demand_of.valid_allocations(*period)
        .values_list(
            "retirement__entry__postings__asset",
            "retirement__entry__postings__asset__code",
            "retirement__lot",
            "retirement__mask",
            "retirement__lot__device__area",
            "retirement__lot__device__area__matching_minutes",
            "retirement__lot__starts_at",
            "retirement__lot__length_minutes",
        )
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by()
    )
    for asset, code, lot, mask, area, minutes, start, length, wh in used:
        held = assets.get(code)
        place = (area, interval_of(to_seconds(start), length, minutes) or to_seconds(start))
        base = held or HeldAsset(asset, code, lot, mask, place, 0)
        assets[code] = replace(base, amount_wh=base.amount_wh + wh)
    return list(assets.values())


def _matched(
    hours: Iterable[HourDemand], assets: Iterable[HeldAsset], version: str, wishes: Wishes
) -> dict[int, int]:
    """Wh of each session hour under a version, all areas of an interval together."""
    asked: dict[int, dict[str, HourDemand]] = defaultdict(dict)
    for hour in hours:
        asked[to_seconds(hour.starts_at)][hour.key] = hour
    held: dict[int, list[Supply]] = defaultdict(list)
    for asset in assets:
        held[asset.place[1]].append(wishes.supply(asset))
    table = coupled_areas()
    found: dict[int, int] = defaultdict(int)
    for start in asked.keys() & held.keys():
        here = asked[start]
        demands = [wishes.demand(hour, hour.energy_wh) for hour in here.values()]
        couplings = in_force(table, to_utc(start))
        shares: list[Share] = VERSIONS[version](demands, held[start], couplings)
        for share in shares:
            found[here[share.key].pk] += share.amount_wh
    return dict(found)
