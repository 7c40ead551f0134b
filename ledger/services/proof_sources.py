"""Where proofs take a block from: the chain's own store, or the node of a network.

A block of our own bears a seal. One of a network of others bears none: it counts for whoever
knows its hash from elsewhere, as a trust file's checkpoint.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from ledger.chain.opening import STORE_NAME
from ledger.chain.state_proof import StateReader
from ledger.chain.store import SQLiteStore, Store
from ledger.domain.proof import rlp
from ledger.domain.proof.document import BlockProof
from ledger.errors import ProofUnavailable
from ledger.models import Batch, Block
from ledger.services.proof_places import Paths, block_of, last_of

GENESIS = 0
LEGACY_TO, TYPED_TO = 3, 5
SHORTEST_LIST = 0xC0


class Source(Protocol):
    """What a proof needs of a chain."""

    def genesis_hash(self) -> bytes: ...

    def show(self, batches: Sequence[Batch]) -> tuple[BlockProof, Paths]:
        """Settled batches in the state of one block: that of the last, where it is at hand.

        Raises: ProofUnavailable, ChainMissing, ChainCorrupt, ChainBusy.
        """
        ...


@contextmanager
def source() -> Iterator[Source]:
    """Raises: ProofUnavailable, ChainMissing, ChainUnreachable."""
    if settings.CHAIN_ADAPTER == "foreign":
        from ledger.services.network_proofs import network

        with network() as opened:
            yield opened
    else:
        with chain_store() as store:
            yield StoreSource(store)


@contextmanager
def chain_store() -> Iterator[Store]:
    """The embedded chain's store, for reading. Raises: ProofUnavailable, ChainMissing."""
    if settings.CHAIN_ADAPTER != "embedded":
        raise ProofUnavailable("This registry's chain is not kept here, so nothing can be proven.")
    store = SQLiteStore(Path(settings.CHAIN_DIR) / STORE_NAME, writable=False)
    try:
        yield store
    finally:
        store.close()


class StoreSource:
    """Blocks that this registry sealed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def genesis_hash(self) -> bytes:
        return genesis_hash()

    def show(self, batches: Sequence[Batch]) -> tuple[BlockProof, Paths]:
        last = last_of(batches)
        reader = StateReader(self._store, bytes(block_of(last).block_hash))
        contract = reader.batch_roots_address(certificates_address(last))
        nodes, account = reader.account(contract)
        paths = {batch.sequence: reader.batch_root(account, batch.sequence) for batch in batches}
        sealed = reader.block
        return BlockProof(sealed.hash, sealed.header, sealed.seal, contract, nodes), paths


def genesis_hash() -> bytes:
    """Of the registry's own chain. Raises: ProofUnavailable before the first block was noted."""
    first = Block.objects.filter(height=GENESIS).values_list("block_hash", flat=True).first()
    if first is None:
        raise ProofUnavailable("No block has been sealed yet.")
    return bytes(first)


def certificates_address(batch: Batch) -> bytes:
    """The contract that a batch called. Raises: ProofUnavailable when it is no transaction."""
    raw = bytes(batch.raw_transaction)
    is_legacy = raw[:1] >= bytes([SHORTEST_LIST])
    try:
        fields = rlp.decode(raw if is_legacy else raw[1:])
    except ValueError as error:
        raise ProofUnavailable(f"Batch {batch.sequence} is no transaction.") from error
    target = fields[LEGACY_TO if is_legacy else TYPED_TO]
    if not isinstance(target, bytes):
        raise ProofUnavailable(f"Batch {batch.sequence} calls no contract.")
    return target
