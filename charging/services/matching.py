"""Matching: who gets which generation, booked and retired, or only asked what would be."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from certificates.models import Organisation
from certificates.services.retirement import retire_many
from charging.domain.local_time import to_seconds
from charging.domain.matching import (
    VERSION,
    Demand,
    Share,
    Supply,
    match_interval,
)
from charging.models import Allocation, ClosedInterval, MatchingRun
from charging.queries import demand as demand_of
from charging.queries import supply as supply_of
from charging.queries.demand import HourDemand
from charging.queries.supply import RENEWABLE, HeldAsset
from charging.queries.what_if import MatchReport, check_period, what_if
from charging.services.claims import Claim, Claims
from ledger.models.bulk import insert

__all__ = ["MatchReport", "match", "what_if"]

WINDOW = timedelta(days=31)  # of intervals booked in one transaction
Progress = Callable[[int, int], None]


def match(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    progress: Progress | None = None,
) -> MatchReport:
    """Match and retire every closed interval of a period, each wholly in one transaction.

    Only intervals that have ended are closed. What was matched before stays; later data
    are matched in a new round, and so is what a fallen retirement left open. Repeating
    changes nothing.
    Raises: InvalidPeriod, NotAChargingCompany, ledger.errors.Overdrawn.
    """
    check_period(organisation, starts_at, ends_at)
    windows = list(_windows(starts_at, min(ends_at, now)))
    allocations = 0
    for done, (first, last) in enumerate(windows, start=1):
        allocations += _match_window(organisation, first, last, now)
        if progress:
            progress(done, len(windows))
    matched = demand_of.matched_by_interval(organisation, starts_at, ends_at)
    demand = demand_of.demand_by_interval(organisation, starts_at, ends_at)
    supply = supply_of.supply_received(organisation, starts_at, ends_at)
    return MatchReport(
        demand_wh=sum(demand.values()),
        supply_wh=sum(supply.values()),
        matched_wh=sum(matched.values()),
        session_hours=demand_of.count_session_hours(organisation, starts_at, ends_at),
        allocations=allocations,
        retirements=allocations,
    )


@transaction.atomic
def _match_window(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, now: datetime
) -> int:
    """Match the intervals of one window; returns how many allocations were booked."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # one match at a time
    demands = demand_of.hour_demands(organisation, starts_at, ends_at)
    ended = [d for d in demands if d.starts_at + timedelta(minutes=d.length_minutes) <= now]
    held = supply_of.held_assets(organisation, starts_at, ends_at)
    rounds = _rounds(organisation, starts_at, ends_at)
    matched = list(_share_out(ended, held))
    fresh = [place for place, _ in demand_of.by_interval(ended) if place not in rounds]
    reopened = demand_of.reopened(organisation, starts_at, ends_at)
    if not matched and not fresh and not reopened:
        return 0
    run = MatchingRun.objects.create(
        organisation=organisation,
        starts_at=starts_at,
        ends_at=ends_at,
        policy=MatchingRun.Policy.HOURLY,
        version=VERSION,
        demand_wh=sum(d.open_wh for d in ended),
        supply_wh=sum(asset.amount_wh for asset in held),
        matched_wh=sum(share.amount_wh for _, _, share in matched),
        ran_at=now,
    )
    booked = {(hour.area_id, hour.starts_at) for hour, _, _ in matched}
    _close(run, fresh, sorted((booked | reopened) & rounds.keys()))
    _retire(run, matched, rounds, now)
    return len(matched)


Matched = tuple[HourDemand, HeldAsset, Share]


def _share_out(demands: list[HourDemand], held: list[HeldAsset]) -> Iterator[Matched]:
    """Shares of every interval that has both demand and supply, in time order."""
    supplies: dict[tuple[int, int], list[HeldAsset]] = {}
    for asset in held:
        supplies.setdefault(asset.place, []).append(asset)
    for (area, start), hours in demand_of.by_interval(demands):
        assets = supplies.get((area, to_seconds(start)))
        open_hours = [hour for hour in hours if hour.open_wh]
        if not assets or not open_hours:
            continue
        by_key = {hour.key: hour for hour in open_hours}
        by_code = {asset.code: asset for asset in assets}
        shares = match_interval(
            [Demand(hour.key, hour.open_wh) for hour in open_hours],
            [Supply(a.code, a.amount_wh, bool(a.mask & RENEWABLE)) for a in assets],
        )
        for share in shares:
            yield by_key[share.key], by_code[share.code], share


def _retire(
    run: MatchingRun,
    matched: list[Matched],
    rounds: dict[tuple[int, datetime], int],
    now: datetime,
) -> None:
    claims = Claims(run.organisation, {hour.session_id for hour, _, _ in matched})
    requests = [
        claims.request(
            Claim(hour, asset, share.amount_wh, rounds.get((hour.area_id, hour.starts_at), 0) + 1)
        )
        for hour, asset, share in matched
    ]
    retirements = retire_many(requests=requests, now=now)
    insert(
        Allocation,
        ["run", "session_hour", "retirement"],
        [
            (run.pk, hour.pk, retirement)
            for (hour, _, _), retirement in zip(matched, retirements, strict=True)
        ],
    )


def _rounds(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[tuple[int, datetime], int]:
    rows = ClosedInterval.objects.filter(
        organisation=organisation, starts_at__gte=starts_at, starts_at__lt=ends_at
    ).values_list("area", "starts_at", "rounds")
    return {(area, start): rounds for area, start, rounds in rows}


def _close(
    run: MatchingRun,
    fresh: list[tuple[int, datetime]],
    again: list[tuple[int, datetime]],
) -> None:
    insert(
        ClosedInterval,
        ["organisation", "area", "starts_at", "rounds", "run"],
        [(run.organisation_id, area, start, 1, run.pk) for area, start in fresh],
    )
    for area, start in again:
        interval = ClosedInterval.objects.get(
            organisation=run.organisation_id, area=area, starts_at=start
        )
        interval.rounds += 1
        interval.run = run
        interval.save(update_fields=["rounds", "run"])


def _windows(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    while starts_at < ends_at:
        yield starts_at, min(starts_at + WINDOW, ends_at)
        starts_at += WINDOW
