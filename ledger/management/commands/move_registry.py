"""Move the registry to another chain."""

import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ledger.chain import open_chain
from ledger.chain.port import Chain
from ledger.errors import LedgerError
from ledger.management.registry_command import Progress, RegistryCommand, progress_bar
from ledger.services.moving import carrying
from ledger.services.moving.bundle import Bundle, read_bundle
from ledger.services.moving.closing import close

DIFFERENT = 1  # exit code of check: the comparison was made, and something differs
SHOWN = 20
LOOK_EVERY = 4  # seconds between two looks at a network
STEPS = {
    "close": "check the old chain, which is paused, and write the closing bundle",
    "plan": "count the calls that the new chain needs, and their gas",
    "carry": "send the calls that the new chain has not had; run it again after a crash",
    "check": "compare the whole storage of the new contract with the bundle",
}


def check(chain: Chain, bundle: Bundle) -> dict[str, Any]:
    """What differs, as the command prints it."""
    return {"differences": [asdict(each) for each in carrying.differences(chain, bundle)]}


class Command(RegistryCommand):
    help = (
        "Move the registry to another chain, step by step (docs/scaling.md). `close` runs with the "
        "old chain's settings, `carry` and `check` with the new chain's: CHAIN_ID, and "
        "LEDGER_CHAIN_URL or another DATA_DIR. "
    ) + " ".join(f"{name}: {what}." for name, what in STEPS.items())
    refusals = (LedgerError, OSError)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=STEPS)
        parser.add_argument("directory", type=Path, metavar="DIR", help="the closing bundle's")

    def perform(
        self, *, now: datetime, step: str, directory: Path, **options: Any
    ) -> dict[str, Any]:
        with progress_bar(step) as show:
            if step == "close":
                closing = close(directory, progress=show)
                return {
                    "step": step,
                    "block": closing.height,
                    "hash": closing.block_hash,
                    "statement": f"0x{closing.statement.hex()}",
                }
            bundle = read_bundle(directory)
            if step == "plan":
                return {"step": step, **asdict(carrying.plan_of(bundle))}
            with open_chain(writable=step == "carry") as chain:
                made = self.carry(chain, bundle, show) if step == "carry" else check(chain, bundle)
                self.differs = bool(made.get("differences"))
                return {"step": step, "block": chain.head().number, **made}

    def carry(self, chain: Chain, bundle: Bundle, show: Progress) -> dict[str, Any]:
        done = carrying.carry(
            chain,
            bundle,
            clock=timezone.now,
            wait=lambda: time.sleep(LOOK_EVERY),
            progress=show,
        )
        return {"calls": done}

    def sentence(self, result: dict[str, Any]) -> str:
        return getattr(self, f"_{result['step']}")(result)  # type: ignore[no-any-return]

    def _close(self, result: dict[str, Any]) -> str:
        return (
            f"Closed at block {result['block']:,}, {result['hash']}. Publish the bundle; its "
            f"statement's hash is {result['statement']}. Never let a writer seal on it again."
        )

    def _plan(self, result: dict[str, Any]) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in result["calls"].items())
        told = (
            f"{sum(result['calls'].values()):,} calls ({kinds or 'none'}) issue "
            f"{result['lots']:,} lots that somebody holds and {result['fillers']:,} fillers again; "
            f"they take at most {result['gas']:,} gas."
        )
        if result["must_unbundle"]:
            told += " The admin's key must allow unbundling on the new contract first."
        return told

    def _carry(self, result: dict[str, Any]) -> str:
        return (
            f"All {result['calls']:,} calls are in the new chain, up to block {result['block']:,}."
        )

    def _check(self, result: dict[str, Any]) -> str:
        found = result["differences"]
        lines = [
            f"{d['what']}: the bundle says {d['expected']}, the new chain {d['actual']}"
            for d in found[:SHOWN]
        ]
        head = f"Block {result['block']:,}: {len(found):,} differences."
        same = f"Block {result['block']:,}: the new contract holds what the old one held."
        return "\n".join([head, *lines]) if lines else same

    def handle(self, *args: Any, **options: Any) -> None:
        self.differs = False
        super().handle(*args, **options)
        if self.differs:
            raise CommandError("The new chain differs.", returncode=DIFFERENT)
