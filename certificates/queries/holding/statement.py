"""What a cancellation's statement says, read from the ledger each time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from certificates.domain.eecs import source_name, technology_name
from certificates.domain.statement import Deficit, Facts, Line, Plant
from certificates.errors import StatementUnknown
from certificates.models import Cancellation, Device, EmissionFactor, Lot, Retirement
from certificates.queries.external_ranges import origins_of_reference
from certificates.queries.plants.factors import factor_name
from certificates.queries.plants.ownership import owners_of
from certificates.queries.readings.shortfalls import Claim, of_meters, shortfalls
from ledger.domain.token_id import lot_of

CERTIFIED = "certified"
FIELDS = (
    "entry__postings__asset__code",
    "lot__device__gsrn",
    "lot__starts_at",
    "lot__length_minutes",
    "amount_wh",
    "mask",
    "lot__mask",
    "lot__quality",
    "lot__factor_ug_per_wh",
    "lot__issued_at",
    "retired_at",
    "entry__outbox_item__status",
    "first_renewable_wh",
    "first_emissions_wh",
    "lot__factor",
    "lot__generated_by__gsrn",
)


def find_statement(public_id: str) -> Cancellation:
    """The cancellation under this address. Raises: StatementUnknown."""
    found = Cancellation.objects.select_related("holder").filter(public_id=public_id).first()
    if found is None:
        raise StatementUnknown("No statement has this address.")
    return found


def statement_facts(cancellation: Cancellation, *, url: str, registry: str, now: datetime) -> Facts:
    """Everything the statement says now; `url` is where it can be checked."""
    lines = _lines(cancellation)
    devices = {
        device.gsrn: device
        for device in Device.objects.filter(
            Q(lots__retirements__reference=cancellation.reference)
            | Q(stored_lots__retirements__reference=cancellation.reference)
        )
        .select_related("area", "organisation")
        .distinct()
    }
    return Facts(
        number=cancellation.number,
        url=url,
        registry=registry,
        status=cancellation.status,
        asked_wh=cancellation.amount_wh,
        asked_at=cancellation.asked_at,
        due_at=cancellation.due_at,
        ended_at=cancellation.ended_at,
        holder=cancellation.holder.name,
        holder_code=cancellation.holder.slug,
        beneficiary_kind=cancellation.get_beneficiary_kind_display(),
        beneficiary=cancellation.beneficiary,
        address=cancellation.address,
        country=cancellation.country,
        location=cancellation.location,
        purpose=cancellation.purpose,
        note=cancellation.note,
        consumption_starts_at=cancellation.consumption_starts_at,
        consumption_ends_at=cancellation.consumption_ends_at,
        lines=lines,
        plants={gsrn: _plant(device, lines) for gsrn, device in devices.items()},
        deficits=_deficits(lines, cancellation.reference, now),
    )


def _lines(cancellation: Cancellation) -> list[Line]:
    rows = Retirement.objects.standing().filter(reference=cancellation.reference)
    ordered = rows.order_by("lot__starts_at", "entry__postings__asset__code")
    factors = {pk: factor_name(factor) for pk, factor in EmissionFactor.objects.in_bulk().items()}
    lines = []
    for row in ordered.values_list(*FIELDS):
        *facts, issued_at, retired_at, status, renewable, emissions, factor, source = row
        name = factors.get(factor, "")
        is_certified = status == CERTIFIED
        told: tuple[Any, ...] = (*facts, name, issued_at, retired_at, is_certified)
        told += (renewable, emissions)
        lines.append(replace(Line(*told), generated_by=source or ""))
    return _with_origins(lines, cancellation.reference)


def _with_origins(lines: list[Line], reference: str) -> list[Line]:
    """Lines of what another registry issued say so."""
    found = origins_of_reference(reference)
    if not found:
        return lines
    codes = [f"{lot_of(int(line.code, 16)):040x}" for line in lines]
    return [
        replace(line, external=found.get(code)) for line, code in zip(lines, codes, strict=True)
    ]


def _owner(device: Device, lines: Sequence[Line]) -> str:
    """Whose the plant was when these Wh were produced, in turn where it changed hands."""
    owners = owners_of(device)
    if not owners.changes:
        return device.organisation.name
    mine = sorted(line.starts_at for line in lines if line.gsrn == device.gsrn)
    return ", ".join(dict.fromkeys(owners.at(at).name for at in mine)) or device.organisation.name


def _plant(device: Device, lines: Sequence[Line]) -> Plant:
    known = device.latitude is not None and device.longitude is not None
    return Plant(
        gsrn=device.gsrn,
        name=device.name,
        organisation=_owner(device, lines),
        technology_code=device.technology_code,
        technology=technology_name(device.technology_code),
        energy_source_code=device.energy_source_code,
        energy_source=source_name(device.energy_source_code),
        capacity_w=device.capacity_w,
        commissioned_on=device.commissioned_on.isoformat(),
        country=device.area.country,
        area=device.area.name,
        area_code=device.area.code,
        support=device.support,
        position=(str(device.latitude), str(device.longitude)) if known else None,
    )


def _deficits(lines: Sequence[Line], reference: str, now: datetime) -> list[Deficit]:
    """The share of each corrected hour's deficit that these lines bear, rounded up."""
    lots = {
        code: facts
        for code, *facts in Lot.objects.filter(retirements__reference=reference)
        .distinct()
        .values_list("code", "pk", "device", "generated_by")
    }
    claims = []
    for line in lines:
        lot, device, source = lots[f"{lot_of(int(line.code, 16)):040x}"]
        if line.energy_wh:
            claims.append(Claim(lot, device, line.starts_at, source is not None, line.energy_wh))
    claimed = of_meters(claims)
    return [
        Deficit(one.device.gsrn, one.starts_at, one.share(claimed[hour]))
        for hour, one in shortfalls(claimed, now).items()
    ]
