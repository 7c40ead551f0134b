"""`manage.py import_sessions FILE --organisation SLUG`."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from charging.domain.profiles import PERTH_KINROSS, PROFILES
from charging.domain.session_file import read_all
from charging.errors import ChargingError, UnreadableFile
from charging.queries.organisations import organisation_of
from charging.services.reference import load_everything
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from ledger.management.registry_command import RegistryCommand, progress_bar, utc_instant


class Command(RegistryCommand):
    help = "Import a file of charging sessions; every row is accounted for."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file, plain or gzipped")
        parser.add_argument("--organisation", required=True, help="slug of the charging company")
        parser.add_argument(
            "--profile", default=PERTH_KINROSS.name, help=f"one of: {', '.join(sorted(PROFILES))}"
        )
        parser.add_argument("--area", default="", help="code of the bidding area of all sites")
        parser.add_argument("--from", dest="starts_at", type=utc_instant, help="first start (UTC)")
        parser.add_argument("--to", dest="ends_at", type=utc_instant, help="starts before (UTC)")
        parser.add_argument(
            "--final", action="store_true", help="the sessions will not change any more"
        )
        parser.add_argument("--dry-run", action="store_true", help="report, write nothing")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        load_everything()
        company = organisation_of(options["organisation"])
        upload = Upload(options["file"].name, _read(options["file"]))
        chosen = Options(
            profile=options["profile"],
            area=options["area"],
            starts_at=options["starts_at"],
            ends_at=options["ends_at"],
            final=options["final"],
        )
        with progress_bar("charges", "line") as progress:
            report = import_sessions(
                organisation=company,
                upload=upload,
                options=chosen,
                now=now,
                dry_run=options["dry_run"],
                progress=progress,
            )
        return report.as_json()

    def sentence(self, result: dict[str, Any]) -> str:
        errors = result["errors"]
        lines = [
            f"line {error['line']}: {error['field']} {error['value']!r}: {error['reason']}"
            for error in errors[:SHOWN]
        ]
        if len(errors) > SHOWN:
            lines.append(f"... and {len(errors) - SHOWN} more; --json shows all.")
        counts = ", ".join(f"{name} {n}" for name, n in result.items() if name != "errors")
        return "\n".join([*lines, counts])


SHOWN = 20


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return read_all(stream)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
