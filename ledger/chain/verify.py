"""Re-execution of every block from the genesis, and the first place where the store differs.

Nothing stored is believed: blocks are built again from their transactions in memory, and
headers, state, receipts and indices are compared with what the store holds.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth_utils import ValidationError

from ledger.chain import seal
from ledger.chain.engine import Engine, Header
from ledger.chain.store import MemoryStore, Store
from ledger.chain.vm import STOCK
from ledger.errors import ChainRejected

T = TypeVar("T")
# py-evm moves these along with the head.
HEAD_KEYS = b"v1:"

HEADER_FIELDS = (
    "parent_hash",
    "block_number",
    "timestamp",
    "coinbase",
    "extra_data",
    "parent_beacon_block_root",
    "gas_limit",
    "gas_used",
    "transaction_root",
    "receipt_root",
    "bloom",
    "requests_hash",
    "state_root",
    "hash",
)


@dataclass(frozen=True, slots=True)
class Deviation:
    """The first thing that does not follow from the genesis."""

    block: int
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """How far the chain was re-executed; `authenticated` when sealers were named."""

    genesis_hash: bytes
    blocks: int
    transactions: int
    head_hash: bytes
    state_root: bytes
    authenticated: bool
    deviation: Deviation | None


class _DeviationError(Exception):
    """Ends the replay with a block's number and a sentence."""

    def __init__(self, block: int, what: str) -> None:
        super().__init__(what)
        self.deviation = Deviation(block, what)


def verify(
    store: Store,
    *,
    chain_id: int,
    sealers: Collection[bytes] | None,
    stock: bool = STOCK,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Re-execute all blocks up to the head that the store names now.

    `sealers` are the addresses whose seals count; without them any sealer will do, and the
    chain is consistent, not authenticated. `stock` executes on py-evm's own machine, which
    none of our code makes faster. `progress` gets (blocks done, blocks in all).
    """
    return _Replay(store, chain_id=chain_id, sealers=sealers, stock=stock).run(progress)


class _Replay:
    def __init__(
        self, store: Store, *, chain_id: int, sealers: Collection[bytes] | None, stock: bool
    ) -> None:
        self.stored = Engine(store, chain_id=chain_id)
        self.fresh_store = MemoryStore()
        self.fresh = Engine(self.fresh_store, chain_id=chain_id, stock=stock)
        self.sealers = sealers
        self.blocks = self.transactions = 0

    def run(self, progress: Callable[[int, int], None]) -> Report:
        """Every block up to the stored head, or up to the first that deviates."""
        deviation = None
        try:
            total = self._start()
            while self.blocks < total:
                self._replay(self.blocks + 1)
                self.blocks += 1
                progress(self.blocks, total)
        except _DeviationError as found:
            deviation = found.deviation
        head = self.fresh.head()
        return Report(
            genesis_hash=self.fresh.genesis_hash,
            blocks=self.blocks,
            transactions=self.transactions,
            head_hash=head.hash,
            state_root=head.state_root,
            authenticated=self.sealers is not None,
            deviation=deviation,
        )

    def _start(self) -> int:
        self.fresh.found()
        stored = _read(0, lambda: self.stored.header(0).hash)
        if stored != self.fresh.genesis_hash:
            raise _DeviationError(0, "it is not the genesis that this software founds chains on")
        self._compare(0, self.fresh_store.values)
        head = _read(0, self.stored.head)
        numbered = _read(head.block_number, lambda: self.stored.header(head.block_number).hash)
        if numbered != head.hash:
            raise _DeviationError(
                head.block_number, "the head is not the last of the numbered blocks"
            )
        return int(head.block_number)

    def _replay(self, number: int) -> None:
        header, transactions = _read(number, lambda: self._stored_block(number))
        self._check_seal(number, header)
        with self.fresh.database.block() as overlay:
            try:
                again = self.fresh.execute(
                    parent=self.fresh.head(),
                    header=Header(
                        timestamp=header.timestamp,
                        coinbase=header.coinbase,
                        parent_seal=bytes(header.parent_beacon_block_root or b""),
                        extra_data=header.extra_data,
                    ),
                    transactions=transactions,
                )
            except (ChainRejected, ValidationError) as error:
                raise _DeviationError(number, f"it cannot be executed: {error}") from error
            for field in HEADER_FIELDS:
                if getattr(again.header, field) != getattr(header, field):
                    raise _DeviationError(
                        number, f"its {field} does not follow from what came before"
                    )
            self._compare(number, overlay.puts)
        self.transactions += len(transactions)

    def _stored_block(self, number: int) -> tuple[BlockHeaderAPI, tuple[SignedTransactionAPI, ...]]:
        block = self.stored.block(number)
        return block.header, tuple(block.transactions)

    def _check_seal(self, number: int, header: BlockHeaderAPI) -> None:
        parent_seal = self.stored.seal_of(header.parent_hash)
        if header.parent_beacon_block_root != seal.seal_commitment(parent_seal):
            raise _DeviationError(number, "it does not commit to the seal of the block before")
        raw = self.stored.seal_of(header.hash)
        if raw is None:
            raise _DeviationError(number, "it has no seal")
        try:
            signers = seal.signers_of(digest=self.stored.seal_digest(header), seal=raw)
        except seal.SealError as error:
            raise _DeviationError(number, str(error)) from error
        if header.coinbase not in signers:
            raise _DeviationError(number, "its seal is not by the sealer that its header names")
        if self.sealers is not None and header.coinbase not in self.sealers:
            raise _DeviationError(
                number, f"sealer 0x{header.coinbase.hex()} is not of this registry"
            )

    def _compare(self, number: int, computed: dict[bytes, bytes]) -> None:
        """Rows under a hash or a block's number never change once written; all must be there."""
        for key, value in computed.items():
            if not key.startswith(HEAD_KEYS) and self.stored.store.get(key) != value:
                raise _DeviationError(number, f"the store lacks or alters its row {key.hex()}")


def _read(number: int, read: Callable[[], T]) -> T:
    """What the store holds of a block; whatever keeps it from being read is a deviation."""
    try:
        return read()
    except Exception as error:
        raise _DeviationError(
            number, f"it cannot be read: {error or type(error).__name__}"
        ) from error
