"""Builds, seals and reads blocks over one store.

A block is built under Prague rules with a standard post-merge header and committed as one
durable write: state, transactions, receipts, indices, reasons, seal and head together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rlp
from eth.abc import (
    BlockAPI,
    BlockHeaderAPI,
    ComputationAPI,
    LogAPI,
    ReceiptAPI,
    SignedTransactionAPI,
)
from eth.constants import ZERO_ADDRESS
from eth.db.trie import _make_trie_root_and_nodes
from eth.exceptions import CanonicalHeadNotFound, HeaderNotFound, TransactionNotFound
from eth.rlp.accounts import Account
from eth_keys.datatypes import PrivateKey
from eth_utils import ValidationError
from trie import HexaryTrie

from ledger.chain import genesis, seal
from ledger.chain.leaves import walk
from ledger.chain.overlay import BlockDatabase
from ledger.chain.port import TRANSACTION_BYTES, TRANSACTION_GAS
from ledger.chain.store import MemoryStore, Store
from ledger.chain.vm import STOCK, LedgerVM, chain_class
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt, ChainMissing, ChainRejected

EXTRA_DATA = b"renewable energy registry"
SEAL_KEY = b"seal:"
REASON_KEY = b"reason:"
CALL_GAS = 1 << 34


@dataclass(frozen=True, slots=True)
class Executed:
    """A transaction in a sealed block, as its receipt has it."""

    hash: bytes
    block_number: int
    success: bool
    reason: str
    logs: tuple[LogAPI, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What a builder decides about a block; all else follows from its parent and content."""

    timestamp: int
    coinbase: bytes
    parent_seal: bytes
    extra_data: bytes = EXTRA_DATA


class Engine:
    """One chain in one store. Not thread-safe: open one per thread.

    `stock` executes on py-evm's own machine (see `vm`).
    """

    def __init__(self, store: Store, *, chain_id: int, stock: bool = STOCK) -> None:
        self.chain_id = chain_id
        self.store = store
        self.database = BlockDatabase(store)
        self._chain_class: Any = chain_class(chain_id, stock=stock)
        self._chain: Any = self._chain_class(self.database)
        self._builder: Any = LedgerVM.get_transaction_builder()
        self._draft: dict[bytes, Executed] = {}  # of the block last executed
        self._sealed: dict[bytes, Executed] = {}  # of the block last sealed by this engine

    def found(self) -> None:
        """Write the genesis unless it is there. Raises: ChainCorrupt when it is another."""
        try:
            stored = self.header(0).hash
        except ChainMissing:
            with self.database.block():
                self._write_genesis(self.database)
            return
        if stored != self.genesis_hash:
            raise ChainCorrupt("The store's first block is not this registry's genesis.")

    def _write_genesis(self, database: BlockDatabase) -> BlockHeaderAPI:
        chain = self._chain_class.from_genesis(database, genesis.parameters(), genesis.state())
        head: BlockHeaderAPI = chain.get_canonical_head()
        return head

    @cached_property
    def genesis_hash(self) -> bytes:
        """Hash of the committed genesis, computed and not read from the store."""
        scratch = BlockDatabase(MemoryStore())
        with scratch.block():
            computed: bytes = self._write_genesis(scratch).hash
        return computed

    def head(self) -> BlockHeaderAPI:
        """The last sealed block's header. Raises: ChainMissing before the genesis, ChainCorrupt."""
        try:
            head: BlockHeaderAPI = self._chain.get_canonical_head()
        except CanonicalHeadNotFound:
            raise ChainMissing(
                "The chain has no block yet. Start the chain writer first."
            ) from None
        except HeaderNotFound as error:
            raise ChainCorrupt("The store lacks the block that it names as its last.") from error
        return head

    def header(self, number: int) -> BlockHeaderAPI:
        """Raises: ChainMissing when there is no such block."""
        try:
            header: BlockHeaderAPI = self._chain.chaindb.get_canonical_block_header_by_number(
                number
            )
        except HeaderNotFound:
            raise ChainMissing(f"There is no block {number}.") from None
        return header

    def block(self, number: int) -> BlockAPI:
        """A block with its transactions. Raises: ChainMissing."""
        block: BlockAPI = self._chain.get_block_by_header(self.header(number))
        return block

    def seal_of(self, block_hash: bytes) -> bytes | None:
        """The seal that lies beside a block."""
        return self.store.get(SEAL_KEY + block_hash)

    def seal_digest(self, header: BlockHeaderAPI) -> bytes:
        """What the authority signs of a block."""
        return seal.seal_digest(
            chain_id=self.chain_id,
            genesis_hash=self.genesis_hash,
            role=seal.SEAL,
            number=header.block_number,
            block_hash=header.hash,
        )

    def sign(
        self, *, private_key: bytes, nonce: int, to: bytes, data: bytes, gas: int = TRANSACTION_GAS
    ) -> bytes:
        """A raw transaction; the same arguments give the same bytes (RFC 6979).

        Raises: ChainRejected when it is larger than networks take.
        """
        unsigned = self._builder.create_unsigned_transaction(
            nonce=nonce, gas_price=0, gas=gas, to=to, value=0, data=data
        )
        signer = PrivateKey(private_key)
        raw: bytes = unsigned.as_signed_transaction(signer, chain_id=self.chain_id).encode()
        if len(raw) > TRANSACTION_BYTES:
            raise ChainRejected(
                f"The call has {len(raw)} bytes; a transaction holds {TRANSACTION_BYTES}. Split it."
            )
        return raw

    def decode(self, raw: bytes) -> SignedTransactionAPI:
        """Raises: ChainRejected when the bytes are no transaction of this chain."""
        try:
            transaction: SignedTransactionAPI = self._builder.decode(raw)
            transaction.validate()
        except Exception as error:
            raise ChainRejected(f"The transaction cannot be read: {error}") from error
        if transaction.chain_id != self.chain_id:
            raise ChainRejected(f"The transaction is not for chain {self.chain_id}.")
        return transaction

    def seal_block(
        self, *, transactions: Sequence[SignedTransactionAPI], timestamp: int, sealer: bytes
    ) -> BlockAPI:
        """Execute, seal and durably commit one block on the head.

        Raises: ChainRejected when a transaction cannot be in this block (its nonce, its
        gas); nothing is written then. A reverted call is in the block, with its reason.
        """
        parent = self.head()
        header = Header(
            timestamp=timestamp,
            coinbase=PrivateKey(sealer).public_key.to_canonical_address(),
            parent_seal=seal.seal_commitment(self.seal_of(parent.hash)),
        )
        with self.database.block() as overlay:
            block = self.execute(parent=parent, header=header, transactions=transactions)
            digest = self.seal_digest(block.header)
            overlay[SEAL_KEY + block.hash] = seal.sign(digest=digest, private_keys=[sealer])
        self._sealed = self._draft  # only now: a raise above leaves nothing written
        return block

    def execute(
        self,
        *,
        parent: BlockHeaderAPI,
        header: Header,
        transactions: Sequence[SignedTransactionAPI],
    ) -> BlockAPI:
        """The block that follows from its parent and content, persisted in the open write.

        Raises: ChainRejected.
        """
        draft = self._chain.create_header_from_parent(
            parent,
            gas_limit=parent.gas_limit,
            timestamp=header.timestamp,
            coinbase=header.coinbase,
            extra_data=header.extra_data,
            parent_beacon_block_root=header.parent_seal,
        )
        vm = self._chain.get_vm(draft)
        vm.block_preprocessing(vm.get_block())
        try:
            filled, receipts, results = vm.apply_all_transactions(transactions, vm.get_header())
        except ValidationError as error:
            raise ChainRejected(f"A transaction cannot be in the next block: {error}") from error
        block = vm.set_block_transactions_and_withdrawals(
            vm.get_block(), filled, transactions, receipts
        )
        sealed: BlockAPI = vm.mine_block(vm.block_postprocessing(block)).block
        self._chain.chaindb.persist_block(sealed)
        outcomes = zip(transactions, receipts, results, strict=True)
        self._draft = dict(self._outcome(draft.block_number, *each) for each in outcomes)
        # py-evm remembers the content of its last 128 blocks, which here are large.
        _make_trie_root_and_nodes.cache_clear()
        return sealed

    def _outcome(
        self, number: int, transaction: SignedTransactionAPI, receipt: ReceiptAPI, result: Any
    ) -> tuple[bytes, Executed]:
        """What became of a transaction, by its hash; why it failed is kept beside the block."""
        reason = reason_of(result) if result.is_error else ""
        if result.is_error:
            self.database[REASON_KEY + transaction.hash] = reason.encode()
        return transaction.hash, _executed(transaction.hash, number, receipt, reason)

    def executed(self, transaction_hash: bytes) -> Executed | None:
        """What became of a transaction; None while it is in no block."""
        if transaction_hash in self._sealed:
            return self._sealed[transaction_hash]
        try:
            number, index = self._chain.get_canonical_transaction_index(transaction_hash)
        except TransactionNotFound:
            return None
        receipt = self._chain.get_transaction_receipt_by_index(number, index)
        reason = self.store.get(REASON_KEY + transaction_hash) or b""
        return _executed(transaction_hash, number, receipt, reason.decode())

    def call(self, *, at: BlockHeaderAPI, to: bytes, data: bytes) -> bytes:
        """Output of a read in the state and context of a block. Raises: ChainRejected."""
        vm = self._chain.get_vm(at)
        result = vm.execute_bytecode(
            origin=ZERO_ADDRESS,
            gas_price=0,
            gas=CALL_GAS,
            to=to,
            sender=ZERO_ADDRESS,
            value=0,
            data=data,
            code=vm.state.get_code(to),
        )
        if result.is_error:
            raise ChainRejected(reason_of(result))
        output: bytes = result.output
        return output

    def state(self, at: BlockHeaderAPI) -> Any:
        """py-evm's state after a block, for reads of nonces, code and storage."""
        return self._chain.get_vm(at).state

    def storage_leaves(
        self, *, at: BlockHeaderAPI, address: bytes
    ) -> Iterator[tuple[bytes, bytes]]:
        """(keccak256 of the slot, RLP value) of all that a contract stores after a block.

        Ascending, each node read once from the store. Raises: ChainCorrupt.
        """
        stored = HexaryTrie(self.database, at.state_root)[keccak256(address)]
        if stored:
            root = rlp.decode(stored, sedes=Account).storage_root
            yield from walk(self.store.get_each, root)


def _executed(transaction_hash: bytes, number: int, receipt: ReceiptAPI, reason: str) -> Executed:
    return Executed(
        hash=transaction_hash,
        block_number=number,
        success=receipt.state_root == b"\x01",
        reason=reason,
        logs=tuple(receipt.logs),
    )


def reason_of(result: ComputationAPI) -> str:
    """A failed call's reason: the contract's own words, or what the machine says."""
    output: bytes = result.output
    if output[:4] == bytes.fromhex("08c379a0") and len(output) >= 68:
        length = int.from_bytes(output[36:68], "big")
        return output[68 : 68 + length].decode("utf-8", "replace")
    if output:
        return f"0x{output.hex()}"
    return type(result.error).__name__
