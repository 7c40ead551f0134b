"""What a holder signs to show that an address is theirs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

LONGEST = timedelta(hours=24)  # that a message may be signed ahead


def link_message(
    *, chain_id: int, registry_id: int, account: UUID, address: bytes, until: datetime
) -> str:
    """The text to be signed as a wallet signs texts (EIP-191, personal_sign).

    It names everything that the link is about, so that it is good for nothing else; `until`
    is when it stops being taken.
    """
    last = until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "\n".join(
        [
            "I hold the key of this address, and link it to my account.",
            "",
            f"Address: 0x{address.hex()}",
            f"Account: {account}",
            f"Registry: {registry_id} on chain {chain_id}",
            f"Good until: {last}",
            "",
            "What is released to it is in my hands alone: nobody can restore it for me. "
            "The issuer can still withdraw certificates that were issued in error or have expired.",
        ]
    )
