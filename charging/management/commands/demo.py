"""`manage.py demo`: the main job on the sample data."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.errors import CertificatesError
from charging.demo import play
from charging.demo.cast import LOGINS, PASSWORD
from charging.errors import ChargingError
from charging.models import Receipt
from charging.queries.links import receipt_link
from ledger.errors import LedgerError
from ledger.management.registry_command import RegistryCommand, progress_bar


class Command(RegistryCommand):
    help = (
        "Load the demo and run the main job on it: a wind turbine's year becomes certificates, "
        "charging sessions use them by the hour, retirements settle on the chain. Again is quick."
    )
    refusals = (ChargingError, CertificatesError, LedgerError)

    def add_options(self, parser: CommandParser) -> None:
        """No arguments of its own."""

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        result = play(clock=timezone.now, stage=progress_bar, say=self._show_first)
        energies = {
            key: {
                "demand_wh": rule.demand_wh,
                "supply_wh": rule.supply_wh,
                "matched_wh": rule.matched_wh,
            }
            for key, rule in result.rules.items()
        }
        return energies | {
            "receipt": receipt_link(result.receipt),
            "certified": result.certified,
            "address": settings.PUBLIC_URL,
            "logins": [
                {"role": login.role, "email": login.email, "password": PASSWORD} for login in LOGINS
            ],
        }

    def sentence(self, result: dict[str, Any]) -> str:
        lines = [
            f"{key}: {rule['matched_wh']:,} of {rule['demand_wh']:,} Wh "
            f"({rule['matched_wh'] / rule['demand_wh']:.2%})"
            for key, rule in result.items()
            if isinstance(rule, dict)
        ]
        lines += [f"A receipt: {result['receipt']}"]
        lines += [f"{who['role']}: {who['email']} / {who['password']}" for who in result["logins"]]
        return "\n".join(lines)

    def _show_first(self, receipt: Receipt) -> None:
        self.stderr.write(f"First certified receipt: {receipt_link(receipt.public_id)}")
