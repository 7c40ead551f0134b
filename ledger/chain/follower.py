"""A chain that grows by what others sealed: every block executed again before it is kept."""

from collections.abc import Collection
from typing import Any

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI
from eth_utils import ValidationError

from ledger.chain import seal
from ledger.chain.codec import created_address, decode_events
from ledger.chain.engine import SEAL_KEY, Engine, Header
from ledger.chain.framing import SealedBlock
from ledger.chain.settled_trees import unfounded_tree
from ledger.chain.verify import HEADER_FIELDS
from ledger.chain.vm import LedgerVM
from ledger.errors import ChainDeviates, ChainRejected

MAX_EXTRA_DATA = 32
CERTIFICATES_NONCE = 1  # block 1 creates the batch roots first, the certificates second


class Follower:
    """Keeps a store of its own, a block longer with every block that follows.

    `sealers` are the addresses whose seals count; without them any sealer's do.
    """

    def __init__(self, engine: Engine, *, sealers: Collection[bytes] | None) -> None:
        self.engine = engine
        self.sealers = sealers
        self._certificates: bytes | None = None
        engine.found()

    def head(self) -> BlockHeaderAPI:
        """The last block that was executed and kept."""
        return self.engine.head()

    def accept(self, sealed: SealedBlock) -> BlockHeaderAPI:
        """Check, execute and durably keep the next block, or keep nothing of it.

        Raises: ChainDeviates with the first thing that does not follow.
        """
        parent = self.head()
        height = parent.block_number + 1
        block = decode(sealed.block, height)
        header = block.header
        self._check_place(parent, header)
        self.check_seal(header, sealed.seal)
        with self.engine.database.block() as overlay:
            again = self._execute(parent, block)
            _compare(header, again)
            if bytes(rlp.encode(again)) != sealed.block:
                raise ChainDeviates(height, "it holds more than its header covers")
            self._check_trees(again)
            overlay[SEAL_KEY + again.hash] = sealed.seal
        return again.header

    def check_seal(self, header: BlockHeaderAPI, raw: bytes) -> None:
        """Raises: ChainDeviates unless a sealer of the registry sealed this very header."""
        height = header.block_number
        try:
            signers = seal.signers_of(digest=self.engine.seal_digest(header), seal=raw)
        except seal.SealError as error:
            raise ChainDeviates(height, f"its seal does not hold: {error}") from error
        if header.coinbase not in signers:
            raise ChainDeviates(
                height,
                f"its seal is forged: the header names sealer 0x{header.coinbase.hex()}, "
                f"signed by 0x{signers[0].hex()}",
            )
        if self.sealers is not None and header.coinbase not in self.sealers:
            raise ChainDeviates(height, f"sealer 0x{header.coinbase.hex()} is not known here")

    def _check_place(self, parent: BlockHeaderAPI, header: BlockHeaderAPI) -> None:
        height = parent.block_number + 1
        if header.block_number != height:
            raise ChainDeviates(height, f"block {header.block_number:,} came in its place")
        if header.parent_hash != parent.hash:
            raise ChainDeviates(
                height,
                f"its parent is 0x{header.parent_hash.hex()}, the block before it is "
                f"0x{parent.hash.hex()}",
            )
        if header.timestamp <= parent.timestamp:
            raise ChainDeviates(height, "it is not later than the block before it")
        if len(header.extra_data) > MAX_EXTRA_DATA:
            raise ChainDeviates(height, "its extra data is longer than 32 bytes")
        expected = seal.seal_commitment(self.engine.seal_of(parent.hash))
        if header.parent_beacon_block_root != expected:
            raise ChainDeviates(height, "it does not commit to the seal of the block before")

    def _execute(self, parent: BlockHeaderAPI, block: BlockAPI) -> BlockAPI:
        header, height = block.header, block.header.block_number
        transactions = tuple(block.transactions)
        if any(each.chain_id != self.engine.chain_id for each in transactions):
            raise ChainDeviates(height, "it holds a transaction of another chain")
        try:
            return self.engine.execute(
                parent=parent,
                header=Header(
                    timestamp=header.timestamp,
                    coinbase=header.coinbase,
                    parent_seal=bytes(header.parent_beacon_block_root or b""),
                    extra_data=header.extra_data,
                ),
                transactions=transactions,
            )
        except (ChainRejected, ValidationError) as error:
            raise ChainDeviates(height, f"it cannot be executed: {error}") from error

    def _check_trees(self, block: BlockAPI) -> None:
        contract = self._certificates_address(block)
        for position, transaction in enumerate(block.transactions):
            executed = self.engine.executed(transaction.hash)
            logs = executed.logs if executed else ()
            fault = unfounded_tree(transaction.data, decode_events(logs, contract))
            if fault:
                raise ChainDeviates(block.header.block_number, f"in transaction {position} {fault}")

    def _certificates_address(self, block: BlockAPI) -> bytes:
        if self._certificates is None:
            first = block if block.header.block_number == 1 else self.engine.block(1)
            if not first.transactions:
                raise ChainDeviates(1, "it does not create the contracts")
            operator = bytes(first.transactions[0].sender)
            self._certificates = created_address(operator, CERTIFICATES_NONCE)
        return self._certificates


def decode(raw: bytes, height: int) -> BlockAPI:
    """The block of these bytes. Raises: ChainDeviates for bytes that are none."""
    block_class: Any = LedgerVM.get_block_class()
    try:
        block: BlockAPI = rlp.decode(raw, sedes=block_class)
    except Exception as error:
        raise ChainDeviates(height, f"it cannot be read: {error}") from error
    return block


def _compare(stated: BlockHeaderAPI, again: BlockAPI) -> None:
    for field in HEADER_FIELDS:
        claimed, computed = getattr(stated, field), getattr(again.header, field)
        if claimed != computed:
            raise ChainDeviates(
                stated.block_number,
                f"its {field} does not follow from what came before: it states "
                f"{_shown(claimed)}, execution gives {_shown(computed)}",
            )


def _shown(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
