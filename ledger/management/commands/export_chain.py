"""The chain as files."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.chain.stored import export_chain
from ledger.errors import LedgerError
from ledger.management.registry_command import RegistryCommand, progress_bar


class Command(RegistryCommand):
    help = (
        "Write the chain to a directory: genesis.json as geth takes it, chain.rlp with all "
        "blocks, seals.jsonl. Other implementations execute it to the same head."
    )
    needs_database = False
    refusals = (LedgerError, OSError)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR")

    def perform(self, *, now: datetime, directory: Path, **options: Any) -> dict[str, Any]:
        with progress_bar("exporting", "block") as show:
            head = export_chain(directory, progress=show)
        return {"blocks": head.block_number, "head": f"0x{head.hash.hex()}"}

    def sentence(self, result: dict[str, Any]) -> str:
        return f"{result['blocks']:,} blocks written; the head is {result['head']}."
