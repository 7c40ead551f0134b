"""Issue certificates for accepted readings."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.management.registry_refusals import REFUSALS
from certificates.services.issuing.issuance import issue
from certificates.services.plants.devices import find_device
from ledger.management.registry_command import RegistryCommand, progress_bar, utc_instant


class Command(RegistryCommand):
    help = "Issue one lot for each accepted reading of approved devices; again issues what is new."
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--device", metavar="GSRN", help="one device; all when left out")
        parser.add_argument("--from", dest="starts_at", type=utc_instant, help="UTC, inclusive")
        parser.add_argument("--to", dest="ends_at", type=utc_instant, help="UTC, exclusive")

    def perform(self, *, now: datetime, device: str | None, **options: Any) -> dict[str, Any]:
        with progress_bar("certificates", "lot") as progress:
            report = issue(
                device=find_device(device) if device else None,
                starts_at=options["starts_at"],
                ends_at=options["ends_at"],
                now=now,
                progress=progress,
            )
        return asdict(report)

    def sentence(self, result: dict[str, Any]) -> str:
        waiting = "".join(f"\n{gsrn}: {why}" for gsrn, why in result["waiting"].items())
        return f"{result['lots']} lots of {result['issued_wh']} Wh issued.{waiting}"
