"""Load what is looked up: areas, emission factors, comparators, the grid."""

from datetime import datetime
from typing import Any

from charging.errors import ChargingError
from charging.services.reference import load_everything
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = (
        "Load the tables that come with the registry: bidding areas, emission factors, the "
        "comparators of receipts, and the hourly intensity of the grid. Again adds nothing."
    )
    refusals = (ChargingError,)

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        return load_everything()

    def sentence(self, result: dict[str, Any]) -> str:
        counts = ", ".join(f"{new:,} {name.replace('_', ' ')}" for name, new in result.items())
        return f"New: {counts}."
