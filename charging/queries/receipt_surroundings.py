"""The hours of a charge and those around it: what is closed, what was there, what was better."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from charging.domain.local_time import to_utc
from charging.models import ClosedInterval, Session
from charging.queries.demand import demand_by_interval
from charging.queries.grid import Intensity
from charging.queries.receipt_facts import OtherHour
from charging.queries.supply import supply_received

REACH = timedelta(hours=12)  # how far away another hour may lie
OPEN_YET = "This hour is not closed yet."
NOTHING_HELD = "No generation was held for this hour."
TOO_LITTLE = (
    "Less was generated for this hour than all charges together took; it was shared in proportion."
)
LATER = "Generation is held for this hour and will be matched in the next round."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`hours`: (id, start, minutes, Wh, renewable Wh so far) of the charge's hours; `supply`
    and `demand`: Wh of the claimant by interval start, from `REACH` before the charge to
    `REACH` after.
    """

    hours: tuple[tuple[int, datetime, int, int, int], ...]
    closed: frozenset[datetime]
    supply: dict[datetime, int]
    demand: dict[datetime, int]

    @property
    def first(self) -> datetime:
        """The start of the first hour."""
        return self.hours[0][1]

    @property
    def last(self) -> datetime:
        """The start of the last hour."""
        return self.hours[-1][1]

    def why_unmatched(self, starts_at: datetime) -> str:
        """Why a part of an hour has no generation."""
        if starts_at not in self.closed:
            return OPEN_YET
        supply = self.supply.get(starts_at, 0)
        if not supply:
            return NOTHING_HELD
        return TOO_LITTLE if supply < self.demand.get(starts_at, 0) else LATER

    def best_other_hour(self, grid: dict[datetime, Intensity]) -> OtherHour | None:
        """The hour nearby with the most generation left over; else with the cleanest grid."""
        own = {start for _, start, *_ in self.hours}
        spare = {
            start: supply - self.demand.get(start, 0)
            for start, supply in self.supply.items()
            if start not in own and supply > self.demand.get(start, 0)
        }
        if spare:
            best = max(spare, key=lambda start: (spare[start], start))
        else:
            near = [
                start
                for start in grid
                if start not in own and self.first - REACH <= start <= self.last + REACH
            ]
            if not near:
                return None
            best = min(near, key=lambda start: (grid[start].ug_per_wh, start))
        figure = grid.get(best)
        return OtherHour(best, spare.get(best, 0), figure.ug_per_wh if figure else None)


def surroundings_of(session: Session, fallen: Collection[tuple[int, int]] = ()) -> Surroundings:
    """The hours of a charge and what its claimant had around them.

    `fallen`: (hour id, matching run id) of matches that came to nothing. An hour that lost
    one of its last round is open again.
    """
    rows = session.hours.order_by("starts_at")
    so_far = Coalesce("provisional__renewable_wh", 0)
    hours = tuple(rows.values_list("pk", "starts_at", "length_minutes", "energy_wh", so_far))
    first, last = hours[0][1], hours[-1][1]
    area, claimant = session.area_id, session.claimant
    closed = ClosedInterval.objects.filter(
        organisation=claimant, area=area, starts_at__gte=first, starts_at__lte=last
    ).values_list("starts_at", "run")
    ids = {start: pk for pk, start, *_ in hours}
    begin, end = first - REACH, last + REACH + timedelta(hours=1)
    return Surroundings(
        hours=hours,
        closed=frozenset(start for start, run in closed if (ids.get(start), run) not in fallen),
        supply=_of_area(supply_received(claimant, begin, end), area),
        demand=_of_area(demand_by_interval(claimant, begin, end), area),
    )


def _of_area(places: dict[tuple[int, int], int], area: int) -> dict[datetime, int]:
    return {to_utc(start): wh for (owner, start), wh in places.items() if owner == area}
