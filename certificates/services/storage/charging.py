"""Retiring certificates for what was charged: only those can come out again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from certificates.domain.lot_facts import instant
from certificates.domain.storage.charging import Held, Open, Use, fill, fits
from certificates.errors import LinesRefused, RefusedLine, SelectionChanged
from certificates.models import (
    ChargeAllocation,
    Device,
    LotAsset,
    Retirement,
    StorageRecord,
    StorageTerms,
)
from certificates.queries.holding.holdings import Holding, holdings
from certificates.queries.holding.selecting import held_in
from certificates.queries.storage.records import (
    CHARGE,
    Span,
    backed_wh,
    backings,
    closed_until,
    in_force,
)
from certificates.services.holding.retirement import RetirementRequest, retire_many
from certificates.services.holding.whole_acts import check_whole
from certificates.services.storage.devices import locked_storage
from ledger.domain.commitment import commit, field_salt, fields_root
from ledger.services import audit

PURPOSE = "Charging of storage"
INTERVAL = "interval"
MINUTE = timedelta(minutes=1)
Charges = Mapping[int, StorageRecord]


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """Wh of a certificate, by its token id code, for a charge, by its record's id."""

    number: int
    record: int
    asset: str
    amount_wh: int


@dataclass(frozen=True, slots=True)
class ChargeReport:
    """What was retired for charges, and what of them is of unknown origin now."""

    retirements: int
    amount_wh: int
    unknown_wh: int


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Charges in force and what of them has no origin yet; certificates by asset, and their use."""

    charges: Charges
    opens: Sequence[Open]
    held: Mapping[int, Holding]
    uses: Sequence[Use]

    @property
    def amount_wh(self) -> int:
        return sum(use.amount_wh for use in self.uses)

    @property
    def unknown_wh(self) -> int:
        return sum(one.amount_wh for one in self.opens) - self.amount_wh


@transaction.atomic
def charge_with_held(
    *,
    device: Device,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    actor: object,
    seen_wh: int | None = None,
) -> ChargeReport:
    """Retire what the storage's owner holds, for the charges of the period it was made in.

    Charges that start in [starts_at, ends_at), of intervals that are open; the oldest first.
    Again retires only what is new. `seen_wh` is what a person was shown of it.
    Raises: StorageRefused, SelectionChanged, ledger.errors.Overdrawn.
    """
    device, terms = locked_storage(device)
    found = _fitting(device, starts_at, ends_at)
    _check_seen(found, seen_wh)
    _retire(terms, found, device.organisation.account_id, now)
    return _report(device, found, now, actor)


@transaction.atomic
def charge_from(
    *, device: Device, account: int, span: Span, now: datetime, actor: object
) -> ChargeReport:
    """The same with what an account holds that was set apart for these charges.

    What fits none of them any more stays in it. Raises: StorageRefused.
    """
    device, terms = locked_storage(device)
    found = _fitting(device, *span, held=held_in(account))
    _retire(terms, found, account, now)
    return _report(device, found, now, actor)


@transaction.atomic
def fitting_amounts(
    *, device: Device, starts_at: datetime, ends_at: datetime, seen_wh: int | None = None
) -> dict[int, int]:
    """Wh by asset that `charge_with_held` would retire now. Raises: as that."""
    device, _ = locked_storage(device)
    found = _fitting(device, starts_at, ends_at)
    _check_seen(found, seen_wh)
    amounts: dict[int, int] = {}
    for use in found.uses:
        amounts[use.asset] = amounts.get(use.asset, 0) + use.amount_wh
    return amounts


@transaction.atomic
def foresee(*, device: Device, starts_at: datetime, ends_at: datetime) -> ChargeReport:
    """What `charge_with_held` would retire now; nothing is done. Raises: StorageRefused."""
    device, _ = locked_storage(device)
    found = _fitting(device, starts_at, ends_at)
    return ChargeReport(len(found.uses), found.amount_wh, found.unknown_wh)


def _fitting(
    device: Device,
    starts_at: datetime,
    ends_at: datetime,
    held: Sequence[Holding] | None = None,
) -> _Fitting:
    """Of certificates of plants that know only whole MWh nothing fits: hours are parts of one."""
    charges, opens = _open_charges(device, starts_at, ends_at)
    rows = _held(device, charges) if held is None else held
    whole = set(Device.objects.filter(whole_certificates=True).values_list("pk", flat=True))
    by_asset = {row.asset_id: row for row in rows if row.device_id not in whole}
    some = [Held(row.asset_id, _span(row), row.amount_wh) for row in by_asset.values()]
    return _Fitting(charges, opens, by_asset, fill(opens, some))


def _check_seen(found: _Fitting, seen_wh: int | None) -> None:
    if seen_wh is not None and found.amount_wh != seen_wh:
        raise SelectionChanged(
            f"{found.amount_wh} Wh fit by now, not the {seen_wh} Wh that you saw. Look again."
        )


@transaction.atomic
def charge_with(
    *, device: Device, lines: Sequence[ChargeLine], now: datetime, actor: object
) -> ChargeReport:
    """Retire exactly these certificates for these charges, all or none.

    Raises: StorageRefused, LinesRefused with every line that cannot be, WholeCertificatesOnly.
    """
    device, terms = locked_storage(device)
    found = StorageRecord.objects.filter(device=device, direction=CHARGE)
    named = found.in_bulk([line.record for line in lines])
    begin = min((row.starts_at for row in named.values()), default=now)
    end = max((row.ends_at for row in named.values()), default=now)
    charges, opens = _open_charges(device, begin, end)
    room = {one.charge: one.amount_wh for one in opens}
    held = {row.code: row for row in _held(device, charges)}
    uses: list[Use] = []
    refused: list[RefusedLine] = []
    left = {code: row.amount_wh for code, row in held.items()}
    amounts: dict[int, int] = defaultdict(int)
    for line in lines:
        wrong = _wrong(line, charges.get(line.record), held.get(line.asset), left, room)
        if wrong:
            refused.append(RefusedLine(line.number, *wrong))
            continue
        asset = held[line.asset].asset_id
        left[line.asset] -= line.amount_wh
        room[line.record] -= line.amount_wh
        amounts[asset] += line.amount_wh
        uses.append(Use(line.record, asset, line.amount_wh))
    if refused or not lines:
        raise LinesRefused(refused or [RefusedLine(0, "allocations", "Name at least one.")])
    check_whole(amounts)
    chosen = _Fitting(charges, opens, {row.asset_id: row for row in held.values()}, uses)
    _retire(terms, chosen, device.organisation.account_id, now)
    return _report(device, chosen, now, actor)


def _open_charges(
    device: Device, starts_at: datetime, ends_at: datetime
) -> tuple[dict[int, StorageRecord], list[Open]]:
    """Charges in force of open loss intervals, and what of them has no origin yet."""
    closed = closed_until(device)
    begin = max(starts_at, closed) if closed else starts_at
    rows = [row for row in in_force(device, begin, ends_at) if row.direction == CHARGE]
    backed = backings(device, begin, ends_at)
    opens = []
    for row in rows:
        span = row.starts_at, row.ends_at
        room = row.energy_wh - backed_wh(backed.get(span, ()))
        opens.append(Open(row.pk, span, max(0, room)))
    return {row.pk: row for row in rows}, opens


def _held(device: Device, charges: Charges) -> list[Holding]:
    if not charges:
        return []
    return holdings(
        device.organisation,
        area_id=device.area_id,
        starts_at=min(row.starts_at for row in charges.values()),
        ends_at=max(row.ends_at for row in charges.values()),
    )


def _span(row: Holding) -> tuple[datetime, datetime]:
    return row.starts_at, row.starts_at + row.length_minutes * MINUTE


def _wrong(
    line: ChargeLine,
    charge: StorageRecord | None,
    holding: Holding | None,
    left: Mapping[str, int],
    room: Mapping[int, int],
) -> tuple[str, str] | None:
    """The field and the reason why a line cannot be."""
    if charge is None:
        return "record", "This storage has no such charge in force whose loss interval is open."
    if holding is None:
        return "asset", "You hold no such certificate of this charge's time and area."
    if not fits(_span(holding), (charge.starts_at, charge.ends_at)):
        return "asset", "It was not made within the charge's interval."
    if line.amount_wh > left[line.asset]:
        return "amount_wh", f"{left[line.asset]} Wh of it are there."
    if line.amount_wh > room[line.record]:
        words = f"{room[line.record]} Wh of this charge are of unknown origin; more cannot be."
        return "amount_wh", words
    return None


def _retire(terms: StorageTerms, found: _Fitting, account: int, now: datetime) -> None:
    """Retire what fits from the account that holds it."""
    if not found.uses:
        return
    device, charges = terms.device, found.charges
    rounds = _rounds(device, found.uses, charges)
    requests = []
    for use in found.uses:
        charge, row = charges[use.charge], found.held[use.asset]
        rounds[charge.starts_at, use.asset] = n = rounds.get((charge.starts_at, use.asset), 0) + 1
        key = f"retire:{_reference(device, charge)}:{row.code}:{n}"
        request = _request(terms, charge, row, use.amount_wh, key)
        requests.append(replace(request, account=account))
    ids = retire_many(requests=requests, now=now)
    ChargeAllocation.objects.bulk_create(
        ChargeAllocation(charge_id=use.charge, retirement_id=pk, allocated_at=now)
        for use, pk in zip(found.uses, ids, strict=True)
    )


def _rounds(
    device: Device, uses: Sequence[Use], charges: Charges
) -> dict[tuple[datetime, int], int]:
    """How often each certificate was retired for a charge before, undone ones included."""
    begin = min(charges[use.charge].starts_at for use in uses)
    end = max(charges[use.charge].ends_at for use in uses)
    had = ChargeAllocation.objects.filter(
        charge__device=device, charge__starts_at__gte=begin, charge__starts_at__lt=end
    ).values_list("charge__starts_at", "retirement__lot", "retirement__mask")
    lots = {lot for _, lot, _ in had}
    assets = {
        (lot, mask): asset
        for lot, mask, asset in LotAsset.objects.filter(lot__in=lots).values_list(
            "lot", "mask", "asset"
        )
    }
    rounds: dict[tuple[datetime, int], int] = {}
    for at, lot, mask in had:
        key = at, assets[lot, mask]
        rounds[key] = rounds.get(key, 0) + 1
    return rounds


def _reference(device: Device, charge: StorageRecord) -> str:
    return f"storage:{device.gsrn}:{instant(charge.starts_at)}"


def _request(
    terms: StorageTerms, charge: StorageRecord, row: Holding, amount_wh: int, key: str
) -> RetirementRequest:
    device, reference = terms.device, _reference(terms.device, charge)
    secret = bytes(terms.disclosure_key)
    fields = {
        "beneficiary": device.name,
        "country": device.area.country,
        "device": device.gsrn,
        "period": f"{instant(charge.starts_at)}/{instant(charge.ends_at)}",
        "purpose": PURPOSE,
    }
    interval = f"{instant(row.starts_at)}/PT{row.length_minutes}M"
    return RetirementRequest(
        key=key,
        holder=device.organisation_id,
        account=device.organisation.account_id,
        asset=row.asset_id,
        lot=row.lot_id,
        mask=row.mask,
        amount_wh=amount_wh,
        claimant=device.organisation_id,
        beneficiary_type=Retirement.BeneficiaryType.NAMED,
        beneficiary=device.name,
        purpose=PURPOSE,
        country=device.area.country,
        consumption_starts_at=charge.starts_at,
        consumption_ends_at=charge.ends_at,
        reference=reference,
        commitment=commit(
            fields_root(fields, secret, reference), interval, field_salt(secret, key, INTERVAL)
        ),
    )


def _report(device: Device, found: _Fitting, now: datetime, actor: object) -> ChargeReport:
    report = ChargeReport(len(found.uses), found.amount_wh, found.unknown_wh)
    if found.uses:
        audit.record(
            actor=actor,
            action="storage.charged",
            subject=device,
            now=now,
            detail={"retirements": report.retirements, "amount_wh": report.amount_wh},
        )
    return report
