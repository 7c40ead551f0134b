"""Settle everything that waits."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from ledger.management.registry_command import RegistryCommand, progress_bar
from ledger.services.settlement import settle


class Command(RegistryCommand):
    help = (
        "Write all issuances, transfers and retirements that wait to the chain, and certify them."
    )

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        with progress_bar("settling", "act") as show:
            report = settle(clock=timezone.now, progress=show)
        return {"certified": report.certified, "failed": report.failed, "block": report.height}

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"{result['certified']:,} acts certified, {result['failed']:,} refused; "
            f"the last block is {result['block']:,}."
        )
