"""RLP items one after the other in a stream: how blocks travel in files and over the network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import rlp

from ledger.errors import ChainUnreadable

# A block holds some twenty calls of at most 120 KiB; many times that is a flood.
LARGEST_ITEM = 32 * 1024 * 1024
SHORT_LIST, LONG_LIST = 0xC0, 0xF7
MEDIA_TYPE = "application/octet-stream"

Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block's RLP as the network knows it, and the seal that lies beside it."""

    block: bytes
    seal: bytes

    def encode(self) -> bytes:
        """One item of a stream: the list of both."""
        return bytes(rlp.encode([rlp.decode(self.block, strict=True), self.seal]))

    @classmethod
    def decode(cls, item: bytes) -> "SealedBlock":
        """Raises: ChainUnreadable when the item is not a list of a block and a seal."""
        try:
            block, seal = rlp.decode(item)
        except Exception as error:
            raise ChainUnreadable(f"An item is no sealed block: {error}.") from error
        if not isinstance(block, list) or not isinstance(seal, bytes):
            raise ChainUnreadable("An item is no sealed block: it wants a block and a seal.")
        return cls(block=bytes(rlp.encode(block)), seal=seal)


def items(read: Read, *, largest: int = LARGEST_ITEM) -> Iterator[bytes]:
    """The RLP lists of a stream, each as its own bytes.

    `read(n)` gives at most n bytes, and none at the end. No item is read into memory
    before its length is known to be bounded.

    Raises: ChainUnreadable for an item that is cut off, too large, or no list.
    """
    while first := read(1):
        head = first + _length_bytes(read, first[0])
        length = first[0] - SHORT_LIST if len(head) == 1 else int.from_bytes(head[1:], "big")
        if length > largest:
            raise ChainUnreadable(
                f"An item of {length:,} bytes is announced; {largest:,} are allowed."
            )
        yield head + _exactly(read, length)


def _length_bytes(read: Read, first: int) -> bytes:
    if first < SHORT_LIST:
        raise ChainUnreadable("What was sent is no list of blocks.")
    return _exactly(read, first - LONG_LIST) if first > LONG_LIST else b""


def _exactly(read: Read, length: int) -> bytes:
    parts, missing = [], length
    while missing:
        part = read(missing)
        if not part:
            raise ChainUnreadable("What was sent ends in the middle of a block: it was cut off.")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
