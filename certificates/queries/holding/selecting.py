"""Exactly which Wh of which certificates an organisation's criteria pick."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from certificates.domain.selection import Criteria, mark_of, oldest_first
from certificates.errors import SelectionRefused
from certificates.models import Device, LotAsset, Organisation
from certificates.queries.holding.holdings import Holding
from certificates.queries.plants.origins import source_is

LOOK_UP = 500  # ids in one query
FIELDS = (
    "asset_id",
    "lot_id",
    "asset__code",
    "mask",
    "lot__device_id",
    "lot__starts_at",
    "lot__length_minutes",
    "asset__balances__amount",
)


@dataclass(frozen=True, slots=True)
class DeviceSum:
    """Wh of one plant among what was picked; lots start from `first` to `last`."""

    device: Device
    lots: int
    amount_wh: int
    first: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """What would move, the oldest first; `amount_wh` of a holding is the part picked."""

    holdings: Sequence[Holding]

    @property
    def amounts(self) -> dict[int, int]:
        return {row.asset_id: row.amount_wh for row in self.holdings}

    @property
    def amount_wh(self) -> int:
        return sum(row.amount_wh for row in self.holdings)

    @property
    def mark(self) -> str:
        return mark_of((row.asset_id, row.amount_wh) for row in self.holdings)


def select(organisation: Organisation, criteria: Criteria) -> Selection:
    """What the criteria pick of the organisation's main account.

    Raises: SelectionRefused when nothing or not enough is there.
    """
    criteria.check()
    rows = _picked(organisation, criteria) if criteria.picked else _found(organisation, criteria)
    if not rows:
        raise SelectionRefused(
            f"{organisation.name} holds no certificate that fits what was asked for. Choose "
            "other plants or another period."
        )
    return Selection(rows)


def held_in(account_id: int) -> list[Holding]:
    """All certificates in one account, the oldest first."""
    found = LotAsset.objects.filter(
        asset__balances__account=account_id, asset__balances__amount__gt=0
    )
    rows = found.order_by("lot__starts_at", "asset__code").values_list(*FIELDS)
    return [Holding(*row) for row in rows]


def device_sums(selection: Selection) -> list[DeviceSum]:
    """What is picked of each plant, the largest first."""
    rows: dict[int, list[Holding]] = {}
    for row in selection.holdings:
        rows.setdefault(row.device_id, []).append(row)
    devices = Device.objects.select_related("area").in_bulk(list(rows))
    sums = [
        DeviceSum(
            device=devices[pk],
            lots=len(held),
            amount_wh=sum(row.amount_wh for row in held),
            first=held[0].starts_at,
            ends_at=held[-1].starts_at + timedelta(minutes=held[-1].length_minutes),
        )
        for pk, held in rows.items()
    ]
    return sorted(sums, key=lambda each: -each.amount_wh)


def _found(organisation: Organisation, criteria: Criteria) -> list[Holding]:
    found = LotAsset.objects.filter(
        asset__balances__account=organisation.account_id, asset__balances__amount__gt=0
    )
    if criteria.gsrns:
        found = found.filter(lot__device__gsrn__in=criteria.gsrns)
    if criteria.technology:
        begins = source_is("lot", technology_code__startswith=criteria.technology)
        found = found.filter(begins)
    if criteria.area:
        found = found.filter(lot__device__area__code=criteria.area)
    if criteria.starts_at:
        found = found.filter(lot__starts_at__gte=criteria.starts_at)
    if criteria.ends_at:
        found = found.filter(lot__starts_at__lt=criteria.ends_at)
    rows = found.order_by("lot__starts_at", "asset__code").values_list(*FIELDS)
    return _up_to([Holding(*row) for row in rows], criteria.amount_wh)


def _up_to(rows: list[Holding], amount_wh: int | None) -> list[Holding]:
    if amount_wh is None:
        return rows
    parts = oldest_first([(row.asset_id, row.amount_wh) for row in rows], amount_wh)
    whole = rows[: len(parts)]
    return [
        row if row.amount_wh == wh else replace(row, amount_wh=wh)
        for row, (_, wh) in zip(whole, parts, strict=True)
    ]


def _picked(organisation: Organisation, criteria: Criteria) -> list[Holding]:
    assets = sorted(criteria.picked)
    rows: list[Holding] = []
    for begin in range(0, len(assets), LOOK_UP):
        found = LotAsset.objects.filter(
            asset__in=assets[begin : begin + LOOK_UP],
            asset__balances__account=organisation.account_id,
        )
        rows += [Holding(*row) for row in found.values_list(*FIELDS)]
    held = {row.asset_id: row.amount_wh for row in rows}
    short = [asset for asset in assets if held.get(asset, 0) < criteria.picked[asset]]
    if short:
        lines = "; ".join(
            f"certificate {asset}: {held.get(asset, 0)} Wh held, {criteria.picked[asset]} Wh asked"
            for asset in short[:20]
        )
        more = f"; and {len(short) - 20} more" if len(short) > 20 else ""
        raise SelectionRefused(f"{organisation.name} has not that much: {lines}{more}.")
    picked = [replace(row, amount_wh=criteria.picked[row.asset_id]) for row in rows]
    return sorted(picked, key=lambda row: (row.starts_at, row.code))
