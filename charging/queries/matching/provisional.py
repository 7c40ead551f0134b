"""What is not closed yet at a company, and what it would come to if it closed now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from certificates.models import Organisation
from charging.domain.local_time import to_seconds
from charging.models import ClosedInterval, Location, ProvisionalHour
from charging.queries.matching.closing import closing_at
from charging.queries.matching.demand import LONGEST, Place, final_hours

HOUR_SITE = "session__evse__location"


@dataclass(frozen=True, slots=True)
class OpenInterval:
    """An area's interval that is not closed: it may close from `closes_at` on.

    `provisional_wh` would be matched to final charges then, as things stand; nothing of it is
    booked.
    """

    provisional_wh: int
    closes_at: datetime


def open_intervals(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    site: Location | None = None,
) -> dict[Place, OpenInterval]:
    """The open intervals of the period in which final charges took something, by place."""
    hours = final_hours(organisation, starts_at, ends_at)
    planned = ProvisionalHour.objects.filter(
        session_hour__session__claimant=organisation,
        session_hour__session__started_at__gt=starts_at - LONGEST,
        session_hour__session__started_at__lt=ends_at,
        session_hour__starts_at__gte=starts_at,
        session_hour__starts_at__lt=ends_at,
    )
    if site is not None:
        hours = hours.filter(**{HOUR_SITE: site})
        planned = planned.filter(**{f"session_hour__{HOUR_SITE}": site})
    closed = set(
        ClosedInterval.objects.filter(
            organisation=organisation, starts_at__gte=starts_at, starts_at__lt=ends_at
        ).values_list("area", "starts_at")
    )
    so_far = _by_interval(planned)
    closing = closing_at(now)
    asked = hours.values_list("session__area", "starts_at", "length_minutes").distinct().order_by()
    return {
        (area, to_seconds(start)): OpenInterval(
            so_far.get((area, start), 0), closing.closes_at(area, start, minutes)
        )
        for area, start, minutes in asked
        if (area, start) not in closed
    }


def _by_interval(planned: QuerySet[ProvisionalHour]) -> dict[tuple[int, datetime], int]:
    """Wh by area and start."""
    places = planned.values_list("session_hour__session__area", "session_hour__starts_at")
    rows = places.annotate(wh=Sum("tracked_wh")).order_by()
    return {(area, start): wh for area, start, wh in rows}
