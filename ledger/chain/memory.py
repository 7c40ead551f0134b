"""A chain without a machine, for unit tests: it keeps the contract's rules and forgets all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ledger.chain import codec
from ledger.chain.clock import next_timestamp
from ledger.chain.memory_state import Ledger, RevertError
from ledger.chain.port import (
    TRANSACTION_BYTES,
    BlockFacts,
    Counters,
    Head,
    Outcome,
    Prepared,
    Unexplained,
)
from ledger.chain.reconciliation import name_of
from ledger.domain.calls import Call, Holder, OwnTransaction
from ledger.domain.keccak import keccak256
from ledger.errors import ChainMissing, ChainRejected

# As on a real chain, block 1 and the first two nonces created the contracts.
FIRST_NONCE = 2
NO_HASH = bytes(32)
OPERATOR = bytes([1]) * 20  # stands for a key; nothing is signed here


@dataclass(frozen=True, slots=True)
class _Signed:
    sequence: int
    nonce: int
    call: Call


class MemoryChain:
    """`port.Chain` over a model of the contract."""

    is_shared = False

    def __init__(self, chain_id: int, registry_id: int) -> None:
        self._ledger = Ledger.of(chain_id, registry_id)
        self._sequence, self._nonce = 1, FIRST_NONCE
        self._signed: dict[bytes, _Signed] = {}
        self._outcomes: dict[bytes, Outcome] = {}
        self._blocks: list[BlockFacts] = []
        for _ in range(2):
            self._append((), timestamp=0)

    def head(self) -> Head:
        last = self._blocks[-1]
        return Head(last.number, last.hash, last.state_root, last.timestamp)

    def refresh(self) -> Head:
        return self.head()

    def block(self, number: int) -> BlockFacts:
        if not 0 <= number < len(self._blocks):
            raise ChainMissing(f"There is no block {number}.")
        return self._blocks[number]

    def next_sequence(self) -> int:
        return self._sequence

    def operator(self) -> bytes:
        return OPERATOR

    def next_nonce(self) -> int:
        return self._nonce

    def nonce_of(self, address: bytes) -> int:
        return self._nonce if address == OPERATOR else 0

    def obstacle(self) -> str:
        return ""

    def prepare(self, sequence: int, nonce: int, call: Call) -> Prepared:
        raw = nonce.to_bytes(8, "big") + codec.encode(sequence, call)
        if len(raw) > TRANSACTION_BYTES:
            raise ChainRejected(
                f"The call has {len(raw)} bytes; a transaction holds {TRANSACTION_BYTES}. Split it."
            )
        self._signed[raw] = _Signed(sequence, nonce, call)
        return Prepared(raw=raw, hash=keccak256(raw))

    def submit(self, raws: Sequence[bytes], now: datetime) -> list[Outcome | None]:
        new = [raw for raw in dict.fromkeys(raws) if keccak256(raw) not in self._outcomes]
        for nonce, raw in enumerate(new, start=self._nonce):
            if raw not in self._signed:
                raise ChainRejected("The transaction was not prepared by this chain.")
            if self._signed[raw].nonce != nonce:
                raise ChainRejected(
                    f"A transaction cannot be in the next block: its nonce is "
                    f"{self._signed[raw].nonce}, expected {nonce}."
                )
        if new:
            timestamp = next_timestamp(self._blocks[-1].timestamp, now)
            for raw in new:
                self._execute(raw)
            self._append(tuple(keccak256(raw) for raw in new), timestamp=timestamp)
        return [self._outcomes[keccak256(raw)] for raw in raws]

    def outcome(self, transaction_hash: bytes) -> Outcome | None:
        return self._outcomes.get(transaction_hash)

    def eventful(self, first: int, last: int) -> Sequence[int]:
        return range(first, last + 1)

    def own_transactions(
        self, number: int, hashes: Collection[bytes]
    ) -> tuple[OwnTransaction, ...]:
        """None: nobody but the operator writes here."""
        return ()

    def balance(self, account: Holder, token_id: int) -> int:
        return self._ledger.balance(account, token_id)

    def counters(self, lot: int) -> Counters:
        return self._ledger.counters(lot)

    def odometer(self, device: int) -> int:
        return self._ledger.odometer(device)

    def unexplained(
        self,
        *,
        balances: Mapping[tuple[Holder, int], int],
        lots: Mapping[int, Counters],
        odometers: Mapping[int, int],
    ) -> list[Unexplained]:
        ledger = self._ledger
        found = [
            Unexplained(
                f"balance of {name_of(key[0])} in {key[1]:040x}", balances.get(key, 0), actual
            )
            for key in balances.keys() | ledger.balances.keys()
            if (actual := ledger.balance(*key)) != balances.get(key, 0)
        ]
        for lot in lots.keys() | ledger.lots.keys():
            expected, actual_lot = lots.get(lot), ledger.lots.get(lot)
            if expected != actual_lot:
                issued = [each.issued if each else 0 for each in (expected, actual_lot)]
                found.append(Unexplained(f"lot {lot:040x}", *issued))
        found += [
            Unexplained(f"odometer of {device}", odometers.get(device, 0), actual)
            for device in odometers.keys() | ledger.odometers.keys()
            if (actual := ledger.odometer(device)) != odometers.get(device, 0)
        ]
        return found

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _execute(self, raw: bytes) -> None:
        signed, digest = self._signed[raw], keccak256(raw)
        number = len(self._blocks)
        draft = self._ledger.draft()
        try:
            if signed.sequence != self._sequence:
                raise RevertError("sequence")
            facts = tuple(draft.apply(signed.sequence, signed.call))
        except RevertError as refused:
            self._outcomes[digest] = Outcome(digest, number, False, str(refused), ())
        else:
            draft.commit()
            self._sequence += 1
            self._outcomes[digest] = Outcome(digest, number, True, "", facts)
        self._nonce += 1

    def _append(self, transactions: tuple[bytes, ...], *, timestamp: int) -> None:
        number = len(self._blocks)
        parent = self._blocks[-1].hash if self._blocks else NO_HASH
        content = number.to_bytes(8, "big") + parent + b"".join(transactions)
        digest = keccak256(content)
        self._blocks.append(
            BlockFacts(number, digest, parent, keccak256(digest), timestamp, b"", transactions)
        )


_SHARED: dict[Path, MemoryChain] = {}


def shared_chain(directory: Path, chain_id: int, registry_id: int) -> MemoryChain:
    """One chain per directory name in this process, so that openings find what others wrote."""
    return _SHARED.setdefault(directory, MemoryChain(chain_id, registry_id))
