"""Ethereum's text forms: quantities without leading zeros, data with two digits a byte."""

import re
from typing import Any

from ledger.rpc.errors import invalid_params

QUANTITY = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
SLOT = re.compile(r"(?:0x)?[0-9a-fA-F]{0,64}")
ADDRESS_BYTES, HASH_BYTES = 20, 32


def quantity(number: int) -> str:
    return hex(number)


def data(value: bytes) -> str:
    return f"0x{bytes(value).hex()}"


def word(number: int) -> str:
    """A number as 32 bytes."""
    return f"0x{number:064x}"


def parse_quantity(value: Any, what: str) -> int:
    """Raises: RpcRefused."""
    if not isinstance(value, str) or not QUANTITY.fullmatch(value):
        raise invalid_params(
            f"invalid {what}: a quantity is a hex string such as 0x1f, without leading zeros"
        )
    return int(value, 16)


def parse_data(value: Any, what: str, *, length: int | None = None) -> bytes:
    """Bytes, as many as `length` says. Raises: RpcRefused."""
    if not isinstance(value, str) or not DATA.fullmatch(value):
        raise invalid_params(f"invalid {what}: data is a hex string, 0x and two digits a byte")
    parsed = bytes.fromhex(value[2:])
    if length is not None and len(parsed) != length:
        raise invalid_params(f"invalid {what}: it has {len(parsed)} bytes, not {length}")
    return parsed


def parse_address(value: Any, what: str = "address") -> bytes:
    """Raises: RpcRefused."""
    return parse_data(value, what, length=ADDRESS_BYTES)


def parse_hash(value: Any, what: str = "hash") -> bytes:
    """Raises: RpcRefused."""
    return parse_data(value, what, length=HASH_BYTES)


def parse_slot(value: Any) -> int:
    """A storage key: at most 32 bytes of hex, leading zeros or not. Raises: RpcRefused."""
    if not isinstance(value, str) or not value or not SLOT.fullmatch(value):
        raise invalid_params("invalid storage key: want at most 32 bytes as a hex string")
    return int(value.removeprefix("0x") or "0", 16)
