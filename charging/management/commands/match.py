"""`manage.py match --organisation SLUG --from --to`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from certificates.errors import CertificatesError
from charging.domain.matching import VERSION
from charging.domain.matching.policies import POLICIES
from charging.domain.matching.versions import VERSIONS
from charging.errors import ChargingError, InvalidPeriod
from charging.queries.matching.replay import replay, run_of
from charging.queries.matching.what_if import HOURLY, compare, what_if
from charging.queries.organisations import organisation_of
from charging.services.matching.runs import match
from ledger.errors import LedgerError
from ledger.management.registry_command import RegistryCommand, progress_bar, utc_instant


class Command(RegistryCommand):
    help = "Match a company's charges with its certificates by the hour, and retire them."
    refusals = (ChargingError, CertificatesError, LedgerError)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", help="slug of the charging company")
        parser.add_argument("--from", dest="starts_at", type=utc_instant)
        parser.add_argument("--to", dest="ends_at", type=utc_instant)
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
            choices=tuple(POLICIES),
            default=HOURLY,
            help="when generation counts; only with --what-if and --replay",
        )
        parser.add_argument(
            "--compare", action="store_true", help="with --what-if: under every policy"
        )
        parser.add_argument(
            "--replay",
            type=int,
            metavar="RUN",
            help="compute this run again under --policy and --rule, compare, write nothing",
        )
        parser.add_argument(
            "--rule",
            choices=tuple(VERSIONS),
            default=VERSION,
            help="version of the matching rule, with --replay",
        )

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        if options["replay"] is not None:
            run = run_of(options["replay"])
            return asdict(replay(run, policy=options["policy"], version=options["rule"]))
        if not (options["organisation"] and options["starts_at"] and options["ends_at"]):
            raise InvalidPeriod("Name --organisation, --from and --to, or a run with --replay.")
        period = {
            "organisation": organisation_of(options["organisation"]),
            "starts_at": options["starts_at"],
            "ends_at": options["ends_at"],
        }
        if options["what_if"] and options["compare"]:
            reports = compare(**period, ppm=options["ppm"])
            return {"policies": {name: report.as_json() for name, report in reports.items()}}
        if options["what_if"]:
            return what_if(**period, ppm=options["ppm"], policy=options["policy"]).as_json()
        if options["policy"] != HOURLY or options["ppm"] is not None or options["compare"]:
            raise InvalidPeriod(
                "Certificates are retired by the hour, from what is held. "
                "Add --what-if to ask for another share or policy."
            )
        with progress_bar("Matching") as progress:
            return match(**period, now=now, progress=progress).as_json()

    def sentence(self, result: dict[str, Any]) -> str:
        if "policies" in result:
            lines = (
                f"{POLICIES[name].title}: {_share(report['matched_wh'], report['demand_wh'])}"
                for name, report in result["policies"].items()
            )
            return "\n".join(lines)
        if "replayed_wh" in result:
            demand = result["demand_wh"]
            return (
                f"Run {result['run']}: booked {_share(result['booked_wh'], demand)}; "
                f"{result['policy']} by {result['version']}: "
                f"{_share(result['replayed_wh'], demand)}."
            )
        late = result["late_intervals"]
        return (
            f"{_share(result['matched_wh'], result['demand_wh'])} matched in "
            f"{result['session_hours']:,} session hours; {result['retirements']:,} retirements"
            + (f", of late data in {late:,} intervals that were closed before." if late else ".")
        )


def _share(matched_wh: int, demand_wh: int) -> str:
    share = f" ({matched_wh / demand_wh:.2%})" if demand_wh else ""
    return f"{matched_wh:,} of {demand_wh:,} Wh{share}"
