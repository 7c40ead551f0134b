"""Link an address of a holder's own to their account, in two steps."""

import argparse
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from ledger.management.commands.register_witness import address
from ledger.management.registry_command import RegistryCommand, utc_instant
from ledger.services import own_addresses

ACTOR = "link_address"
GOOD_FOR = timedelta(hours=1)


def signature(text: str) -> bytes:
    """65 bytes in hexadecimal, as wallets give a signature."""
    if not re.fullmatch(r"0x[0-9a-fA-F]{130}", text):
        raise argparse.ArgumentTypeError("a signature is 0x and 130 hexadecimal digits")
    return bytes.fromhex(text[2:])


class Command(RegistryCommand):
    help = (
        "Link an address to a holder's account. Without --signature it prints the message that "
        "the holder's wallet is to sign (as a text, personal_sign); with it, and the --until "
        "that the message names, it links."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("account", type=UUID, metavar="ACCOUNT", help="the account's uuid")
        parser.add_argument("address", type=address, metavar="0xADDRESS")
        parser.add_argument("--signature", type=signature, metavar="0xSIGNATURE")
        parser.add_argument("--until", type=utc_instant, metavar="TIME")

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        holder = own_addresses.account_of(options["account"])
        until = options["until"] or (now + GOOD_FOR).replace(microsecond=0)
        result: dict[str, Any] = {
            "account": str(holder.uuid),
            "address": f"0x{options['address'].hex()}",
            "until": until.isoformat(),
        }
        if options["signature"] is None:
            about = {"holder": holder, "address": options["address"], "until": until}
            return result | {"linked": False, "message": own_addresses.message_for(**about)}
        own_addresses.link(
            holder=holder,
            address=options["address"],
            signature=options["signature"],
            until=until,
            actor=ACTOR,
            now=now,
        )
        return result | {"linked": True}

    def sentence(self, result: dict[str, Any]) -> str:
        if result["linked"]:
            return f"{result['address']} is linked to account {result['account']}."
        return (
            f"{result['message']}\n\nHave this text signed with the key of {result['address']}, "
            f"then call again with --until {result['until']} --signature 0x..."
        )
