"""Agree on a standing share of a device's production."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.errors import AgreementRefused
from certificates.management.registry_refusals import REFUSALS
from certificates.models import Organisation
from certificates.services.holding.agreements import ALWAYS, agree, agree_hourly
from certificates.services.plants.devices import find_device
from ledger.management.registry_command import RegistryCommand, utc_instant


class Command(RegistryCommand):
    help = "Give a standing part of what a device produces to an organisation."
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument(
            "--to", required=True, metavar="S", help="short name of the organisation"
        )
        measure = parser.add_mutually_exclusive_group(required=True)
        measure.add_argument("--ppm", type=int, help="parts per million, such as 46300 for 4.63 %%")
        measure.add_argument("--wh-per-hour", type=int, help="Wh of each hour, as far as there are")
        parser.add_argument(
            "--from", dest="starts_at", type=utc_instant, default=ALWAYS, help="first production"
        )
        parser.add_argument("--until", dest="ends_at", type=utc_instant, help="end, exclusive")

    def perform(self, *, now: datetime, device: str, to: str, **options: Any) -> dict[str, Any]:
        organisation = Organisation.objects.filter(slug=to).first()
        if organisation is None:
            raise AgreementRefused(f"No organisation has the short name {to!r}.")
        terms: dict[str, Any] = {
            "device": find_device(device),
            "to": organisation,
            "period": (options["starts_at"], options["ends_at"]),
            "now": now,
            "actor": "command",
        }
        if options["ppm"] is None:
            agreement = agree_hourly(wh_per_hour=options["wh_per_hour"], **terms)
        else:
            agreement = agree(share_ppm=options["ppm"], **terms)
        facts = {"device": device, "to": to, "ppm": agreement.share_ppm}
        if agreement.wh_per_hour is not None:
            facts["wh_per_hour"] = agreement.wh_per_hour
        return facts

    def sentence(self, result: dict[str, Any]) -> str:
        if "wh_per_hour" in result:
            hourly = f"up to {result['wh_per_hour']} Wh of each hour"
            return f"{result['to']} gets {hourly} of device {result['device']}."
        return f"{result['to']} gets {result['ppm']} ppm of device {result['device']}."
