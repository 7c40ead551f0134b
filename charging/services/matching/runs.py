"""Matching: who gets which generation, booked and retired, or only asked what would be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from certificates.models import Organisation
from certificates.services.holding.retirement import retire_many
from charging.domain.matching import VERSION, Verdict
from charging.errors import MatchingNotProven
from charging.models import Allocation, ClosedInterval, MatchingRun
from charging.queries.matching import demand as demand_of
from charging.queries.matching import supply as supply_of
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.demand import HourDemand
from charging.queries.matching.plan import Planned, plan
from charging.queries.matching.touched import Ready, days_of, touched_intervals
from charging.queries.matching.verdicts import PROVEN
from charging.queries.matching.what_if import MatchReport, check_period, what_if
from charging.queries.matching.wishes import wishes_of
from charging.services.matching.claims import Claim, Claims
from charging.services.matching.provisional import forget_closed
from charging.services.matching.refusals import keep_refusal
from ledger.models.bulk import insert
from ledger.services.audit import record

__all__ = ["MatchReport", "match", "what_if"]

WINDOW = timedelta(days=31)  # of intervals booked in one transaction
LOOK_UP = 500  # starts in one query
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Booked:
    """Allocations that were booked, intervals closed for the first time, and again."""

    allocations: int = 0
    closed_intervals: int = 0
    late_intervals: int = 0


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
    Raises: InvalidPeriod, NotAChargingCompany, MatchingNotProven, ledger.errors.Overdrawn.
    """
    check_period(organisation, starts_at, ends_at)
    windows = list(_windows(starts_at, min(ends_at, now)))
    allocations = late = 0
    for done, (first, last) in enumerate(windows, start=1):
        booked = match_window(organisation=organisation, starts_at=first, ends_at=last, now=now)
        allocations += booked.allocations
        late += booked.late_intervals
        if progress:
            progress(done, len(windows))
    matched_wh = demand_of.matched_wh(organisation, starts_at, ends_at)
    return MatchReport(
        demand_wh=demand_of.demand_wh(organisation, starts_at, ends_at),
        # What is matched came out of what was held, so that both together were received.
        supply_wh=matched_wh
        + sum(asset.amount_wh for asset in supply_of.held_assets(organisation, starts_at, ends_at)),
        matched_wh=matched_wh,
        session_hours=demand_of.count_session_hours(organisation, starts_at, ends_at),
        allocations=allocations,
        retirements=allocations,
        late_intervals=late,
    )


def match_touched(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    ready: Ready | None = None,
) -> Booked:
    """Match again just the intervals of a period that data have touched, a day at a time.

    `ready` says which may be booked, by their area and end; without it all that have ended.
    Safe to run twice and by two workers: each day is looked at again under the company's
    lock, and what it then lacks is all that is booked.
    Raises: MatchingNotProven, ledger.errors.Overdrawn.
    """
    touched = touched_intervals(organisation, starts_at, min(ends_at, now), ready)
    parts = [
        match_window(organisation=organisation, starts_at=first, ends_at=last, now=now, ready=ready)
        for first, last in days_of(touched)
    ]
    return Booked(
        allocations=sum(part.allocations for part in parts),
        closed_intervals=sum(part.closed_intervals for part in parts),
        late_intervals=sum(part.late_intervals for part in parts),
    )


def match_window(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    ready: Ready | None = None,
) -> Booked:
    """Match the intervals of one window that have ended and are `ready`, in one transaction.

    Two at once are safe: the second waits for the first and finds nothing left to do. What the
    checker has against a matching outlives the transaction that it stopped.
    Raises: MatchingNotProven, ledger.errors.Overdrawn.
    """
    try:
        return _match_window(organisation, starts_at, ends_at, now, ready)
    except MatchingNotProven as error:
        keep_refusal(
            organisation=organisation,
            starts_at=starts_at,
            ends_at=ends_at,
            verdict=error.verdict,
            now=now,
        )
        raise


@transaction.atomic
def _match_window(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    ready: Ready | None,
) -> Booked:
    # One act on a company's charges at a time; CDRs that name it may be stored meanwhile.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    demands = demand_of.hour_demands(organisation, starts_at, ends_at)
    ended = [hour for hour in demands if _may_close(hour, now, ready)]
    held = supply_of.held_assets(organisation, starts_at, ends_at)
    rounds = _rounds(organisation, starts_at, ends_at)
    planned = plan(ended, held, coupled_areas(), wishes_of(organisation, starts_at, ends_at, held))
    fresh = [place for place, _ in demand_of.by_interval(ended) if place not in rounds]
    reopened = demand_of.reopened(organisation, starts_at, ends_at)
    if not planned.shares and not fresh and not reopened:
        return Booked()
    _check_proven(organisation, planned.verdict)
    run = MatchingRun.objects.create(
        organisation=organisation,
        starts_at=starts_at,
        ends_at=ends_at,
        policy=MatchingRun.Policy.HOURLY,
        version=VERSION,
        demand_wh=sum(max(0, hour.open_wh) for hour in ended),
        supply_wh=sum(asset.amount_wh for asset in held),
        matched_wh=planned.verdict.matched_wh,
        ran_at=now,
    )
    booked = {(share.hour.area_id, share.hour.starts_at) for share in planned.shares}
    again = sorted((booked | reopened) & rounds.keys())
    _close(run, fresh, again)
    forget_closed([hour.pk for hour in ended])
    _retire(run, planned.shares, rounds, now)
    _keep_verdict(run, planned.verdict, fresh=len(fresh), again=len(again), now=now)
    return Booked(len(planned.shares), len(fresh), len(again))


def _may_close(hour: HourDemand, now: datetime, ready: Ready | None) -> bool:
    return hour.ends_at <= now and (ready is None or ready(hour.area_id, hour.ends_at))


def _check_proven(organisation: Organisation, verdict: Verdict) -> None:
    """Raises: MatchingNotProven."""
    if not verdict.proven:
        first = verdict.violations[0]
        raise MatchingNotProven(
            f"The matching of {organisation.name} breaks the rule {first.rule!r}: {first.subject}, "
            f"{first.message} Nothing was booked; report this, it is an error of the registry.",
            {"version": VERSION, **verdict.as_json()},
        )


def _keep_verdict(
    run: MatchingRun, verdict: Verdict, *, fresh: int, again: int, now: datetime
) -> None:
    """The checker's verdict: with the run, and in the trail of audit events."""
    run.verdict = {
        "version": run.version,
        "intervals_closed": fresh,
        "intervals_matched_again": again,
        **verdict.as_json(),
    }
    run.save(update_fields=["verdict"])
    record(
        actor="matching",
        action=PROVEN,
        subject=run,
        detail={"organisation": run.organisation.slug, **run.verdict},
        now=now,
    )


def _retire(
    run: MatchingRun,
    shares: Sequence[Planned],
    rounds: dict[tuple[int, datetime], int],
    now: datetime,
) -> None:
    claims = Claims(run.organisation, {share.hour.session_id for share in shares})
    requests = [
        claims.request(
            Claim(
                share.hour,
                share.asset,
                share.amount_wh,
                rounds.get((share.hour.area_id, share.hour.starts_at), 0) + 1,
            )
        )
        for share in shares
    ]
    retirements = retire_many(requests=requests, now=now)
    insert(
        Allocation,
        ["run", "session_hour", "retirement"],
        [
            (run.pk, share.hour.pk, retirement)
            for share, retirement in zip(shares, retirements, strict=True)
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
    starts: dict[int, list[datetime]] = {}
    for area, start in again:
        starts.setdefault(area, []).append(start)
    for area, some in starts.items():
        for begin in range(0, len(some), LOOK_UP):
            ClosedInterval.objects.filter(
                organisation=run.organisation_id,
                area=area,
                starts_at__in=some[begin : begin + LOOK_UP],
            ).update(rounds=F("rounds") + 1, run=run)


def _windows(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    while starts_at < ends_at:
        yield starts_at, min(starts_at + WINDOW, ends_at)
        starts_at += WINDOW
