"""The generation behind one charge, with its Wh numbers and blocks."""

from collections import defaultdict
from dataclasses import dataclass

from certificates.domain import eecs
from certificates.domain.geography import great_circle_km
from certificates.models import Device, Lot
from charging.domain.emissions import Factor, FactorKind
from charging.models import Allocation, Session
from charging.queries.matching.supply import RENEWABLE
from charging.queries.receipts.facts import AllocationFacts, BlockFacts, PlantFacts
from ledger.models import Block, OutboxItem
from ledger.queries.witnesses import coverage

CERTIFICATE_WH = 1_000_000
EMISSIONS = 2
SUPERSEDED = "superseded"
FALLEN = (OutboxItem.Status.FAILED.value, OutboxItem.Status.UNDONE.value, SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An allocation with what stands behind it, and the matching run that made it.

    `source` is the plant that generated it: another than `device` where that is storage.
    """

    session_hour_id: int
    run_id: int
    facts: AllocationFacts
    device: Device
    source: Device
    block: Block | None
    batch_sequence: int | None

    @property
    def stands(self) -> bool:
        """Whether it counts: neither undone, nor refused, nor its claim taken back."""
        return self.facts.state not in FALLEN

    @property
    def is_synthetic(self) -> bool:
        """Whether the plant's number was made for the demo."""
        return self.device.gsrn_origin == Device.GsrnOrigin.SYNTHETIC


def allocations_of(session: Session) -> list[Drawn]:
    """Every allocation of a charge by hour and lot, fallen ones included, in one query."""
    rows = (
        Allocation.objects.filter(session_hour__session=session)
        .select_related(
            "retirement__lot__device",
            "retirement__lot__generated_by",
            "retirement__lot__factor",
            "retirement__entry__outbox_item__batch__block",
            "retirement__entry__reversal",
            "superseded",
        )
        .order_by("session_hour__starts_at", "retirement__lot__code", "pk")
    )
    return [_drawn(row) for row in rows]


def blocks_of(drawn: list[Drawn]) -> tuple[BlockFacts, ...]:
    """The sealed blocks that hold these retirements, in order."""
    found: dict[int, Block] = {}
    sequences: dict[int, set[int]] = defaultdict(set)
    for item in drawn:
        if item.block is not None and item.batch_sequence is not None:
            found[item.block.height] = item.block
            sequences[item.block.height].add(item.batch_sequence)
    if not found:
        return ()
    cover = coverage()
    seen = {height: cover.of(height) for height in found}
    return tuple(
        BlockFacts(
            height=height,
            block_hash="0x" + bytes(found[height].block_hash).hex(),
            sealed_at=found[height].sealed_at,
            batch_sequences=tuple(sorted(sequences[height])),
            seen_by=seen[height].by,
            witnesses=seen[height].of,
        )
        for height in sorted(found)
    )


def plants_of(session: Session, drawn: list[Drawn]) -> tuple[PlantFacts, ...]:
    """The plants behind a charge, the largest share first."""
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    found: dict[tuple[str, str], Drawn] = {}
    for item in drawn:
        if item.stands:
            both = item.device.gsrn, item.source.gsrn
            amounts[both] += item.facts.amount_wh
            found[both] = item
    order = sorted(found, key=lambda both: (-amounts[both], both))
    return tuple(_plant(session, found[both], amounts[both]) for both in order)


def _plant(session: Session, drawn: Drawn, amount_wh: int) -> PlantFacts:
    location, device, source = session.evse.location, drawn.device, drawn.source
    distance = None
    places = (location.latitude, location.longitude, source.latitude, source.longitude)
    if all(place is not None for place in places):
        distance = great_circle_km(*(float(place) for place in places if place is not None))
    return PlantFacts(
        name=drawn.facts.device_name,
        gsrn=device.gsrn,
        gsrn_note=device.get_gsrn_origin_display(),
        technology=eecs.technology_name(source.technology_code),
        energy_source=eecs.source_name(source.energy_source_code),
        latitude=source.latitude,
        longitude=source.longitude,
        distance_km=distance,
        amount_wh=amount_wh,
    )


def _drawn(row: Allocation) -> Drawn:
    retirement = row.retirement
    sent = getattr(retirement.entry, "outbox_item", None)
    batch = sent.batch if sent else None
    status = _status(row, sent)
    # Where the claim was taken back the block still holds what was retired.
    is_certified = status in (OutboxItem.Status.CERTIFIED, SUPERSEDED) and (
        sent is not None and sent.status == OutboxItem.Status.CERTIFIED
    )
    block = batch.block if is_certified and batch else None
    return Drawn(
        session_hour_id=row.session_hour_id,
        run_id=row.run_id,
        facts=_facts(row, status, sent.reason if sent else "", block),
        device=retirement.lot.device,
        source=retirement.lot.source,
        block=block,
        batch_sequence=batch.sequence if batch else None,
    )


def _status(row: Allocation, sent: OutboxItem | None) -> str:
    """Where the retirement stands: as the outbox has it, unless undone or without a claim."""
    status = sent.status if sent else OutboxItem.Status.PENDING.value
    if hasattr(row.retirement.entry, "reversal") and status not in FALLEN:
        status = OutboxItem.Status.UNDONE.value
    if hasattr(row, "superseded") and status not in FALLEN:
        status = SUPERSEDED
    return status


def _facts(row: Allocation, status: str, reason: str, block: Block | None) -> AllocationFacts:
    retirement = row.retirement
    lot, device, source = retirement.lot, retirement.lot.device, retirement.lot.source
    is_renewable = bool(retirement.mask & RENEWABLE)
    proves_emissions = bool(retirement.mask & EMISSIONS)
    first = retirement.first_renewable_wh
    if first is None:
        first = retirement.first_emissions_wh
    return AllocationFacts(
        allocation_id=row.pk,
        device_name=_name(device, source),
        gsrn=device.gsrn,
        technology=eecs.technology_name(source.technology_code),
        energy_source=eecs.source_name(source.energy_source_code),
        amount_wh=retirement.amount_wh,
        renewable=is_renewable,
        carbon_free=is_renewable or eecs.is_nuclear(source.energy_source_code),
        factor_ug_per_wh=lot.factor_ug_per_wh if proves_emissions else None,
        factor_source=lot.factor.source if proves_emissions and lot.factor else "",
        first_renewable_wh=retirement.first_renewable_wh,
        first_emissions_wh=retirement.first_emissions_wh,
        certificate_numbers=_certificates(first, retirement.amount_wh),
        lot_code=lot.code,
        block_height=block.height if block else None,
        state=status,
        reason=reason,
        quality=lot.quality,
        factor=_factor(lot) if proves_emissions else None,
    )


def _name(device: Device, source: Device) -> str:
    return device.name if device == source else f"{source.name}, stored in {device.name}"


def _factor(lot: Lot) -> Factor | None:
    """The factor that the lot froze at issuance."""
    if lot.factor is None or lot.factor_ug_per_wh is None:
        return None
    named = lot.factor
    return Factor(
        lot.factor_ug_per_wh,
        FactorKind.PLANT,
        named.scope,
        named.gas,
        named.source,
        named.year,
        named.version,
    )


def _certificates(first: int | None, amount_wh: int) -> tuple[int, int] | None:
    if first is None:
        return None
    return first // CERTIFICATE_WH, (first + amount_wh - 1) // CERTIFICATE_WH
