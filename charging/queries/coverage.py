"""Coverage of a company's charges, hour by day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from certificates.models import Organisation
from charging.domain.local_time import to_utc
from charging.queries.demand import Place, demand_by_interval, matched_by_interval
from charging.queries.supply import held_assets


@dataclass(frozen=True, slots=True)
class IntervalCoverage:
    """Wh that charges took in one interval, that were matched, and that are left over."""

    starts_at: datetime
    demand_wh: int
    matched_wh: int
    spare_wh: int


def coverage(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[IntervalCoverage]:
    """Every interval of the period with demand or generation, in time order.

    Several areas in one interval are added up.
    """
    demand = demand_by_interval(organisation, starts_at, ends_at)
    matched = matched_by_interval(organisation, starts_at, ends_at)
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
