"""Which intervals data have touched since they were matched, told from their state alone.

There is no list of marks that could lose one: an interval needs matching when it was never
closed, when it has open demand and held generation side by side, or when a retirement of its
last round fell. Asking is a few sums; where nothing changed there is nothing to do.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from certificates.models import Area, Organisation
from charging.domain.local_time import to_seconds, to_utc
from charging.models import ClosedInterval
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.demand import Place, demand_by_interval, open_places, reopened
from charging.queries.matching.supply import held_assets

Period = tuple[datetime, datetime]
Ready = Callable[[int, datetime], bool]  # an interval, by its area's id and its end


def touched_intervals(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    ready: Ready | None = None,
) -> list[Place]:
    """(area id, start in seconds since 1970) of intervals to match, in time order.

    `ends_at` is where intervals are still provisional; one that reaches beyond is left alone,
    and so is one that is not `ready`.
    """
    demand = demand_by_interval(organisation, starts_at, ends_at)
    held = {asset.place for asset in held_assets(organisation, starts_at, ends_at)}
    if coupled_areas():  # generation elsewhere may serve; matching finds out where it may not
        moments = {start for _, start in held}
        held |= {place for place in demand if place[1] in moments}
    closed = ClosedInterval.objects.filter(
        organisation=organisation, starts_at__gte=starts_at, starts_at__lt=ends_at
    ).values_list("area", "starts_at")
    known = {(area, to_seconds(start)) for area, start in closed}
    open_demand = open_places(organisation, starts_at, ends_at)
    lost = {(area, to_seconds(start)) for area, start in reopened(organisation, starts_at, ends_at)}
    wanted = (demand.keys() - known) | (open_demand & held) | lost
    minutes = dict(Area.objects.values_list("pk", "matching_minutes"))
    ends = {place: place[1] + minutes[place[0]] * 60 for place in wanted}
    last = to_seconds(ends_at)
    return sorted(
        (
            place
            for place, end in ends.items()
            if end <= last and (ready is None or ready(place[0], to_utc(end)))
        ),
        key=lambda place: (place[1], place[0]),
    )


def days_of(places: Sequence[Place]) -> list[Period]:
    """For each UTC day with touched intervals, from the first of them to the end of the last."""
    minutes = dict(Area.objects.values_list("pk", "matching_minutes"))
    days: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        days[f"{to_utc(place[1]):%Y-%m-%d}"].append(place)
    return [
        (
            to_utc(min(start for _, start in day)),
            max(to_utc(start) + timedelta(minutes=minutes[area]) for area, start in day),
        )
        for _, day in sorted(days.items())
    ]
