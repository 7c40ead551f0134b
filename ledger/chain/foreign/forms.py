"""JSON-RPC's forms of numbers and bytes, read strictly: what is malformed is a ValueError."""

from typing import Any

WORD = 32  # bytes
ADDRESS_BYTES = 20
LARGEST_QUANTITY = 1 << 256


def quantity(value: Any) -> int:
    """A number from its `0x` form. Raises: ValueError."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError(f"{value!r:.80} is no quantity")
    number = int(value, 16)
    if not 0 <= number < LARGEST_QUANTITY:
        raise ValueError(f"{value!r:.80} is out of range")
    return number


def data(value: Any, length: int | None = None) -> bytes:
    """Bytes from their `0x` form, of one length where it is given. Raises: ValueError."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError(f"{value!r:.80} is no data")
    content = bytes.fromhex(value[2:])
    if length is not None and len(content) != length:
        raise ValueError(f"{value!r:.80} has not {length} bytes")
    return content


def words(value: Any, count: int) -> list[int]:
    """The numbers that a view returns, one in a word. Raises: ValueError."""
    content = data(value, count * WORD)
    return [int.from_bytes(content[at : at + WORD], "big") for at in range(0, len(content), WORD)]


def encoded(value: int | bytes) -> str:
    """A number or bytes as JSON-RPC writes them."""
    return hex(value) if isinstance(value, int) else f"0x{value.hex()}"
