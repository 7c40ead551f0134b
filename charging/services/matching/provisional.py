"""What open intervals would come to if they closed now: kept beside the book, never in it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from certificates.models import Organisation
from charging.models import ClosedInterval, ProvisionalHour
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.demand import LONGEST, HourDemand, hour_demands
from charging.queries.matching.plan import plan
from charging.queries.matching.supply import RENEWABLE, held_assets
from charging.queries.matching.wishes import wishes_of
from ledger.models.bulk import insert

LOOK_UP = 5_000  # ids in one query
Amounts = dict[int, tuple[int, int]]  # renewable and tracked Wh by session hour


@transaction.atomic
def renew_provisional(
    *, organisation: Organisation, starts_at: datetime, ends_at: datetime, now: datetime
) -> int:
    """Compute the open intervals that start in the period again; returns how many hours differ.

    By the same rules and the same proof as what is booked. Where nothing differs, nothing is
    written.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # as matching does
    before = _kept(organisation, starts_at, ends_at)
    known: Amounts = {
        pk: (renewable, tracked)
        for pk, renewable, tracked in before.values_list("pk", "renewable_wh", "tracked_wh")
    }
    found = _planned(organisation, starts_at, ends_at)
    if found == known:
        return 0
    before.delete()
    insert(
        ProvisionalHour,
        ["session_hour", "renewable_wh", "tracked_wh", "planned_at"],
        [(pk, renewable, tracked, now) for pk, (renewable, tracked) in sorted(found.items())],
    )
    return sum(known.get(pk) != found.get(pk) for pk in known.keys() | found.keys())


def forget_closed(hours: Sequence[int]) -> None:
    """Drop the figures of hours that are closed by now, by id: what was booked stands instead."""
    for begin in range(0, len(hours), LOOK_UP):
        ProvisionalHour.objects.filter(pk__in=hours[begin : begin + LOOK_UP]).delete()


def _kept(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> QuerySet[ProvisionalHour]:
    return ProvisionalHour.objects.filter(
        session_hour__session__claimant=organisation,
        session_hour__session__started_at__gt=starts_at - LONGEST,
        session_hour__session__started_at__lt=ends_at,
        session_hour__starts_at__gte=starts_at,
        session_hour__starts_at__lt=ends_at,
    )


def _planned(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> Amounts:
    hours = _open_hours(organisation, starts_at, ends_at)
    if not hours:
        return {}
    held = held_assets(organisation, starts_at, ends_at)
    planned = plan(hours, held, coupled_areas(), wishes_of(organisation, starts_at, ends_at, held))
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    if planned.verdict.proven:  # what could not be booked is not promised
        for share in planned.shares:
            row = sums[share.hour.pk]
            row[0] += share.amount_wh if share.asset.mask & RENEWABLE else 0
            row[1] += share.amount_wh
    return {pk: (renewable, tracked) for pk, (renewable, tracked) in sums.items()}


def _open_hours(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[HourDemand]:
    closed = set(
        ClosedInterval.objects.filter(
            organisation=organisation, starts_at__gte=starts_at, starts_at__lt=ends_at
        ).values_list("area", "starts_at")
    )
    hours = hour_demands(organisation, starts_at, ends_at)
    return [hour for hour in hours if (hour.area_id, hour.starts_at) not in closed]
