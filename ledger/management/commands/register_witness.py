"""Let somebody co-sign the chain, or end it."""

import argparse
import re
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from ledger.management.registry_command import RegistryCommand
from ledger.services import witnesses

ACTOR = "register_witness"


def address(text: str) -> bytes:
    """20 bytes in hexadecimal, as `witness` prints its own."""
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address: 0x and 40 hexadecimal digits")
    return bytes.fromhex(text[2:])


class Command(RegistryCommand):
    help = "Register who may co-sign the chain's blocks, by the address that `witness` prints."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("address", type=address, metavar="0xADDRESS")
        parser.add_argument("name", help="who it is, as receipts and pages say it")
        parser.add_argument("--since", type=int, default=0, metavar="HEIGHT")
        parser.add_argument(
            "--retire", type=int, metavar="HEIGHT", help="the last block it may sign"
        )

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        witness = witnesses.register(
            address=options["address"],
            name=options["name"],
            since_height=options["since"],
            actor=ACTOR,
            now=now,
        )
        if options["retire"] is not None:
            witness = witnesses.retire(
                address=options["address"], height=options["retire"], actor=ACTOR, now=now
            )
        return {
            "name": witness.name,
            "address": f"0x{bytes(witness.address).hex()}",
            "since": witness.since_height,
            "retired": witness.retired_height,
        }

    def sentence(self, result: dict[str, Any]) -> str:
        span = f"from block {result['since']:,} on"
        if result["retired"] is not None:
            span = f"from block {result['since']:,} to {result['retired']:,}"
        return f"{result['name']} ({result['address']}) is a witness {span}."
