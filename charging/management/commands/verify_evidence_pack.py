"""Check an evidence pack, without database or network."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from charging.domain.pack_check import check_pack
from charging.errors import PackUnreadable
from ledger.domain.proof import trust as trust_format
from ledger.errors import ProofUnreadable
from ledger.management.registry_command import RegistryCommand

INVALID = 1  # exit code: the pack was read, and something in it does not agree


class Command(RegistryCommand):
    help = (
        "Check a yearly evidence pack: hashes, signatures, sums, and every proof up to the seal "
        "of its block. Needs no database and no network. Exit codes: 0 valid, 1 something does "
        "not agree, 2 no such pack."
    )
    requires_system_checks = []
    needs_database = False
    refusals = (PackUnreadable, ProofUnreadable)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the ZIP")
        parser.add_argument("--trust", type=Path, help="trust file; without it nobody vouches")

    def perform(
        self, *, now: datetime, file: Path, trust: Path | None, **options: Any
    ) -> dict[str, Any]:
        try:
            vouched = trust_format.parse(trust.read_bytes()) if trust else None
            with file.open("rb") as stream:
                verdict = check_pack(stream, vouched)
        except OSError as error:
            raise PackUnreadable(f"{error.filename} cannot be read: {error.strerror}.") from error
        self.valid = verdict.valid
        return {"valid": verdict.valid, **asdict(verdict)}

    def sentence(self, result: dict[str, Any]) -> str:
        word = "Everything agrees" if result["valid"] else "Something does not agree"
        vouched = (
            "under the trust file"
            if result["authenticated"]
            else "but no trust file was given, so nobody vouches for the seals"
        )
        return "\n".join(
            [
                *(f"FAIL {finding}" for finding in result["findings"]),
                f"{word}: {result['claimant']}, {result['year']}.",
                f"{result['files']:,} files; {result['proofs']:,} proofs of "
                f"{result['proven_wh']:,} Wh hold, {vouched}.",
                f"Signed by {result['signer']}: compare it with the registry's address.",
            ]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not self.valid:
            raise CommandError("The pack is not valid.", returncode=INVALID)
