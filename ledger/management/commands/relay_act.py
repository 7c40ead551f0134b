"""Bring what a holder signed to the chain."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.domain.signed_acts import parse
from ledger.errors import ActUnreadable
from ledger.management.registry_command import RegistryCommand
from ledger.services.relaying import relay

ACTOR = "relay_act"
LARGEST_FILE = 1 << 16  # bytes


class Command(RegistryCommand):
    help = (
        "Bring a transfer or retirement that a holder signed (EIP-712) to the chain. The file is "
        "JSON with primaryType, message and signature. Bringing it twice is as once."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what the holder's wallet signed")

    def perform(self, *, now: datetime, file: Path, **options: Any) -> dict[str, Any]:
        row = relay(act=parse(_read(file)), actor=ACTOR, now=now)
        return {
            "transaction": f"0x{bytes(row.transaction_hash).hex()}",
            "status": row.status,
            "block": row.block.height if row.block else None,
            "reason": row.reason,
        }

    def sentence(self, result: dict[str, Any]) -> str:
        name = f"Transaction {result['transaction']}"
        if result["block"] is None:
            return f"{name} waits for the next block."
        ended = f", but was refused: {result['reason']}" if result["reason"] else ""
        return f"{name} is in block {result['block']:,}{ended}."


def _read(path: Path) -> Any:
    """Raises: ActUnreadable."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ActUnreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise ActUnreadable(f"{path.name} is larger than {LARGEST_FILE:,} bytes: it is no act.")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ActUnreadable(f"{path.name} is no JSON: {error}.") from error
