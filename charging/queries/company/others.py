"""Certificates that others hold and have not used: whose plants', of which area and interval."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.db.models import QuerySet, Sum

from certificates.models import Area, Organisation
from certificates.queries.plants.origins import ENERGY_SOURCE, of_source
from certificates.queries.plants.ownership import changed_owners
from charging.domain.local_time import to_seconds
from charging.queries.matching.demand import Place
from charging.queries.matching.supply import LOT_ASSET, RENEWABLE, interval_of
from ledger.models import Balance

LOT = f"{LOT_ASSET}__lot"


class Placed(Protocol):
    """Something that can be used in one area and interval."""

    @property
    def place(self) -> Place:
        """Area and start of the interval."""


Row = TypeVar("Row", bound=Placed)


@dataclass(frozen=True, slots=True)
class HeldByOthers:
    """Wh of one plant made in an area and interval, as matching would ask for them.

    `supplier` is whose the plant was then; `place` the interval in which they can be used.
    """

    place: Place
    device_id: int
    device: str
    gsrn: str
    supplier: str
    source: str
    renewable: bool
    amount_wh: int = 0


def wh_of_others(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[Place, int]:
    """What others hold of lots made in the period, by area and interval, in two queries."""
    rows = (
        _held_by_others(organisation, starts_at, ends_at)
        .values_list(f"{LOT}__device__area", f"{LOT}__starts_at", f"{LOT}__length_minutes")
        .annotate(wh=Sum("amount"))
        .order_by()
    )
    minutes = matching_minutes()
    sums: dict[Place, int] = defaultdict(int)
    for area, start, length, wh in rows:
        interval = interval_of(to_seconds(start), length, minutes[area])
        if interval is not None:
            sums[area, interval] += wh
    return dict(sums)


def held_by_others(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[HeldByOthers]:
    """The same plant by plant, with what a wish may ask for, in three queries."""
    of_plant = ("pk", "area", "name", "gsrn", "organisation__slug")
    rows = list(
        _held_by_others(organisation, starts_at, ends_at)
        .values_list(
            *(f"{LOT}__device__{name}" for name in of_plant),
            of_source(LOT, ENERGY_SOURCE),
            f"{LOT_ASSET}__mask",
            f"{LOT}__starts_at",
            f"{LOT}__length_minutes",
        )
        .annotate(wh=Sum("amount"))
        .order_by()
    )
    owners = changed_owners(row[0] for row in rows)
    minutes = matching_minutes()
    sums: dict[HeldByOthers, int] = defaultdict(int)
    for device, area, name, gsrn, owner, source, mask, start, length, wh in rows:
        interval = interval_of(to_seconds(start), length, minutes[area])
        if interval is not None:
            supplier = owners[device].at(start).slug if device in owners else owner
            renewable = bool(mask & RENEWABLE)
            place = (area, interval)
            sums[HeldByOthers(place, device, name, gsrn, supplier, source, renewable)] += wh
    return [replace(one, amount_wh=wh) for one, wh in sums.items()]


def by_start(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    """What is held, gathered by the interval in which it can be used."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.place[1]].append(row)
    return found


def matching_minutes() -> dict[int, int]:
    """The length of each area's matching interval."""
    return dict(Area.objects.values_list("pk", "matching_minutes"))


def _held_by_others(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> QuerySet[Balance]:
    made: dict[str, Any] = {
        f"{LOT}__starts_at__gte": starts_at,
        f"{LOT}__starts_at__lt": ends_at,
        f"{LOT}__device__whole_certificates": False,  # a part of a MWh of these cannot be used
    }
    # What lies in an account beside the main one is reserved or locked: nobody can pass it on.
    held = Balance.objects.filter(
        amount__gt=0, account__system="", account__sub_account__isnull=True, **made
    )
    return held.exclude(account=organisation.account_id)
