"""Whose certificates a correction downwards may take: balances, locked until the end of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q

from certificates.domain.ownership import Owners
from certificates.domain.taking import Pocket, Rank
from certificates.models import CorrectionPart, Device, LotAsset, Organisation, SubAccount
from certificates.queries.plants.ownership import owners_of
from certificates.queries.readings.tallies import chunks
from ledger.models import Balance, Posting

Source = CorrectionPart.Source
RESERVE = SubAccount.Purpose.RESERVE
PROMISED = (SubAccount.Purpose.OFFER, SubAccount.Purpose.SCHEDULED)
LOT = "asset__lot_asset__lot"
FIELDS = (
    "pk",
    "account_id",
    "asset_id",
    f"{LOT}_id",
    f"{LOT}__starts_at",
    f"{LOT}__length_minutes",
    f"{LOT}__device_id",
    f"{LOT}__sequence",
)
LOCKED_AT_ONCE = 500  # rows in one query


@dataclass(frozen=True, slots=True)
class _Row:
    account: int
    asset: int
    lot: int
    starts_at: datetime
    length_minutes: int
    device: int
    sequence: int

    @property
    def place(self) -> tuple[int, int, int]:
        """The latest lot of an interval first."""
        return -self.sequence, self.account, self.asset


@dataclass
class Pockets:
    """What may be taken for each interval; `spend` keeps count of what was."""

    device: Device
    owners: Owners[Organisation]
    rows: dict[datetime, list[_Row]]
    reserve: list[_Row]
    received: dict[tuple[int, int], int]  # Wh by (lot, organisation), by standing agreement
    holders: dict[int, int]  # the organisation of each account
    purposes: dict[int, str]  # of sub-accounts
    left: dict[tuple[int, int], int] = field(default_factory=dict)
    whole: dict[int, int] = field(default_factory=dict)  # device by lot, of whole certificates

    def whole_group(self, pocket: Pocket) -> tuple[int, int] | None:
        """Account and device of what gives only whole MWh; none where any amount may be taken."""
        device = self.whole.get(pocket.lot)
        return None if device is None else (pocket.account, device)

    def ranks(self, starts_at: datetime, length_minutes: int) -> list[Rank]:
        """In the order in which a correction of this interval takes."""
        owner = self.owners.at(starts_at).pk
        mine = [r for r in self.rows.get(starts_at, []) if self.holders[r.account] == owner]
        # What is promised to others, or about to be used, comes after what is free.
        mine.sort(key=lambda r: self.purposes.get(r.account) in PROMISED)
        same = [r for r in mine if r.device == self.device.pk]
        other = [r for r in mine if r.device != self.device.pk]
        other = [r for r in other if r.length_minutes == length_minutes]
        # Of the reserve the interval itself comes first, then what is oldest.
        kept = [r for r in self.reserve if self.holders[r.account] == owner]
        reserve = sorted(kept, key=lambda r: r.starts_at != starts_at)
        return [
            Rank([self._pocket(Source.LOT, row) for row in same]),
            Rank([self._pocket(Source.OTHER_LOT, row) for row in other]),
            Rank([self._pocket(Source.RESERVE, row) for row in reserve]),
            Rank(list(self._by_agreement(starts_at)), pro_rata=True),
        ]

    def spend(self, pocket: Pocket, wh: int) -> None:
        """Remember that so much was taken."""
        self.left[pocket.account, pocket.asset] -= wh
        if pocket.source == Source.AGREEMENT:
            self.received[pocket.lot, pocket.holder] -= wh

    def _pocket(self, source: str, row: _Row, most: int | None = None) -> Pocket:
        wh = self.left[row.account, row.asset]
        holder = self.holders[row.account]
        wh = wh if most is None else min(wh, most)
        return Pocket(str(source), row.account, row.asset, row.lot, holder, wh)

    def _by_agreement(self, starts_at: datetime) -> Iterator[Pocket]:
        """What holders have of the lot, but no more than the agreement gave them of it."""
        rows = self.rows.get(starts_at, [])
        keys = {(row.lot, self.holders[row.account]) for row in rows}
        room = {key: self.received.get(key, 0) for key in keys}  # of all, most are others'
        for row in sorted(rows, key=lambda r: self.purposes.get(r.account) in PROMISED):
            key = row.lot, self.holders[row.account]
            if row.device == self.device.pk and room[key] > 0:
                pocket = self._pocket(Source.AGREEMENT, row, room[key])
                room[key] -= pocket.amount_wh
                yield pocket


def pockets(device: Device, starts: Sequence[datetime]) -> Pockets:
    """Balances that corrections of these intervals may take from, locked in the book's order.

    The owner's (whose the interval was) of any lot of an interval in the device's area, its
    reserve of the area, and what standing agreements gave others of the device's own lots.
    """
    owners = owners_of(device)
    mine = {owners.at(at).pk for at in starts}
    received = _received(device, owners, starts)
    holders, purposes = _accounts(mine | {party for _, party in received})
    own = [account for account, party in holders.items() if party in mine]
    reserves = [account for account in own if purposes.get(account) == RESERVE]
    rows: dict[int, _Row] = {}
    for lots in _lots_of(device, starts):
        held_of = Balance.objects.filter(
            account__in=list(holders), asset__in=list(lots), amount__gt=0
        )
        for pk, account, asset in held_of.values_list("pk", "account_id", "asset_id"):
            row = _Row(account, asset, *lots[asset])
            if account in own or row.device == device.pk:
                rows[pk] = row
    if reserves:
        in_reserve = _balances(device).filter(account__in=reserves)
        rows |= {row[0]: _Row(*row[1:]) for row in in_reserve}
    held = _lock(rows)
    found = Pockets(device, owners, defaultdict(list), [], received, holders, purposes)
    for pk, row in sorted(rows.items(), key=lambda item: item[1].place):
        found.left[row.account, row.asset] = held.get(pk, 0)
        if row.account in reserves:
            found.reserve.append(row)
        else:
            found.rows[row.starts_at].append(row)
    found.reserve.sort(key=lambda r: (r.starts_at, r.lot))
    devices = Device.objects.filter(
        whole_certificates=True, pk__in={r.device for r in rows.values()}
    )
    whole = set(devices.values_list("pk", flat=True))
    found.whole = {row.lot: row.device for row in rows.values() if row.device in whole}
    return found


def _lots_of(
    device: Device, starts: Sequence[datetime]
) -> Iterator[dict[int, tuple[int, datetime, int, int, int]]]:
    """What a row says of the lots of these intervals in the device's area, by asset.

    Balances are then asked for by their assets alone. In one question SQLite reads all that the
    accounts hold, and PostgreSQL, while it knows a table as empty, all lots of the area.
    """
    # A lot whose attributes were parted is not taken: both halves would have to be.
    whole = LotAsset.objects.filter(lot__device__area=device.area_id, mask=F("lot__mask"))
    fields = ("asset_id", *(name.replace(LOT, "lot", 1) for name in FIELDS[3:]))
    for chunk in chunks(starts):
        found = list(whole.filter(lot__starts_at__in=chunk).values_list(*fields))
        for some in chunks(found):
            yield {asset: (*rest,) for asset, *rest in some}


def _accounts(parties: set[int]) -> tuple[dict[int, int], dict[int, str]]:
    """The organisation of each account, and what those beside the main one are for."""
    holders = dict(Organisation.objects.filter(pk__in=parties).values_list("account_id", "pk"))
    purposes: dict[int, str] = {}
    # An ended act's account is empty, and there may be thousands.
    beside = SubAccount.objects.filter(organisation__in=parties).filter(
        Q(purpose__in=[RESERVE, SubAccount.Purpose.LOCKED])
        | Q(offer__status="open")
        | Q(cancellation__status="scheduled")
        | Q(storage_act__status="scheduled")
    )
    for account, party, purpose in beside.values_list("account_id", "organisation_id", "purpose"):
        holders[account], purposes[account] = party, purpose
    return holders, purposes


def _balances(device: Device):  # type: ignore[no-untyped-def]
    # A lot whose attributes were parted is not taken: both halves would have to be.
    whole = F(f"{LOT}__mask")
    found = Balance.objects.filter(
        **{f"{LOT}__device__area": device.area_id}, asset__lot_asset__mask=whole, amount__gt=0
    )
    return found.values_list(*FIELDS)


def _lock(rows: dict[int, _Row]) -> dict[int, int]:
    ordered = sorted(rows, key=lambda pk: (rows[pk].account, rows[pk].asset))
    held: dict[int, int] = {}
    for begin in range(0, len(ordered), LOCKED_AT_ONCE):
        chunk = ordered[begin : begin + LOCKED_AT_ONCE]
        locked = Balance.objects.select_for_update().filter(pk__in=chunk)
        held |= dict(locked.order_by("account", "asset").values_list("pk", "amount"))
    return held


def _received(
    device: Device, owners: Owners[Organisation], starts: Sequence[datetime]
) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = defaultdict(int)
    for chunk in chunks(starts):
        given = Posting.objects.filter(entry__lot__device=device, entry__lot__starts_at__in=chunk)
        for lot, at, organisation, wh in given.values_list(
            "entry__lot", "entry__lot__starts_at", "destination__organisation", "amount"
        ):
            if organisation is not None and organisation != owners.at(at).pk:
                found[lot, organisation] += wh
    return found
