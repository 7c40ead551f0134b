"""`manage.py delegate_claims --operator SLUG --provider SLUG --from 2026-01-01`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from charging.errors import ChargingError
from charging.queries.organisations import organisation_of
from charging.services.matching.claimants import delegate
from ledger.management.registry_command import RegistryCommand, utc_instant


class Command(RegistryCommand):
    help = "Leave the claim of an operator's charges to an eMSP, from a day on."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--operator", required=True, help="slug of who runs the chargers")
        parser.add_argument("--provider", required=True, help="slug of the drivers' eMSP")
        parser.add_argument("--contract", default="", help="one contract id; without it, all")
        parser.add_argument(
            "--from", dest="valid_from", required=True, type=utc_instant, help="first start (UTC)"
        )
        parser.add_argument("--to", dest="valid_to", type=utc_instant, help="starts before (UTC)")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        row = delegate(
            operator=organisation_of(options["operator"]),
            provider=organisation_of(options["provider"]),
            contract_id=options["contract"],
            valid_from=options["valid_from"],
            valid_to=options["valid_to"],
            now=now,
        )
        return {
            "delegation": row.pk,
            "operator": options["operator"],
            "provider": options["provider"],
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"{result['operator']} leaves the claim of these charges to {result['provider']} "
            f"(delegation {result['delegation']})."
        )
