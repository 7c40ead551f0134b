"""Coverage of a company's charges, hour by day, at all sites or at one."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from certificates.models import Organisation
from charging.domain.local_time import to_seconds, to_utc
from charging.models import Location
from charging.queries.matching.demand import Place, final_hours, valid_allocations
from charging.queries.matching.supply import held_assets

HOUR_SITE = "session__evse__location"
ALLOCATION_SITE = "session_hour__session__evse__location"


@dataclass(frozen=True, slots=True)
class IntervalCoverage:
    """Wh that charges took in one interval, that were matched, and that are left over.

    What is left over is the company's, whatever the site.
    """

    starts_at: datetime
    demand_wh: int
    matched_wh: int
    spare_wh: int


def coverage(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> list[IntervalCoverage]:
    """Every interval of the period with demand or generation, in time order.

    Several areas in one interval are added up.
    """
    demand, matched = asked_and_matched(organisation, starts_at, ends_at, site)
    spare: dict[Place, int] = defaultdict(int)
    for asset in held_assets(organisation, starts_at, ends_at):
        spare[asset.place] += asset.amount_wh
    totals: dict[int, list[int]] = {}
    for place in {*demand, *matched, *spare}:
        row = totals.setdefault(place[1], [0, 0, 0])
        row[0] += demand.get(place, 0)
        row[1] += matched.get(place, 0)
        row[2] += spare.get(place, 0)
    return [IntervalCoverage(to_utc(start), *totals[start]) for start in sorted(totals)]


def asked_and_matched(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> tuple[dict[Place, int], dict[Place, int]]:
    """Wh that final charges took, and Wh matched to them, by area and interval."""
    hours = final_hours(organisation, starts_at, ends_at)
    allocations = valid_allocations(organisation, starts_at, ends_at)
    if site is not None:
        hours = hours.filter(**{HOUR_SITE: site})
        allocations = allocations.filter(**{ALLOCATION_SITE: site})
    taken = hours.values_list("session__area", "starts_at").annotate(wh=Sum("energy_wh"))
    given = allocations.values_list("session_hour__session__area", "session_hour__starts_at")
    matched = given.annotate(wh=Sum("retirement__amount_wh"))
    return (
        {(area, to_seconds(start)): wh for area, start, wh in taken.order_by()},
        {(area, to_seconds(start)): wh for area, start, wh in matched.order_by()},
    )


def sites_of(organisation: Organisation) -> QuerySet[Location]:
    """The sites where a company's charges were, by name."""
    used = Location.objects.filter(evses__sessions__claimant=organisation)
    return Location.objects.filter(pk__in=used.values("pk")).order_by("name", "pk")
