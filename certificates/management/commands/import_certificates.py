"""Hand in certificates of another registry."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from certificates.domain.external.gc_csv import OPTIONS
from certificates.errors import ImportRefused, LinesRefused
from certificates.management.registry_refusals import REFUSALS
from certificates.services.imports.files import preview
from certificates.services.imports.imports import Request, hand_in_file
from certificates.services.imports.registries import find_registry
from certificates.services.plants.devices import find_device
from ledger.management.registry_command import RegistryCommand

SHOWN = 20  # bad lines printed for people; --json has them all


class Command(RegistryCommand):
    help = (
        "Hand in EnergyTag's certificate file (CSV) of another registry for a plant that is "
        "certified there. Nothing is issued before an auditor accepts it."
    )
    refusals = REFUSALS

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, plain or gzip")
        parser.add_argument("--device", required=True, metavar="GSRN")
        parser.add_argument("--registry", required=True, metavar="CODE")
        parser.add_argument(
            "--proof",
            default="",
            help="the document by which that registry cancelled or exported the certificates",
        )
        for name, options in OPTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", choices=options)
        parser.add_argument("--dry-run", action="store_true", help="report and keep nothing")

    def perform(
        self, *, now: datetime, file: Path, device: str, registry: str, **options: Any
    ) -> dict[str, Any]:
        plant, other = find_device(device), find_registry(registry)
        choices = {name: options[name] for name in OPTIONS if options[name]}
        try:
            stream = file.open("rb")
        except OSError as error:
            raise ImportRefused(f"{file} cannot be read: {error.strerror}.") from error
        with stream:
            if options["dry_run"]:
                report = preview(
                    device=plant, registry=other, stream=stream, choices=choices, now=now
                )
                return {"status": "not handed in", **report}
            request = Request(plant, other, file.name, options["proof"], choices)
            try:
                made = hand_in_file(request=request, stream=stream, now=now, actor="command")
            except LinesRefused as error:
                raise ImportRefused(_lines(error)) from error
        return {"import": made.pk, "status": made.status, **made.report}

    def sentence(self, result: dict[str, Any]) -> str:
        told = [
            f"{result['good']} of {result['rows']} lines, {result['amount_wh']} Wh: "
            f"{result['status']}."
        ]
        told += [
            f"line {one['line']}, {one['field']} {one['value']!r}: {one['reason']}"
            for one in result["errors"][:SHOWN]
        ]
        return "\n".join([*told, *result["findings"]])


def _lines(error: LinesRefused) -> str:
    told = [f"line {one.line}, {one.field}: {one.message}" for one in error.lines[:SHOWN]]
    more = len(error.lines) - len(told)
    rest = [f"... and {more} more; --dry-run --json lists them"] if more else []
    return "\n".join([f"{len(error.lines)} lines cannot come in:", *told, *rest])
