"""Take charges and discharges of storage from a file."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from certificates.domain.storage.flows import END, START, UNITS, VALIDATOR, read_csv
from certificates.errors import LinesRefused, MeterFileRefused, StorageRefused
from certificates.management.registry_refusals import REFUSALS
from certificates.services.plants.devices import find_device
from certificates.services.storage.records import record
from ledger.management.registry_command import RegistryCommand

SHOWN = 20  # bad lines printed


class Command(RegistryCommand):
    help = (
        f"Take a CSV file with {START}, {END}, one of {', '.join(UNITS)} (below zero into the "
        f"storage) and {VALIDATOR}: all lines or none."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument(
            "--replace", action="store_true", help="let other values replace those in force"
        )

    def perform(
        self, *, now: datetime, file: Path, device: str, replace: bool, **_: Any
    ) -> dict[str, Any]:
        storage = find_device(device)
        try:
            with file.open("rb") as stream:
                flows = read_csv(stream)
            report = record(device=storage, flows=flows, replace=replace, now=now, actor="command")
        except OSError as error:
            raise MeterFileRefused(f"{file} cannot be read: {error.strerror}.") from error
        except LinesRefused as error:
            lines = [f"line {e.line}, {e.field}: {e.message}" for e in error.lines[:SHOWN]]
            more = len(error.lines) - len(lines)
            rest = [f"... and {more} more lines"] if more else []
            raise StorageRefused("\n".join(["Nothing was taken.", *lines, *rest])) from error
        return asdict(report)

    def sentence(self, result: dict[str, Any]) -> str:
        return ", ".join(f"{count} {name}" for name, count in result.items()) + "."
