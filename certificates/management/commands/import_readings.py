"""Import a meter file."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from certificates.errors import MeterFileRefused
from certificates.management.registry_refusals import REFUSALS
from certificates.services.meters.readings import import_again, import_readings, preview
from certificates.services.plants.devices import find_device
from ledger.management.registry_command import RegistryCommand, progress_bar

SHOWN = 20  # bad lines printed for people; --json has them all
COUNTS = ("rows", "accepted", "held", "rejected", "duplicates", "skipped")


class Command(RegistryCommand):
    help = "Read a file of a device's meter, of any format; every bad line is named."
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="CSV, XLSX, NEM12, Green Button, MSCONS, ENTSO-E or JSON, plain or gzip",
        )
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            type=_condition,
            metavar="column=value",
            help="take only lines where the column has this value; a name that begins with @ is a "
            "choice, such as @zone=Europe/London or @unit=kwh; may be given several times",
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="correct values back to what a file says that was imported before",
        )
        parser.add_argument("--dry-run", action="store_true", help="report and keep nothing")

    def perform(
        self, *, now: datetime, file: Path, device: str, dry_run: bool, **options: Any
    ) -> dict[str, Any]:
        plant = find_device(device)
        selection = dict(options["filter"])
        try:
            stream = file.open("rb")
        except OSError as error:
            raise MeterFileRefused(f"{file} cannot be read: {error.strerror}.") from error
        with stream, progress_bar("readings", "line") as progress:
            if dry_run:
                self.report = preview(device=plant, stream=stream, selection=selection, now=now)
            else:
                take = import_again if options["again"] else import_readings
                self.report = take(
                    device=plant,
                    stream=stream,
                    name=file.name,
                    selection=selection,
                    now=now,
                    progress=progress,
                )
        return {name: self.report[name] for name in (*COUNTS, "errors")}

    def sentence(self, result: dict[str, Any]) -> str:
        counts = ", ".join(f"{result[name]} {name}" for name in COUNTS)
        lines = [
            f"line {error['line']}, {error['field']} {error['value']!r}: {error['reason']}"
            for error in result["errors"][:SHOWN]
        ]
        more = len(result["errors"]) + self.report["errors_omitted"] - len(lines)
        rest = [f"... and {more} more lines; --json lists them"] if more else []
        return "\n".join([f"{counts}; {self.report['energy_wh']} Wh.", *lines, *rest])


def _condition(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not column=value")
    return column.strip(), value.strip()
