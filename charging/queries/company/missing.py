"""What a company's charges miss: hour by hour, and by what they would take instead."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import Sum

from certificates.models import Organisation
from charging.domain.local_time import to_seconds
from charging.domain.matching import Demand
from charging.models import Location
from charging.queries.company.coverage import ALLOCATION_SITE, HOUR_SITE
from charging.queries.matching.demand import Place, final_hours, valid_allocations
from charging.queries.matching.wishes import NO_WISH, Wish, Wishes


def missing_demands(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    wishes: Wishes,
    site: Location | None = None,
) -> dict[int, list[Demand]]:
    """What final charges took and nothing covers, by interval; one demand for charges alike.

    Counted hour by hour of each charge: one that has more than it took covers no other.
    """
    sums: dict[Place, dict[Wish, int]] = defaultdict(lambda: defaultdict(int))
    for place, session, wh in _missing_hours(organisation, starts_at, ends_at, site):
        wish = wishes.sessions.get(session, NO_WISH)
        sums[place][replace(wish, standing=None) if wish.standing else wish] += wh
    found: dict[int, list[Demand]] = defaultdict(list)
    for (area, start), by_wish in sorted(sums.items()):
        for wish, wh in by_wish.items():
            found[start].append(wish.demand(f"{len(found[start]):06}", wh, area))
    return dict(found)


def missing_by_interval(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> dict[Place, int]:
    """Wh that final charges took and that nothing covers, where there are any."""
    sums: dict[Place, int] = defaultdict(int)
    for place, _, wh in _missing_hours(organisation, starts_at, ends_at, site):
        sums[place] += wh
    return dict(sums)


def _missing_hours(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, site: Location | None
) -> Iterator[tuple[Place, int, int]]:
    """Place, session and Wh missing of every hour that misses something."""
    hours = final_hours(organisation, starts_at, ends_at)
    allocations = valid_allocations(organisation, starts_at, ends_at)
    if site is not None:
        hours = hours.filter(**{HOUR_SITE: site})
        allocations = allocations.filter(**{ALLOCATION_SITE: site})
    covered = dict(
        allocations.values_list("session_hour").annotate(wh=Sum("retirement__amount_wh")).order_by()
    )
    rows = hours.values_list("pk", "session", "session__area", "starts_at", "energy_wh")
    for pk, session, area, start, wh in rows.iterator(chunk_size=10_000):
        if wh > covered.get(pk, 0):
            yield (area, to_seconds(start)), session, wh - covered.get(pk, 0)
