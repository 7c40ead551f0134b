"""The chain as it stood at one sealed block, for all that one request asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rlp
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth.db.chain import ChainDB
from eth.exceptions import HeaderNotFound, TransactionNotFound
from eth_typing import Hash32
from rlp.exceptions import RLPException

from ledger.chain.batched_trie import BatchedTrie
from ledger.chain.engine import Engine
from ledger.chain.vm import LedgerVM
from ledger.errors import ChainMissing
from ledger.rpc.deadline import Deadline
from ledger.rpc.errors import invalid_params, refused
from ledger.rpc.log_index import LogIndex
from ledger.rpc.quantities import HASH_BYTES, parse_hash, parse_quantity
from ledger.rpc.waiting_room import WaitingRoom

# A sealed block is final and nothing is undone; what waits for the next changes no state yet.
NEWEST = ("latest", "pending", "safe", "finalized")
HASH_TEXT = 2 + 2 * HASH_BYTES


@dataclass(frozen=True)
class Snapshot:
    """Reads at and below `head`; what is sealed later is not seen.

    `waiting` is where transactions wait for a block; None where none are taken.
    """

    engine: Engine
    head: BlockHeaderAPI
    deadline: Deadline
    index: LogIndex
    waiting: WaitingRoom | None = None

    @cached_property
    def _blocks(self) -> ChainDB:
        return ChainDB(self.engine.database)

    def header(self, number: int) -> BlockHeaderAPI | None:
        """The block of a height; None above the head."""
        if number > self.head.block_number:
            return None
        try:
            return self.engine.header(number)
        except ChainMissing:
            return None

    def header_by_hash(self, block_hash: bytes) -> BlockHeaderAPI | None:
        try:
            found: BlockHeaderAPI = self._blocks.get_block_header_by_hash(Hash32(block_hash))
        except (HeaderNotFound, RLPException):
            return None  # the hash of something else, a trie's node perhaps
        canonical = self.header(found.block_number)
        return found if canonical is not None and canonical.hash == block_hash else None

    def find(self, block: Any = "latest") -> BlockHeaderAPI | None:
        """The block that a parameter names: a tag, a number, or an object as in EIP-1898.

        Raises: RpcRefused for a parameter that names no block.
        """
        if isinstance(block, dict):
            if ("blockHash" in block) == ("blockNumber" in block):
                raise invalid_params("invalid block: give blockHash or blockNumber")
            if "blockHash" in block:
                return self.header_by_hash(parse_hash(block["blockHash"], "blockHash"))
            block = block["blockNumber"]
        if block is None or block in NEWEST:
            return self.head
        if block == "earliest":
            return self.header(0)
        if isinstance(block, str) and len(block) == HASH_TEXT:
            return self.header_by_hash(parse_hash(block, "block hash"))
        return self.header(parse_quantity(block, "block number"))

    def require(self, block: Any = "latest") -> BlockHeaderAPI:
        """As `find`. Raises: RpcRefused when there is no such block."""
        found = self.find(block)
        if found is None:
            raise refused("header not found")
        return found

    def raw_transactions(self, header: BlockHeaderAPI) -> list[bytes]:
        """A block's transactions as they were signed."""
        return list(self._items(header.transaction_root))

    def raw_receipts(self, header: BlockHeaderAPI) -> list[bytes]:
        return list(self._items(header.receipt_root))

    def raw_transaction(self, header: BlockHeaderAPI, index: int) -> bytes | None:
        return self._item(BatchedTrie(self.engine.database, header.transaction_root), index)

    def raw_receipt(self, receipt_root: bytes, index: int) -> bytes | None:
        return self._item(BatchedTrie(self.engine.database, receipt_root), index)

    def locate(self, transaction_hash: bytes) -> tuple[BlockHeaderAPI, int] | None:
        """The block of a transaction and its index there."""
        try:
            number, index = self._blocks.get_transaction_index(Hash32(transaction_hash))
        except TransactionNotFound:
            return None
        header = self.header(number)
        return (header, index) if header else None

    def _items(self, root: bytes) -> Iterator[bytes]:
        trie = BatchedTrie(self.engine.database, root)
        index = 0
        while (item := self._item(trie, index)) is not None:
            yield item
            index += 1

    def _item(self, trie: BatchedTrie, index: int) -> bytes | None:
        return trie[rlp.encode(index)] or None


def decode_transaction(raw: bytes) -> SignedTransactionAPI:
    """A stored transaction."""
    builder: Any = LedgerVM.get_transaction_builder()
    transaction: SignedTransactionAPI = builder.decode(raw)
    return transaction
