"""Receipts as they are stored, read without building an object for every log."""

from dataclasses import dataclass

import rlp

TYPED_BELOW = 0x80  # EIP-2718: a first byte below this is a type, not a list
Log = tuple[bytes, tuple[bytes, ...], bytes]


@dataclass(frozen=True, slots=True)
class Receipt:
    """`gas_used` is cumulative; a log is (address, topics, data)."""

    status: int
    gas_used: int
    bloom: bytes
    logs: tuple[Log, ...]


def decode_receipt(raw: bytes) -> Receipt:
    """A receipt of any transaction type (EIP-2718, yellow paper 4.4.1)."""
    status, gas_used, bloom, logs = rlp.decode(raw[1:] if raw[0] < TYPED_BELOW else raw)
    return Receipt(
        status=int.from_bytes(status, "big"),
        gas_used=int.from_bytes(gas_used, "big"),
        bloom=bloom,
        logs=tuple((address, tuple(topics), data) for address, topics, data in logs),
    )
