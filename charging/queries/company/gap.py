"""What is missing for a company's charges, and who holds generation that would fill it.

Wishes count: what a charge is never to get fills nothing of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from certificates.models import Organisation
from charging.domain.filling import Filling, fill
from charging.domain.local_time import to_utc
from charging.domain.matching import Demand, in_force
from charging.domain.matching.terms import Couplings
from charging.models import Location
from charging.queries.company.fillers import Asking, supply_of
from charging.queries.company.missing import missing_demands
from charging.queries.company.others import by_start, held_by_others, wh_of_others
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.supply import HeldAsset, held_assets
from charging.queries.matching.wishes import Wishes, wishes_of

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Gap:
    """Wh missing in one area and interval, and where certificates that would fill it are.

    `own_wh` the company holds itself and has not matched yet, `others_wh` others hold; each
    counts only as far as it is needed, the company's own first. `barred_wh` more are there,
    and nothing of them is what the charges that still miss something take.
    """

    area_id: int
    starts_at: datetime
    missing_wh: int
    own_wh: int
    others_wh: int
    barred_wh: int = 0

    @property
    def nowhere_wh(self) -> int:
        """What nobody here holds certificates for."""
        return self.missing_wh - self.own_wh - self.others_wh - self.barred_wh


@dataclass(frozen=True, slots=True)
class GapReading:
    """The gaps of a period in time order, and what they are made of."""

    gaps: list[Gap]
    asking: Asking
    wishes: Wishes


def gaps(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> list[Gap]:
    """Every area and interval of the period where something is missing, in time order."""
    return read_gaps(organisation, starts_at, ends_at, site).gaps


def read_gaps(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> GapReading:
    """The same with what the charges of each interval ask for."""
    period = (organisation, starts_at, ends_at)
    held = held_assets(*period)
    wishes = wishes_of(*period, held)
    table = coupled_areas()
    asking = missing_demands(*period, wishes, site)
    coupled = {start: in_force(table, to_utc(start)) for start in asking}
    special = {start for start in asking if _is_special(asking[start], coupled[start])}
    found = _plain_gaps(period, {s: asking[s] for s in asking if s not in special}, held)
    if special:
        others = held_by_others(organisation, to_utc(min(special)), ends_at)
        own_at, others_at = by_start(held), by_start(others)
        for start in special:
            own = [wishes.supply(asset) for asset in own_at[start]]
            theirs = [supply_of(one, wishes, n) for n, one in enumerate(others_at[start])]
            filled = fill(asking[start], own, theirs, coupled[start])
            found += _filled_gaps(start, asking[start], filled)
    found.sort(key=lambda gap: (gap.starts_at, gap.area_id))
    return GapReading(found, asking, wishes)


def _plain_gaps(
    period: tuple[Organisation, datetime, datetime], asking: Asking, held: Iterable[HeldAsset]
) -> list[Gap]:
    """Gaps where every charge takes whatever its area has."""
    if not asking:
        return []
    own = _sums((asset.place, asset.amount_wh) for asset in held)
    others = wh_of_others(*period)
    found = []
    for start, demands in asking.items():
        for area, wh in _sums((int(one.area), one.amount_wh) for one in demands).items():
            mine = min(wh, own.get((area, start), 0))
            theirs = min(wh - mine, others.get((area, start), 0))
            found.append(Gap(area, to_utc(start), wh, mine, theirs))
    return found


def _filled_gaps(
    start: int, demands: Sequence[Demand], filled: Mapping[str, Filling]
) -> Iterator[Gap]:
    for area, wh in _sums((one.area, one.amount_wh) for one in demands).items():
        one = filled[area]
        yield Gap(int(area), to_utc(start), wh, one.own_wh, one.others_wh, one.barred_wh)


def _is_special(demands: Sequence[Demand], couplings: Couplings) -> bool:
    """Whether some generation of the area is not for everybody, or some from elsewhere is."""
    return bool(couplings) or any(one.strict or one.site for one in demands)


def _sums(amounts: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    sums: dict[Key, int] = defaultdict(int)
    for key, wh in amounts:
        sums[key] += wh
    return dict(sums)
