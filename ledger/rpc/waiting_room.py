"""What a transaction of a holder is until a block takes it, and where it waits."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction whose form, signature and price are right; `sender` is who signed it."""

    hash: bytes
    raw: bytes
    sender: bytes
    nonce: int
    gas: int


class WaitingRoom(Protocol):
    """Where transactions wait for the chain's writer, across processes and restarts."""

    def is_linked(self, sender: bytes) -> bool:
        """Whether a holder has shown that the address is theirs."""
        ...

    def count(self, sender: bytes, next_nonce: int) -> int:
        """How many of a sender's wait, from its next nonce on."""
        ...

    def find(self, transaction_hash: bytes) -> bytes | None:
        """A waiting transaction, as it was sent."""
        ...

    def admit(self, signed: Signed, *, next_nonce: int) -> None:
        """Keep it for the next block; the same twice is the same once.

        Raises: LedgerError when its nonce is not the next or there is no room.
        """
        ...
