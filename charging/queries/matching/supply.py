"""What generation a company has for each interval."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from certificates.models import Agreement, Area, Lot, LotAsset, Organisation
from charging.domain.local_time import to_seconds
from charging.domain.matching import share_of
from charging.models import Allocation
from charging.queries.matching.demand import Place, beside_indexes, valid_allocations
from ledger.models import Balance

RENEWABLE = 1
LOT_ASSET = "asset__lot_asset"
LotRow = tuple[int, datetime, int, int]  # area id, start, minutes, Wh


@dataclass(frozen=True, slots=True)
class HeldAsset:
    """Wh of one asset a company holds, in the area and interval where they can be used."""

    asset_id: int
    code: str
    lot_id: int
    mask: int
    place: Place
    amount_wh: int


def held_assets(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[HeldAsset]:
    """What a company holds of lots made in the period, in one query.

    A lot longer than its area's interval, or across two, is too coarse and left out.
    """
    rows = _held(organisation, starts_at, ends_at).values_list(
        "asset_id",
        "asset__code",
        f"{LOT_ASSET}__lot_id",
        f"{LOT_ASSET}__mask",
        f"{LOT_ASSET}__lot__device__area",
        f"{LOT_ASSET}__lot__starts_at",
        f"{LOT_ASSET}__lot__length_minutes",
        "amount",
    )
    minutes = dict(Area.objects.values_list("pk", "matching_minutes"))
    held = []
    for asset, code, lot, mask, area, start, length, amount in rows:
        interval = interval_of(to_seconds(start), length, minutes[area])
        if interval is not None:
            held.append(HeldAsset(asset, code, lot, mask, (area, interval), amount))
    return held


def supply_from_agreements(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, ppm: int
) -> dict[Place, int]:
    """Wh by interval if the devices under agreement had given this share of every lot."""
    return gather(agreed_lots(organisation, starts_at, ends_at, ppm))


def agreed_lots(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, ppm: int
) -> list[LotRow]:
    """This share of every lot of the devices under agreement, rounded down as agreements are."""
    agreed = Agreement.objects.filter(to=organisation, device__whole_certificates=False)
    devices = agreed.values("device")
    rows = _lots(starts_at, ends_at).filter(device__in=devices)
    return [(area, start, minutes, share_of(amount, ppm)) for area, start, minutes, amount in rows]


def supply_received(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[Place, int]:
    """Wh by interval that a company holds or has used for its charges."""
    return gather(received_lots(organisation, starts_at, ends_at))


def received_lots(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[LotRow]:
    """What a company holds of lots made in the period, or has used for charges of it."""
    used = valid_allocations(organisation, starts_at, ends_at)
    return [*held_lots(organisation, starts_at, ends_at), *_by_lot(used)]


def held_lots(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> list[LotRow]:
    """What a company holds of lots made in the period."""
    return list(
        _held(organisation, starts_at, ends_at).values_list(
            f"{LOT_ASSET}__lot__device__area",
            f"{LOT_ASSET}__lot__starts_at",
            f"{LOT_ASSET}__lot__length_minutes",
            "amount",
        )
    )


def used_lots(organisation: Organisation, hours: Collection[datetime]) -> list[LotRow]:
    """What a company has used for charges of these hours."""
    of_hours = Allocation.objects.alias(whose=beside_indexes("session_hour__session__claimant"))
    return _by_lot(
        of_hours.standing().filter(session_hour__starts_at__in=hours, whose=organisation.pk)
    )


def gather(rows: Iterable[LotRow], minutes: int | None = None) -> dict[Place, int]:
    """Wh by area and interval, too coarse lots left out.

    Intervals are those of the areas (`None`), of so many minutes, or (0) the lots' own,
    whatever their length.
    """
    own = dict(Area.objects.values_list("pk", "matching_minutes")) if minutes is None else {}
    supply: dict[Place, int] = defaultdict(int)
    for area, start, length, amount in rows:
        wide = own[area] if minutes is None else minutes or length
        interval = interval_of(to_seconds(start), length, wide)
        if interval is not None and amount:
            supply[area, interval] += amount
    return dict(supply)


def interval_of(start: int, length_minutes: int, matching_minutes: int) -> int | None:
    """The start of the interval that holds a lot (seconds since 1970); `None` if too coarse."""
    seconds = matching_minutes * 60
    interval = start - start % seconds
    return interval if start + length_minutes * 60 <= interval + seconds else None


def _by_lot(used: QuerySet[Allocation]) -> list[LotRow]:
    lot = ("device__area", "starts_at", "length_minutes")
    return list(
        used.values_list(*(f"retirement__lot__{name}" for name in lot))
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by()
    )


def _lots(starts_at: datetime, ends_at: datetime):  # type: ignore[no-untyped-def]
    issued = Lot.objects.standing().filter(starts_at__gte=starts_at, starts_at__lt=ends_at)
    return issued.values_list("device__area", "starts_at", "length_minutes", "amount_wh")


def _held(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> QuerySet[Balance]:
    # First what was made then, then who holds it: a company holds much more than a day's lots.
    made = LotAsset.objects.filter(
        lot__starts_at__gte=starts_at,
        lot__starts_at__lt=ends_at,
        lot__device__whole_certificates=False,  # a part of a MWh of these cannot be used
    )
    return Balance.objects.filter(
        account=organisation.account_id, amount__gt=0, asset__in=made.values("pk")
    )
