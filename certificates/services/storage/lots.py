"""Writing the lots of what storage gave back: kind 2, of the plant that generated it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from certificates.domain.lot_facts import device_facts, instant, interval_facts, storage_facts
from certificates.domain.sharing import Fixed, entitlement, shares
from certificates.models import (
    ChargeAllocation,
    Device,
    DischargePart,
    EmissionFactor,
    Lot,
    LotAsset,
    StorageRecord,
    entry_stands,
)
from certificates.queries.holding.agreements import StandingShare, standing_shares
from certificates.queries.lot_data import origin_row
from certificates.queries.plants.factors import factor_name
from certificates.queries.plants.ownership import owners_of
from certificates.services.storage.devices import locked_storage
from certificates.signals import lots_issued
from ledger.domain.lot_data import data_leaf
from ledger.domain.token_id import EMISSIONS, STORAGE_DISCHARGE, TokenId, minute_of
from ledger.models import Account, Entry
from ledger.services.accounts import create_certificate_assets, system_account
from ledger.services.book import Draft, Move, post_entries

MINUTE = timedelta(minutes=1)
AT_ONCE = 500  # rows in one statement
LOOK_UP = 500  # instants in one query


@dataclass(frozen=True, slots=True)
class Origin:
    """What must not be mixed in one lot: the plant, the quality, the attributes, the factor."""

    source: Device
    quality: str
    mask: int
    factor: EmissionFactor | None
    factor_ug_per_wh: int | None


@dataclass(frozen=True, slots=True)
class DischargeLot:
    """A lot to be written: what a discharge gave back of one origin, charge by charge."""

    discharge: StorageRecord
    origin: Origin
    parts: Sequence[DischargePart]

    @property
    def amount_wh(self) -> int:
        return sum(part.given_wh for part in self.parts)

    @property
    def length_minutes(self) -> int:
        return (self.discharge.ends_at - self.discharge.starts_at) // MINUTE


def origin_of(allocation: ChargeAllocation) -> Origin:
    """Of what was retired for a charge. The factor is that of the generation: losses change
    how much comes back, not what making one Wh emitted. Without the attribute there is none."""
    lot, mask = allocation.retirement.lot, allocation.retirement.mask
    tells = bool(mask & EMISSIONS)
    return Origin(
        source=lot.source,
        quality=lot.quality,
        mask=mask,
        factor=lot.factor if tells else None,
        factor_ug_per_wh=lot.factor_ug_per_wh if tells else None,
    )


def write_discharge_lots(*, device: Device, lots: Sequence[DischargeLot], now: datetime) -> None:
    """Issue the lots, each under the next free sequence of its interval, and link their parts.

    Standing agreements of the storage apply as they do to a plant. The device must be locked.
    """
    if not lots:
        return
    tokens = _tokens(device, lots)
    assets = create_certificate_assets([token.code for token in tokens])
    drafts = _drafts(device, lots, tokens, assets)
    entries = post_entries(drafts=drafts, now=now, new_assets=True)
    rows = [
        _row(device, lot, token, entry, now)
        for lot, token, entry in zip(lots, tokens, entries, strict=True)
    ]
    made = Lot.objects.bulk_create(rows, batch_size=AT_ONCE)
    LotAsset.objects.bulk_create(
        [
            LotAsset(asset_id=asset, lot=row, mask=row.mask)
            for asset, row in zip(assets, made, strict=True)
        ],
        batch_size=AT_ONCE,
    )
    for lot, row in zip(lots, made, strict=True):
        for part in lot.parts:
            part.lot = row
    lots_issued.send(sender=Lot, days=_days(lots, drafts))


def _row(device: Device, lot: DischargeLot, token: TokenId, entry: int, now: datetime) -> Lot:
    origin = lot.origin
    return Lot(
        device=device,
        starts_at=lot.discharge.starts_at,
        length_minutes=token.length,
        sequence=token.sequence,
        code=f"{token.lot:040x}",
        mask=origin.mask,
        amount_wh=lot.amount_wh,
        quality=origin.quality,
        factor=origin.factor,
        factor_ug_per_wh=origin.factor_ug_per_wh,
        generated_by=origin.source,
        entry_id=entry,
        issued_at=now,
    )


@transaction.atomic
def issue_again(*, device: Device, now: datetime) -> int:
    """Write what the chain refused anew, under the next sequence; returns how many lots."""
    device, _ = locked_storage(device)
    refused = Lot.objects.filter(device=device).exclude(entry_stands())
    rows = DischargePart.objects.filter(lot__in=refused).select_related(
        "discharge",
        "allocation__charge",
        "allocation__retirement__lot__device",
        "allocation__retirement__lot__generated_by",
        "allocation__retirement__lot__factor",
    )
    by_lot: dict[int | None, list[DischargePart]] = defaultdict(list)
    for part in rows.order_by("lot", "pk"):
        by_lot[part.lot_id].append(part)
    lots = [
        DischargeLot(parts[0].discharge, origin_of(parts[0].allocation), parts)
        for parts in by_lot.values()
    ]
    write_discharge_lots(device=device, lots=lots, now=now)
    again = [part for lot in lots for part in lot.parts]
    DischargePart.objects.bulk_update(again, ["lot"], batch_size=AT_ONCE)
    return len(lots)


def _days(lots: Sequence[DischargeLot], drafts: Sequence[Draft]) -> dict[int, set[date]]:
    """The UTC days of which each account gets something."""
    days: dict[int, set[date]] = defaultdict(set)
    for lot, draft in zip(lots, drafts, strict=True):
        for move in draft.moves:
            days[move.destination].add(lot.discharge.starts_at.astimezone(UTC).date())
    return days


def _tokens(device: Device, lots: Sequence[DischargeLot]) -> list[TokenId]:
    starts = sorted({lot.discharge.starts_at for lot in lots})
    following: dict[tuple[datetime, int], int] = defaultdict(int)
    for begin in range(0, len(starts), LOOK_UP):
        had = Lot.objects.filter(device=device, starts_at__in=starts[begin : begin + LOOK_UP])
        rows = had.values_list("starts_at", "length_minutes").annotate(last=Max("sequence"))
        following |= {(at, minutes): last + 1 for at, minutes, last in rows.order_by()}
    tokens = []
    for lot in lots:
        place = lot.discharge.starts_at, lot.length_minutes
        tokens.append(
            TokenId(
                kind=STORAGE_DISCHARGE,
                device=int(device.gsrn),
                minute=minute_of(lot.discharge.starts_at),
                length=lot.length_minutes,
                sequence=following[place],
                mask=lot.origin.mask,
            )
        )
        following[place] += 1
    return tokens


def _drafts(
    device: Device, lots: Sequence[DischargeLot], tokens: Sequence[TokenId], assets: Sequence[int]
) -> list[Draft]:
    issued = system_account(Account.System.ISSUED).pk
    agreements, owners = standing_shares(device), owners_of(device)
    before: dict[datetime, int] = defaultdict(int)
    drafts = []
    for lot, token, asset in zip(lots, tokens, assets, strict=True):
        at = lot.discharge.starts_at
        given = _given(owners.at(at).account_id, lot, agreements, before[at])
        before[at] += lot.amount_wh
        key = f"issue:{device.gsrn}:{instant(at.astimezone(UTC))}:{token.length}:{token.sequence}"
        moves = [Move(issued, account, asset, wh) for account, wh in given.items()]
        drafts.append(Draft(key, Entry.Kind.ISSUE, moves, data_leaf(_facts(device, lot))))
    return drafts


def _given(
    owner: int, lot: DischargeLot, agreements: Iterable[StandingShare], before_wh: int
) -> dict[int, int]:
    in_force = [each for each in agreements if each.holds_at(lot.discharge.starts_at)]
    parts = [(each.account, each.share_ppm) for each in in_force if each.share_ppm]
    fixed = [
        Fixed(each.account, entitlement(each.wh_per_hour, lot.length_minutes))
        for each in in_force
        if each.wh_per_hour
    ]
    return shares(lot.amount_wh, parts, owner, fixed, before_wh)


def _facts(device: Device, lot: DischargeLot) -> dict[str, str]:
    origin = lot.origin
    return (
        device_facts(
            gsrn=device.gsrn,
            technology=origin.source.technology_code,
            source=origin.source.energy_source_code,
            factor_ug_per_wh=origin.factor_ug_per_wh,
            factor=factor_name(origin.factor) if origin.factor else "",
        )
        | interval_facts(
            starts_at=lot.discharge.starts_at.astimezone(UTC),
            length_minutes=lot.length_minutes,
            amount_wh=lot.amount_wh,
            quality=origin.quality,
            file_sha256=lot.discharge.sha256,
        )
        | storage_facts(
            generated_by=origin.source.gsrn, origins=[origin_row(part) for part in lot.parts]
        )
    )
