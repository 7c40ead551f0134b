"""`manage.py receipt SESSION`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from charging.errors import ChargingError
from charging.queries.links import receipt_link
from charging.queries.receipts.receipt import find_receipt, receipt
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = "Show the receipt of a charge: its link, state and figures."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("session", help="session id, or the last part of a receipt's link")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        facts = receipt(find_receipt(options["session"]).public_id, now)
        return {"link": receipt_link(facts.public_id), **asdict(facts)}

    def sentence(self, result: dict[str, Any]) -> str:
        energy, renewable = result["energy_wh"], result["renewable_wh"]
        blocks = ", ".join(f"{block['height']:,}" for block in result["blocks"])
        return "\n".join(
            [
                result["link"],
                f"state: {result['state']}" + (f", in block {blocks}" if blocks else ""),
                f"{renewable:,} of {energy:,} Wh renewable ({renewable / energy:.1%})",
                *(f"{plant['name']}: {plant['amount_wh']:,} Wh" for plant in result["plants"]),
            ]
        )
