"""`manage.py match --organisation SLUG --from --to`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.errors import CertificatesError
from charging.errors import ChargingError, InvalidPeriod
from charging.queries.organisations import organisation_of
from charging.queries.what_if import ANNUAL, HOURLY, POLICIES, what_if
from charging.services.matching import match
from ledger.errors import LedgerError
from ledger.management.registry_command import RegistryCommand, progress_bar, utc_instant


class Command(RegistryCommand):
    help = "Match a company's charges with its certificates by the hour, and retire them."
    refusals = (ChargingError, CertificatesError, LedgerError)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="slug of the charging company")
        parser.add_argument("--from", dest="starts_at", type=utc_instant, required=True)
        parser.add_argument("--to", dest="ends_at", type=utc_instant, required=True)
        parser.add_argument(
            "--what-if", action="store_true", help="say what would be matched, write nothing"
        )
        parser.add_argument(
            "--ppm",
            type=int,
            metavar="N",
            help="with --what-if: this share (parts per million) of the plants under agreement",
        )
        parser.add_argument(
            "--policy",
            choices=POLICIES,
            default=HOURLY,
            help="annual counts generation anywhere in the period; only with --what-if",
        )

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        period = {
            "organisation": organisation_of(options["organisation"]),
            "starts_at": options["starts_at"],
            "ends_at": options["ends_at"],
        }
        if options["what_if"]:
            return what_if(**period, ppm=options["ppm"], policy=options["policy"]).as_json()
        if options["policy"] == ANNUAL or options["ppm"] is not None:
            raise InvalidPeriod(
                "Certificates are retired by the hour, from what is held. "
                "Add --what-if to ask for another share or policy."
            )
        with progress_bar("Matching") as progress:
            return match(**period, now=now, progress=progress).as_json()

    def sentence(self, result: dict[str, Any]) -> str:
        demand = result["demand_wh"]
        share = f" ({result['matched_wh'] / demand:.2%})" if demand else ""
        return (
            f"{result['matched_wh']:,} of {demand:,} Wh matched{share} in "
            f"{result['session_hours']:,} session hours; {result['retirements']:,} retirements."
        )
