"""The public facts of a lot, as the chain binds them."""

from datetime import UTC

from certificates.domain.lot_facts import device_facts, interval_facts
from certificates.models import ExternalRange, Lot
from certificates.queries.factors import factor_name


def public_facts(lot: Lot) -> dict[str, str]:
    """What `ledger.domain.lot_data.data_leaf` was built from when the lot was issued."""
    return device_facts(
        gsrn=lot.device.gsrn,
        technology=lot.device.technology_code,
        source=lot.device.energy_source_code,
        factor_ug_per_wh=lot.factor_ug_per_wh,
        factor=factor_name(lot.factor) if lot.factor else "",
    ) | interval_facts(
        starts_at=lot.starts_at.astimezone(UTC),
        length_minutes=lot.length_minutes,
        amount_wh=lot.amount_wh,
        quality=lot.quality,
        file_sha256=_file_sha256(lot),
    )


def _file_sha256(lot: Lot) -> str:
    """The meter file the lot came from, or the other registry's file."""
    if lot.reading is not None:
        return lot.reading.file.sha256
    brought = ExternalRange.objects.select_related("brought_in").filter(lot=lot).first()
    return brought.brought_in.sha256 if brought else ""
