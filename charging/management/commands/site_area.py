"""`manage.py site_area --organisation SLUG --site ID --area CODE`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from charging.errors import ChargingError
from charging.queries.organisations import organisation_of
from charging.services.ocpi.cdr_placing import retry_without_area
from charging.services.ocpi.sites import set_area
from charging.services.reference import load_everything
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = "Enter the bidding area of a site; charges that were held for it follow at once."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="slug of the charging company")
        parser.add_argument("--site", required=True, help="the site's id, or its whole name")
        parser.add_argument("--area", required=True, help="code of the bidding area")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        load_everything()
        sites = set_area(
            operator=organisation_of(options["organisation"]),
            name=options["site"],
            code=options["area"],
            actor="command site_area",
            now=now,
        )
        return {"sites": len(sites), "recorded": retry_without_area(now=now)}

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"Sites with this area now: {result['sites']}; charges recorded: {result['recorded']}."
        )
