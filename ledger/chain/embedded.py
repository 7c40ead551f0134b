"""The chain inside this process: py-evm over a file, one writer, any number of readers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from eth.abc import BlockHeaderAPI
from eth_typing import Address

from ledger.chain import codec, history, layout, reconciliation
from ledger.chain.clock import next_timestamp
from ledger.chain.deployment import (
    CUSTODIAN_FLAG,
    ISSUER_FLAG,
    Contracts,
    deploy,
    find_contracts,
)
from ledger.chain.engine import Engine, Executed
from ledger.chain.keys import OPERATOR, SEALER, KeyRing
from ledger.chain.port import BlockFacts, Counters, Head, Outcome, Prepared, Unexplained
from ledger.chain.store import Store
from ledger.chain.writer_lock import WriterLock
from ledger.domain.calls import Call, Holder, OwnTransaction
from ledger.domain.custody import custody_address
from ledger.errors import ChainRejected


@dataclass(frozen=True, slots=True)
class Identity:
    """Two numbers that a registry keeps for life: part of every address and signature."""

    chain_id: int
    registry_id: int


@dataclass(frozen=True, slots=True)
class Writer:
    """What only the writing process has: the lock, the keys, and `uri` for a contract to come."""

    lock: WriterLock
    keys: KeyRing
    uri: str = ""


class EmbeddedChain:
    """`port.Chain` over an engine; writable when it is given a `Writer`."""

    is_shared = False

    def __init__(self, store: Store, identity: Identity, writer: Writer | None = None) -> None:
        """Open at the newest block; a writer founds the chain and deploys the contracts.

        Raises: ChainMissing for a reader before the first start, ChainCorrupt.
        """
        self._store = store
        self._identity = identity
        self._writer = writer
        self._engine = Engine(store, chain_id=identity.chain_id)
        if writer is not None:
            self._engine.found()
            if self._engine.head().block_number == 0:
                deploy(
                    self._engine,
                    writer.keys,
                    registry_id=identity.registry_id,
                    uri=writer.uri,
                )
        self._contracts: Contracts = find_contracts(self._engine, identity.registry_id)
        self._head: BlockHeaderAPI = self._engine.head()
        self._stated: tuple[bytes, Any] | None = None

    def head(self) -> Head:
        header = self._head
        return Head(header.block_number, header.hash, header.state_root, header.timestamp)

    def refresh(self) -> Head:
        self._head = self._engine.head()
        return self.head()

    def block(self, number: int) -> BlockFacts:
        block = self._engine.block(number)
        header = block.header
        return BlockFacts(
            number=header.block_number,
            hash=header.hash,
            parent_hash=header.parent_hash,
            state_root=header.state_root,
            timestamp=header.timestamp,
            seal=self._engine.seal_of(header.hash) or b"",
            transactions=tuple(transaction.hash for transaction in block.transactions),
        )

    def next_sequence(self) -> int:
        return self._storage(layout.base_slot("nextSequence"))

    def operator(self) -> bytes:
        """Whose key signs now; to a reader, whose key signed first."""
        if self._writer is None:
            return self._contracts.operator
        return self._writer.keys.address(OPERATOR)

    def next_nonce(self) -> int:
        return self.nonce_of(self.operator())

    def nonce_of(self, address: bytes) -> int:
        return int(self._state().get_nonce(Address(address)))

    def obstacle(self) -> str:
        if self._storage(layout.base_slot("pausedAt")):
            return "paused"
        needed = ISSUER_FLAG | CUSTODIAN_FLAG
        held = self._storage(layout.role_slot(self.operator()))
        return "" if held & needed == needed else "role"

    def prepare(self, sequence: int, nonce: int, call: Call) -> Prepared:
        raw = self._engine.sign(
            private_key=self._writing().keys.unlock(OPERATOR),
            nonce=nonce,
            to=self._contracts.certificates,
            data=codec.encode(sequence, call),
        )
        return Prepared(raw=raw, hash=bytes(self._engine.decode(raw).hash))

    def submit(self, raws: Sequence[bytes], now: datetime) -> list[Outcome | None]:
        writer = self._writing()
        transactions = [self._engine.decode(raw) for raw in raws]
        unique = {bytes(each.hash): each for each in transactions}
        new = [each for digest, each in unique.items() if self._engine.executed(digest) is None]
        if new:
            writer.lock.check()
            self._engine.seal_block(
                transactions=new,
                timestamp=next_timestamp(self._engine.head().timestamp, now),
                sealer=writer.keys.unlock(SEALER),
            )
            self.refresh()
        return [self._known(bytes(each.hash)) for each in transactions]

    def outcome(self, transaction_hash: bytes) -> Outcome | None:
        executed = self._engine.executed(transaction_hash)
        if executed is None or executed.block_number > self._head.block_number:
            return None
        return _outcome(executed)

    def eventful(self, first: int, last: int) -> Sequence[int]:
        return range(first, last + 1)

    def own_transactions(
        self, number: int, hashes: Collection[bytes]
    ) -> tuple[OwnTransaction, ...]:
        found, index = [], 0
        for transaction in self._engine.block(number).transactions:
            executed = self._known_execution(bytes(transaction.hash))
            if executed.hash in hashes:
                is_ours = codec.is_operators(transaction.data)
                acts = codec.decode_own_acts(
                    () if is_ours or not executed.success else executed.logs,
                    self._contracts.certificates,
                    first_index=index,
                )
                found.append(
                    OwnTransaction(
                        hash=executed.hash,
                        sender=bytes(transaction.sender),
                        nonce=transaction.nonce,
                        raw=transaction.encode(),
                        success=executed.success,
                        reason=executed.reason,
                        acts=acts,
                    )
                )
            index += len(executed.logs)
        return tuple(found)

    def balance(self, account: Holder, token_id: int) -> int:
        identity = self._identity
        address = (
            account
            if isinstance(account, bytes)
            else custody_address(identity.chain_id, identity.registry_id, account)
        )
        return self._storage(layout.balance_slot(address, token_id))

    def counters(self, lot: int) -> Counters:
        return layout.unpack_counters(self._storage(layout.lot_slot(lot)))

    def odometer(self, device: int) -> int:
        return self._storage(layout.odometer_slot(device))

    def unexplained(
        self,
        *,
        balances: Mapping[tuple[Holder, int], int],
        lots: Mapping[int, Counters],
        odometers: Mapping[int, int],
    ) -> list[Unexplained]:
        expected = reconciliation.expected_storage(
            chain_id=self._identity.chain_id,
            registry_id=self._identity.registry_id,
            balances=balances,
            lots=lots,
            odometers=odometers,
        )
        told = history.read(self._engine, self._head, self._contracts.certificates)
        for slot, (what, value) in told.items():
            expected.add(slot, what, value)
        leaves = self._engine.storage_leaves(at=self._head, address=self._contracts.certificates)
        ignored = {layout.trie_key(slot) for slot in layout.setting_slots()}
        return reconciliation.differences(leaves, expected, ignored=ignored)

    def close(self) -> None:
        self._engine.database.forget()
        self._store.close()
        if self._writer is not None:
            self._writer.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _writing(self) -> Writer:
        if self._writer is None:
            raise ChainRejected("This chain was opened for reading.")
        return self._writer

    def _storage(self, slot: int) -> int:
        return int(self._state().get_storage(Address(self._contracts.certificates), slot))

    def _state(self) -> Any:
        """The state after the head, kept until the head is another: making it costs fifty reads."""
        if self._stated is None or self._stated[0] != self._head.hash:
            self._stated = self._head.hash, self._engine.state(self._head)
        return self._stated[1]

    def _known(self, transaction_hash: bytes) -> Outcome:
        return _outcome(self._known_execution(transaction_hash))

    def _known_execution(self, transaction_hash: bytes) -> Executed:
        executed = self._engine.executed(transaction_hash)
        if executed is None:
            raise ChainRejected("The sealed block lacks a transaction that was put into it.")
        return executed


def _outcome(executed: Executed) -> Outcome:
    return Outcome(
        hash=executed.hash,
        block_number=executed.block_number,
        success=executed.success,
        reason=executed.reason,
        facts=tuple(codec.decode_events(executed.logs)) if executed.success else (),
    )
