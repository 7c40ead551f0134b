"""Check a receipt's proof, without database or network."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ledger.domain.proof import files, trust
from ledger.domain.proof.reader import MAX_BYTES
from ledger.domain.proof.statement import ATTRIBUTES, Statement, not_checked
from ledger.domain.proof.verification import Verdict, verify
from ledger.errors import ProofUnreadable
from ledger.management.registry_command import RegistryCommand

INVALID = 1  # exit code: the file was read, and a step failed
AUTHENTIC, CONSISTENT, REFUTED = "authentic", "consistent, not authenticated", "invalid"


class Command(RegistryCommand):
    help = (
        "Check the proof of a receipt, step by step, from its fields up to the seal of its block. "
        "Needs no database and no network. Exit codes: 0 valid, 1 a step failed, 2 no such file."
    )
    requires_system_checks = []
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="proof file, as the receipt's page gives it")
        parser.add_argument("--trust", type=Path, help="trust file; without it nobody vouches")

    def perform(
        self, *, now: datetime, file: Path, trust: Path | None, **options: Any
    ) -> dict[str, Any]:
        verdict = check(file, trust)
        self.failed_step = verdict.failed_step
        return described(verdict)

    def sentence(self, result: dict[str, Any]) -> str:
        lines = [
            f"{'ok  ' if step['passed'] else 'FAIL'} {step['name']}: {step['said']}"
            for step in result["steps"]
        ]
        lines += ["", f"Verdict: {result['verdict']}."]
        if result["statement"]:
            lines += _statement_lines(result["statement"])
            lines += ["", "Not checked:", *(f"  {each}" for each in result["not_checked"])]
        return "\n".join(lines)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.failed_step:
            raise CommandError(
                f"The proof is invalid: step {self.failed_step!r} failed.", returncode=INVALID
            )


def check(file: Path, trust_path: Path | None) -> Verdict:
    """Read and verify. Raises: ProofUnreadable."""
    vouched = trust.parse(_read(trust_path)) if trust_path else None
    return verify(files.parse(_read(file)), vouched)


def described(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain values."""
    said = verdict.statement
    word = AUTHENTIC if verdict.authenticated else CONSISTENT
    return {
        "verdict": word if verdict.valid else REFUTED,
        "failed_step": verdict.failed_step,
        "steps": [
            {"name": step.name, "passed": step.passed, "said": step.said} for step in verdict.steps
        ],
        "statement": said and _described(said),
        "not_checked": said and not_checked(said.block, authenticated=verdict.authenticated),
    }


def _described(said: Statement) -> dict[str, Any]:
    return {
        "block": said.block,
        "sealed_at": said.sealed_at.isoformat(),
        "charge": dict(said.charge),
        "retired_wh": {name: said.total_wh(name) for name in ATTRIBUTES.values()},
        "numbers": [
            {
                "device": one.device,
                "attribute": one.attribute,
                "first": one.first,
                "last": one.end - 1,
                "made_from": one.starts_at.isoformat(),
                "made_to": one.ends_at.isoformat(),
                "used_in": one.used_in,
                "same_interval": one.same_start,
            }
            for one in said.stretches
        ],
    }


def _statement_lines(said: dict[str, Any]) -> list[str]:
    lines = [f"Sealed in block {said['block']:,} at {said['sealed_at']}.", ""]
    lines += [f"  {name}: {value}" for name, value in said["charge"].items()]
    lines += ["", "Used up for this receipt and for no other:"]
    for one in said["numbers"]:
        hour = "the same interval" if one["same_interval"] else one["used_in"] or "not disclosed"
        lines.append(
            f"  plant {one['device']}, {one['attribute']}: Wh {one['first']:,} to {one['last']:,}, "
            f"made {one['made_from']} to {one['made_to']}, used in {hour}"
        )
    return lines


def _read(path: Path) -> bytes:
    """A file of bounded size. Raises: ProofUnreadable."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProofUnreadable(f"{path.name} cannot be read: {error.strerror}.") from error
