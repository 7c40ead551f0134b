"""Settle a loss interval of storage, and issue what it gave back."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.management.registry_refusals import REFUSALS
from certificates.services.plants.devices import find_device
from certificates.services.storage.closing import close_interval
from certificates.services.storage.lots import issue_again
from ledger.management.registry_command import RegistryCommand, utc_instant


class Command(RegistryCommand):
    help = (
        "Settle the loss interval that began on a day, once it is over. What came out of "
        "certified charges becomes certificates again; what the chain refused is issued again."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument(
            "--from", dest="starts_at", type=utc_instant, required=True, metavar="DAY"
        )
        parser.add_argument(
            "--stored", type=int, required=True, metavar="WH", help="stored when it ended"
        )

    def perform(
        self, *, now: datetime, device: str, starts_at: datetime, stored: int, **_: Any
    ) -> dict[str, Any]:
        storage = find_device(device)
        interval = close_interval(
            device=storage, starts_at=starts_at, stored_wh=stored, now=now, actor="command"
        )
        again = issue_again(device=storage, now=now)
        return {
            "input_wh": interval.input_wh,
            "output_wh": interval.output_wh,
            "lost_wh": interval.lost_wh,
            "stored_wh": interval.stored_wh,
            "given_wh": interval.given_wh,
            "issued_again": again,
        }

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"{result['input_wh']} Wh went in, {result['output_wh']} Wh came out, "
            f"{result['lost_wh']} Wh were lost; {result['given_wh']} Wh became certificates again."
        )
