"""Re-execute the chain."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ledger.chain.opening import verify_stored_chain
from ledger.management.registry_command import RegistryCommand, progress_bar

DEVIATES = 1  # exit code: the chain was read, and does not follow from its genesis


class Command(RegistryCommand):
    needs_database = False
    help = (
        "Execute every block again from the genesis, in memory, and compare state roots, seals "
        "and all that is stored. Reports the first deviation."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stock",
            action="store_true",
            help="execute on py-evm as it comes, five times slower, without the parts of this "
            "registry that make it fast",
        )

    def perform(self, *, now: datetime, stock: bool, **options: Any) -> dict[str, Any]:
        with progress_bar("verifying", "block") as show:
            report = verify_stored_chain(progress=show, stock=stock)
        self.deviates = report.deviation is not None
        return {
            "genesis": f"0x{report.genesis_hash.hex()}",
            "blocks": report.blocks,
            "transactions": report.transactions,
            "head": f"0x{report.head_hash.hex()}",
            "state_root": f"0x{report.state_root.hex()}",
            "authenticated": report.authenticated,
            "deviation": report.deviation
            and {"block": report.deviation.block, "what": report.deviation.what},
        }

    def sentence(self, result: dict[str, Any]) -> str:
        done = (
            f"{result['blocks']:,} blocks with {result['transactions']:,} transactions "
            f"executed again from the genesis."
        )
        deviation = result["deviation"]
        if deviation:
            return f"{done}\nBlock {deviation['block']:,} deviates: {deviation['what']}."
        seals = (
            "by this registry's keys"
            if result["authenticated"]
            else "by keys that are not known here"
        )
        return f"{done}\nEvery state root and seal follows; sealed {seals}. Head {result['head']}."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.deviates:
            raise CommandError("The chain does not follow from its genesis.", returncode=DEVIATES)
