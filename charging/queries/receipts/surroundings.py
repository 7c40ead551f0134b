"""The hours of a charge and those around it: what is closed, what was there, what was better."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models.functions import Coalesce

from charging.domain.local_time import to_utc
from charging.models import ClosedInterval, Session
from charging.queries.grid import Intensity
from charging.queries.matching.demand import demand_at
from charging.queries.matching.supply import LotRow, gather, held_lots, used_lots
from charging.queries.receipts.facts import OtherHour

REACH = timedelta(hours=12)  # how far away another hour may lie
FIRST = 4  # hours that are asked together before all others
OPEN_YET = "This hour is not closed yet."
NOTHING_HELD = "No generation was held for this hour."
TOO_LITTLE = (
    "Less was generated for this hour than all charges together took; it was shared in proportion."
)
LATER = "Generation is held for this hour and will be matched in the next round."


@dataclass(frozen=True)
class Surroundings:
    """`hours`: (id, start, minutes, Wh, renewable Wh so far) of the charge's hours. What its
    claimant had and took in an hour is asked only where the receipt turns on it: a year of a
    large company is long.
    """

    session: Session
    hours: tuple[tuple[int, datetime, int, int, int], ...]
    closed: frozenset[datetime]

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
        held = self._held.get(starts_at, 0)
        used, demand = self._first_turnover
        supply = held + used.get(starts_at, 0)
        if not supply:
            return NOTHING_HELD
        return TOO_LITTLE if supply < demand.get(starts_at, 0) else LATER

    def best_other_hour(self, grid: dict[datetime, Intensity]) -> OtherHour | None:
        """The hour nearby with the most generation left over; else with the cleanest grid."""
        best, spare = self._most_spare()
        own = {start for _, start, *_ in self.hours}
        if best is None:
            near = [
                start
                for start in grid
                if start not in own and self.first - REACH <= start <= self.last + REACH
            ]
            if not near:
                return None
            best = min(near, key=lambda start: (grid[start].ug_per_wh, start))
        figure = grid.get(best)
        return OtherHour(best, spare, figure.ug_per_wh if figure else None)

    def _most_spare(self) -> tuple[datetime | None, int]:
        """The other hour with the most Wh held that no open charge asks for, the latest of equals.

        Nothing beyond what is held is ever spare; so the hours with the most held are asked
        first, and the others only where one of them could have more.
        """
        order = self._others
        best: tuple[int, datetime] = (0, self.first)
        for some in (order[:FIRST], order[FIRST:]):
            if not some or some[0] <= best:
                break
            is_first = some[0] == order[0]
            used, demand = (
                self._first_turnover if is_first else self._turnover([at for _, at in some])
            )
            for held, start in some:
                left = held + used.get(start, 0) - demand.get(start, 0)
                best = max(best, (min(held, left), start)) if left > 0 else best
        return (best[1], best[0]) if best[0] else (None, 0)

    @cached_property
    def _held(self) -> dict[datetime, int]:
        """Wh that the claimant holds of each hour, from `REACH` before the charge to as far after.

        None of an hour without any.
        """
        begin, end = self.first - REACH, self.last + REACH + timedelta(hours=1)
        held = held_lots(self.session.claimant, begin, end)
        return self._of_area(held)

    @cached_property
    def _others(self) -> list[tuple[int, datetime]]:
        """What is held of the other hours, the most first, the latest of equals."""
        own = {start for _, start, *_ in self.hours}
        others = ((held, start) for start, held in self._held.items() if start not in own)
        return sorted(others, reverse=True)

    @cached_property
    def _first_turnover(self) -> tuple[dict[datetime, int], dict[datetime, int]]:
        """That of the charge's own closed hours, and of the hours with the most held, at once."""
        own = [start for _, start, *_ in self.hours if start in self.closed]
        return self._turnover([*own, *(start for _, start in self._others[:FIRST])])

    def _turnover(
        self, hours: Sequence[datetime]
    ) -> tuple[dict[datetime, int], dict[datetime, int]]:
        """Wh of these hours that the claimant's charges use, and Wh that they took."""
        claimant, area = self.session.claimant, self.session.area_id
        took = demand_at(claimant, hours).items()
        demand = {to_utc(start): wh for (owner, start), wh in took if owner == area}
        return self._of_area(used_lots(claimant, hours)), demand

    def _of_area(self, lots: Iterable[LotRow]) -> dict[datetime, int]:
        area = self.session.area
        places = gather((lot for lot in lots if lot[0] == area.pk), area.matching_minutes)
        return {to_utc(start): wh for (_, start), wh in places.items()}


def surroundings_of(session: Session, fallen: Collection[tuple[int, int]] = ()) -> Surroundings:
    """The hours of a charge and what its claimant had around them.

    `fallen`: (hour id, matching run id) of matches that came to nothing. An hour that lost
    one of its last round is open again.
    """
    rows = session.hours.order_by("starts_at")
    so_far = Coalesce("provisional__renewable_wh", 0)
    hours = tuple(rows.values_list("pk", "starts_at", "length_minutes", "energy_wh", so_far))
    closed = ClosedInterval.objects.filter(
        organisation=session.claimant_id,
        area=session.area_id,
        starts_at__gte=hours[0][1],
        starts_at__lte=hours[-1][1],
    ).values_list("starts_at", "run")
    ids = {start: pk for pk, start, *_ in hours}
    return Surroundings(
        session=session,
        hours=hours,
        closed=frozenset(start for start, run in closed if (ids.get(start), run) not in fallen),
    )
