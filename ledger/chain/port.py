"""The port through which services use a chain; every adapter passes one suite of tests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from ledger.domain.calls import Call, Fact, Holder, OwnTransaction

# Other networks' pools refuse more than either (EIP-7825; the transaction size of geth).
TRANSACTION_GAS = 1 << 24
TRANSACTION_BYTES = 120 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """The last sealed block; `timestamp` in whole seconds since 1970."""

    number: int
    hash: bytes
    state_root: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """A sealed block and the transactions in it, in order."""

    number: int
    hash: bytes
    parent_hash: bytes
    state_root: bytes
    timestamp: int
    seal: bytes
    transactions: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed call, to be committed in the database before it is sent."""

    raw: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: its block, and either facts or the contract's reason."""

    hash: bytes
    block_number: int
    success: bool
    reason: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Counters:
    """A lot's Wh on the chain, per attribute; `first_wh` is where its numbers start."""

    issued: int
    retired_renewable: int
    retired_emissions: int
    withdrawn_renewable: int
    withdrawn_emissions: int
    first_wh: int
    mask: int


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Where chain and expectation part: `actual` is on the chain, `expected` was named.

    `what` names the balance, lot or device, or the storage leaf that nobody can explain.
    """

    what: str
    expected: int
    actual: int


class Chain(Protocol):
    """A chain that runs the certificate contract.

    A reader sees the block that was last when it was opened (or last refreshed), so that
    all it reads in one request fits together. A writer sees its own last block.

    `is_shared` says that others seal the blocks: what is submitted may be in one later, and
    blocks that hold nothing of this registry's are not noted.
    """

    is_shared: bool

    def head(self) -> Head: ...

    def refresh(self) -> Head:
        """Look at the newest block from now on."""
        ...

    def block(self, number: int) -> BlockFacts:
        """Raises: ChainMissing."""
        ...

    def next_sequence(self) -> int:
        """What the contract wants as `seq` of the next operator call."""
        ...

    def operator(self) -> bytes:
        """The address whose key signs the calls."""
        ...

    def next_nonce(self) -> int:
        """The operator key's next nonce."""
        ...

    def nonce_of(self, address: bytes) -> int:
        """The next nonce of any address."""
        ...

    def obstacle(self) -> str:
        """Why the contract would refuse every operator's call now, or nothing.

        A pause, or a key without its role, is no fault of what waits.
        """
        ...

    def prepare(self, sequence: int, nonce: int, call: Call) -> Prepared:
        """Sign a call; the same arguments give the same bytes. Raises: ChainRejected."""
        ...

    def submit(self, raws: Sequence[bytes], now: datetime) -> list[Outcome | None]:
        """Seal one block with those not yet in the chain; outcomes in the order given.

        On a shared chain they are sent, and an outcome is None until it is final: submit the
        same again to look. A call that reverts is in the block and spends its nonce, not its
        sequence. None is executed twice. No block is sealed when there is nothing new.

        Raises: ChainBusy, ChainAhead, and ChainRejected when one of them cannot be in the
        next block (a nonce out of turn); nothing is sealed then.
        """
        ...

    def outcome(self, transaction_hash: bytes) -> Outcome | None:
        """What became of a prepared call; None while no block holds it."""
        ...

    def eventful(self, first: int, last: int) -> Sequence[int]:
        """Heights from first to last of the blocks to note, ascending.

        Each, where the registry seals them; of a shared chain those in which its contract
        moved anything, and now and then the last of a long quiet stretch.
        """
        ...

    def own_transactions(
        self, number: int, hashes: Collection[bytes]
    ) -> tuple[OwnTransaction, ...]:
        """What these transactions of a block did that is the holders' own doing, in order."""
        ...

    def balance(self, account: Holder, token_id: int) -> int:
        """Wh held in the registry's custody, or at an address of a holder's own."""
        ...

    def counters(self, lot: int) -> Counters:
        """All zero for a lot that was never issued."""
        ...

    def odometer(self, device: int) -> int:
        """Wh issued of a device so far."""
        ...

    def unexplained(
        self,
        *,
        balances: Mapping[tuple[Holder, int], int],
        lots: Mapping[int, Counters],
        odometers: Mapping[int, int],
    ) -> list[Unexplained]:
        """Walk the contract's storage once and report all that is not as named here.

        What is named and differs, and every storage leaf that is neither named nor known
        from the chain's own history (roles, void claims, approvals, signed acts, how the
        contract is set). Zeros may be left out.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
