"""`manage.py verify_meter_value FILE [--key FILE]`."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from charging.domain.meters.carriage.messages import MOST_BYTES
from charging.domain.meters.key_registry import MOST_BYTES as MOST_KEY_BYTES
from charging.domain.meters.key_registry import KeyRegistry, read_key_file
from charging.domain.meters.report import as_json, headline
from charging.domain.meters.verification import SignatureState, verify_message
from charging.errors import ChargingError, UnreadableFile
from ledger.management.registry_command import RegistryCommand

NOT_VALID = 1  # exit code: the file was read, and the signature is not valid


class Command(RegistryCommand):
    help = (
        "Verify signed meter values: OCMF, Alfen, EDL40, ISA-EDL40, Mennekes or PCDF, as they are, "
        "or inside OCPI, OCPP or S.A.F.E. XML. "
        "Needs no database and no network. Exit codes: 0 signature valid, 1 it is not, "
        "2 no such file or key."
    )
    refusals = (ChargingError,)
    requires_system_checks = []
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the signed value, in whatever it came in")
        parser.add_argument(
            "--key",
            type=Path,
            help="a public key (PEM, hex, base64), or a JSON file of keys by meter; without it "
            "only a key that came with the message is used, which proves nothing by itself",
        )

    def perform(
        self, *, now: datetime, file: Path, key: Path | None, **options: Any
    ) -> dict[str, Any]:
        keys = read_key_file(_read(key, MOST_KEY_BYTES)) if key else KeyRegistry()
        verdict = verify_message(_read(file, MOST_BYTES), keys)
        self.state = verdict.state
        self.headline = headline(verdict)
        return as_json(verdict)

    def sentence(self, result: dict[str, Any]) -> str:
        energy = result["energy_wh"]
        lines = [self.headline]
        if energy is not None:
            lines.append(f"Energy: {energy:,} Wh (exactly {result['energy_exact_wh']} Wh).")
        for found in result["findings"]:
            mark = "AGAINST" if found["weight"] == "against" else "note   "
            where = "".join(
                f" {part} {found[part]}" for part in ("record", "reading") if found[part]
            )
            lines.append(f"{mark} {found['code']}{where}: {found['sentence']}")
        return "\n".join(lines)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.state != SignatureState.VALID:
            raise CommandError(f"The signature is {self.state}.", returncode=NOT_VALID)


def _read(path: Path, most: int) -> bytes:
    """A file of bounded size; one byte more than allowed shows that it is too large."""
    try:
        with path.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
