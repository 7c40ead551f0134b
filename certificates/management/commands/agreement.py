"""Agree on a standing share of a device's production."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.errors import AgreementRefused
from certificates.management.registry_refusals import REFUSALS
from certificates.models import Organisation
from certificates.services.agreements import ALWAYS, agree
from certificates.services.devices import find_device
from ledger.management.registry_command import RegistryCommand, utc_instant


class Command(RegistryCommand):
    help = "Give a standing share of what a device produces to an organisation."
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument(
            "--to", required=True, metavar="S", help="short name of the organisation"
        )
        parser.add_argument(
            "--ppm", required=True, type=int, help="parts per million, such as 46300 for 4.63 %%"
        )
        parser.add_argument(
            "--from", dest="starts_at", type=utc_instant, default=ALWAYS, help="first production"
        )
        parser.add_argument("--until", dest="ends_at", type=utc_instant, help="end, exclusive")

    def perform(
        self, *, now: datetime, device: str, to: str, ppm: int, **options: Any
    ) -> dict[str, Any]:
        organisation = Organisation.objects.filter(slug=to).first()
        if organisation is None:
            raise AgreementRefused(f"No organisation has the short name {to!r}.")
        agreement = agree(
            device=find_device(device),
            to=organisation,
            share_ppm=ppm,
            period=(options["starts_at"], options["ends_at"]),
            now=now,
            actor="command",
        )
        return {"device": device, "to": to, "ppm": agreement.share_ppm}

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['to']} gets {result['ppm']} ppm of device {result['device']}."
