"""`manage.py import_marginal FILE`: what one kilowatt-hour more would have emitted."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from charging.domain.marginal_file import COLUMNS, FIGURES
from charging.domain.session_file import read_all
from charging.errors import ChargingError, UnreadableFile
from charging.services.marginal import load_marginal
from ledger.management.registry_command import RegistryCommand

SHOWN = 20


class Command(RegistryCommand):
    help = (
        "Load marginal intensities of areas from a CSV table with the columns "
        f"{', '.join(COLUMNS)} and one of {' and '.join(FIGURES)}. They are shown beside the "
        "averages and never added to them. Again adds nothing."
    )
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file, plain or gzipped")
        parser.add_argument("--dry-run", action="store_true", help="report, write nothing")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        report = load_marginal(
            data=_read(options["file"]),
            name=options["file"].name,
            actor="command import_marginal",
            now=now,
            dry_run=options["dry_run"],
        )
        return report.as_json()

    def sentence(self, result: dict[str, Any]) -> str:
        errors = result["errors"]
        lines = [
            f"line {error['line']}: {error['field']} {error['value']!r} {error['reason']}"
            for error in errors[:SHOWN]
        ]
        if len(errors) > SHOWN:
            lines.append(f"... and {len(errors) - SHOWN} more; --json shows all.")
        counts = ", ".join(f"{name} {n}" for name, n in result.items() if name != "errors")
        return "\n".join([*lines, counts])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return read_all(stream)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
