"""Settle everything that waits."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from ledger.management.registry_command import RegistryCommand, progress_bar
from ledger.services.settlement import settle

OBSTACLES = {
    "paused": "The contract is paused: what waits is sent when the admin ends the pause.",
    "role": "The operator's key has no role: what waits is sent when the admin grants it.",
}


class Command(RegistryCommand):
    help = (
        "Write all issuances, transfers and retirements that wait to the chain, and certify them."
    )

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        with progress_bar("settling", "act") as show:
            report = settle(clock=timezone.now, progress=show)
        return {
            "certified": report.certified,
            "failed": report.failed,
            "block": report.height,
            "obstacle": report.obstacle,
        }

    def sentence(self, result: dict[str, Any]) -> str:
        done = (
            f"{result['certified']:,} acts certified, {result['failed']:,} refused; "
            f"the last block is {result['block']:,}."
        )
        return " ".join([done, OBSTACLES.get(result["obstacle"], "")]).strip()
