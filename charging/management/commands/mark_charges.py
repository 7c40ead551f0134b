"""`manage.py mark_charges`: cards, contracts and tariffs of charges from before they were kept."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from charging.errors import ChargingError
from charging.services.mark_backfill import mark_charges
from ledger.management.registry_command import RegistryCommand, progress_bar


class Command(RegistryCommand):
    help = (
        "Mark charges by OCPI with their card, contract and tariff, where the record that named "
        "them is still kept. Again changes nothing; it may be stopped at any time."
    )
    refusals = (ChargingError,)

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        with progress_bar("Marking") as progress:
            return asdict(mark_charges(progress=progress))

    def sentence(self, result: dict[str, Any]) -> str:
        unreadable = result["unreadable"]
        return f"{result['charges']:,} charges were marked." + (
            f" {unreadable:,} kept records cannot be read under this key." if unreadable else ""
        )
