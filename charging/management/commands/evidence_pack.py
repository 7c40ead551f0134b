"""`manage.py evidence_pack --organisation SLUG --year YEAR`."""

import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from certificates.errors import CertificatesError
from charging.errors import ChargingError
from charging.queries.company.evidence_pack import files_of, gather
from charging.queries.organisations import organisation_of
from ledger.domain.zip_stream import zip_stream
from ledger.errors import LedgerError
from ledger.management.registry_command import RegistryCommand


class Command(RegistryCommand):
    help = (
        "Write a company's evidence of a calendar year (UTC) as one ZIP: hours, certificates, "
        "signed statements, proofs. The same state of the registry gives the same bytes."
    )
    refusals = (ChargingError, CertificatesError, LedgerError)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="the company's short name")
        parser.add_argument("--year", type=int, required=True, help="a calendar year, UTC")
        parser.add_argument(
            "--output", type=Path, help="where to write; default: evidence-NAME-YEAR.zip here"
        )

    def perform(
        self, *, now: datetime, organisation: str, year: int, output: Path | None, **options: Any
    ) -> dict[str, Any]:
        if not 1970 < year < 9999:
            raise CommandError(f"{year} is no year with charges; write one like 2018.")
        evidence = gather(organisation_of(organisation), year)
        path = output or Path(f"{evidence.name}.zip")
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as stream:
                for piece in zip_stream(files_of(evidence)):
                    stream.write(piece)
            draft.replace(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)
        return {"file": str(path), "bytes": path.stat().st_size, **asdict(evidence.totals)}

    def sentence(self, result: dict[str, Any]) -> str:
        return (
            f"{result['file']}: {result['bytes']:,} bytes; {result['certificates']:,} certificates "
            f"of {result['matched_wh']:,} Wh for {result['charged_wh']:,} Wh charged, "
            f"{result['certified_wh']:,} Wh certified."
        )
