"""What is missing for a company's charges, and who holds generation that would fill it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum

from certificates.models import Area, Organisation
from charging.domain.local_time import to_seconds, to_utc
from charging.models import Location
from charging.queries.company.coverage import ALLOCATION_SITE, HOUR_SITE
from charging.queries.matching.demand import Place, final_hours, valid_allocations
from charging.queries.matching.supply import LOT_ASSET, held_assets, interval_of
from ledger.models import Balance

LOT = f"{LOT_ASSET}__lot"


@dataclass(frozen=True, slots=True)
class Filler:
    """A plant whose certificates of the hour and area others hold and have not retired (Wh)."""

    device: str
    gsrn: str
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Wh missing in one area and interval, and where certificates of the same one are.

    `own_wh` the company holds itself and has not matched yet, `others_wh` others hold; each
    counts only as far as it is needed, the company's own first.
    """

    area_id: int
    starts_at: datetime
    missing_wh: int
    own_wh: int
    others_wh: int

    @property
    def nowhere_wh(self) -> int:
        """What nobody here holds certificates for."""
        return self.missing_wh - self.own_wh - self.others_wh


def gaps(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> list[Gap]:
    """Every area and interval of the period where something is missing, in time order."""
    missing = missing_by_interval(organisation, starts_at, ends_at, site)
    own = _sums((one.place, one.amount_wh) for one in held_assets(organisation, starts_at, ends_at))
    others = _others_by_interval(organisation, starts_at, ends_at) if missing else {}
    found = []
    for place, wh in sorted(missing.items(), key=lambda item: (item[0][1], item[0][0])):
        mine = min(wh, own.get(place, 0))
        theirs = min(wh - mine, others.get(place, 0))
        found.append(Gap(place[0], to_utc(place[1]), wh, mine, theirs))
    return found


def missing_by_interval(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> dict[Place, int]:
    """Wh that final charges took and that nothing covers, where there are any.

    Counted hour by hour of each charge: one that has more than it took covers no other.
    """
    hours = final_hours(organisation, starts_at, ends_at)
    allocations = valid_allocations(organisation, starts_at, ends_at)
    if site is not None:
        hours = hours.filter(**{HOUR_SITE: site})
        allocations = allocations.filter(**{ALLOCATION_SITE: site})
    covered = dict(
        allocations.values_list("session_hour").annotate(wh=Sum("retirement__amount_wh")).order_by()
    )
    missing: dict[Place, int] = defaultdict(int)
    rows = hours.values_list("pk", "session__area", "starts_at", "energy_wh")
    for pk, area, start, wh in rows.iterator(chunk_size=10_000):
        if wh > covered.get(pk, 0):
            missing[area, to_seconds(start)] += wh - covered.get(pk, 0)
    return dict(missing)


def fillers(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    minutes: Mapping[int, int],
) -> dict[Place, list[Filler]]:
    """What others hold of lots made in the period, by area and interval, the most first.

    `minutes` are the areas looked at, with the length of their matching intervals.
    """
    names = ("area", "name", "gsrn")
    rows = (
        _held_by_others(organisation, starts_at, ends_at)
        .filter(**{f"{LOT}__device__area__in": set(minutes)})
        .values_list(
            *(f"{LOT}__device__{name}" for name in names),
            f"{LOT}__starts_at",
            f"{LOT}__length_minutes",
        )
        .annotate(wh=Sum("amount"))
        .order_by()
    )
    sums: dict[tuple[Place, str, str], int] = defaultdict(int)
    for area, device, gsrn, start, length, wh in rows:
        interval = interval_of(to_seconds(start), length, minutes[area])
        if interval is not None:
            sums[(area, interval), device, gsrn] += wh
    found: dict[Place, list[Filler]] = defaultdict(list)
    for (place, device, gsrn), wh in sorted(sums.items(), key=lambda one: (-one[1], one[0])):
        found[place].append(Filler(device, gsrn, wh))
    return found


def _others_by_interval(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[Place, int]:
    rows = (
        _held_by_others(organisation, starts_at, ends_at)
        .values_list(f"{LOT}__device__area", f"{LOT}__starts_at", f"{LOT}__length_minutes")
        .annotate(wh=Sum("amount"))
        .order_by()
    )
    minutes = matching_minutes()
    places = (
        ((area, interval_of(to_seconds(start), length, minutes[area])), wh)
        for area, start, length, wh in rows
    )
    return _sums(((area, start), wh) for (area, start), wh in places if start is not None)


def _held_by_others(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> QuerySet[Balance]:
    made: dict[str, Any] = {f"{LOT}__starts_at__gte": starts_at, f"{LOT}__starts_at__lt": ends_at}
    # What lies in an account beside the main one is reserved or locked: nobody can pass it on.
    held = Balance.objects.filter(
        amount__gt=0, account__system="", account__sub_account__isnull=True, **made
    )
    return held.exclude(account=organisation.account_id)


def matching_minutes() -> dict[int, int]:
    """The length of each area's matching interval."""
    return dict(Area.objects.values_list("pk", "matching_minutes"))


def _sums(amounts: Iterable[tuple[Place, int]]) -> dict[Place, int]:
    sums: dict[Place, int] = defaultdict(int)
    for place, wh in amounts:
        sums[place] += wh
    return sums
