"""The public facts of a lot, as the chain binds them."""

from datetime import UTC, timedelta

from certificates.domain.lot_facts import device_facts, instant, interval_facts, storage_facts
from certificates.models import DischargePart, ExternalRange, Lot
from certificates.queries.plants.factors import factor_name

MINUTE = timedelta(minutes=1)


def public_facts(lot: Lot) -> dict[str, str]:
    """What `ledger.domain.lot_data.data_leaf` was built from when the lot was issued."""
    return (
        _device_facts(lot)
        | interval_facts(
            starts_at=lot.starts_at.astimezone(UTC),
            length_minutes=lot.length_minutes,
            amount_wh=lot.amount_wh,
            quality=lot.quality,
            file_sha256=_file_sha256(lot),
        )
        | _storage_facts(lot)
    )


def _device_facts(lot: Lot) -> dict[str, str]:
    return device_facts(
        gsrn=lot.device.gsrn,
        technology=lot.source.technology_code,
        source=lot.source.energy_source_code,
        factor_ug_per_wh=lot.factor_ug_per_wh,
        factor=factor_name(lot.factor) if lot.factor else "",
    )


def _storage_facts(lot: Lot) -> dict[str, str]:
    parts = origins_of(lot)
    if not parts:
        return {}
    return storage_facts(generated_by=lot.source.gsrn, origins=map(origin_row, parts))


def origins_of(lot: Lot) -> list[DischargePart]:
    """The charges behind a lot from storage, in order; none where it came from a meter."""
    found = DischargePart.objects.filter(lot=lot).select_related(
        "discharge", "allocation__charge", "allocation__retirement__lot"
    )
    return list(found.order_by("allocation__charge__starts_at", "allocation"))


def origin_row(part: DischargePart) -> tuple[str | int, ...]:
    """A charge behind a lot, as the chain binds it."""
    charge = part.allocation.charge
    return (
        part.allocation.retirement.lot.code,
        instant(charge.starts_at.astimezone(UTC)),
        (charge.ends_at - charge.starts_at) // MINUTE,
        part.drawn_wh,
        part.given_wh,
    )


def _file_sha256(lot: Lot) -> str:
    """The meter file the lot came from, storage's records, or the other registry's file."""
    if lot.reading is not None:
        return lot.reading.file.sha256
    stored = DischargePart.objects.select_related("discharge").filter(lot=lot).first()
    if stored is not None:
        return stored.discharge.sha256
    brought = ExternalRange.objects.select_related("brought_in").filter(lot=lot).first()
    return brought.brought_in.sha256 if brought else ""
