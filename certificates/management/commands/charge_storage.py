"""Retire what the owner of storage holds, for what was charged."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.management.registry_refusals import REFUSALS
from certificates.services.plants.devices import find_device
from certificates.services.storage.charging import charge_with_held
from ledger.management.registry_command import RegistryCommand, utc_instant


class Command(RegistryCommand):
    help = (
        "Retire certificates of each charge's own interval and area, as far as the owner holds "
        "any. This cannot be taken back once it is certified."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument(
            "--from", dest="starts_at", type=utc_instant, required=True, metavar="DAY"
        )
        parser.add_argument("--to", dest="ends_at", type=utc_instant, required=True, metavar="DAY")

    def perform(
        self, *, now: datetime, device: str, starts_at: datetime, ends_at: datetime, **_: Any
    ) -> dict[str, Any]:
        report = charge_with_held(
            device=find_device(device),
            starts_at=starts_at,
            ends_at=ends_at,
            now=now,
            actor="command",
        )
        return asdict(report)

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"{result['retirements']} retirements, {result['amount_wh']} Wh; "
            f"{result['unknown_wh']} Wh of these charges are of unknown origin."
        )
