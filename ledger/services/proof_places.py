"""Where in the chain a proof begins: the blocks of its batches."""

from collections.abc import Mapping, Sequence

from ledger.errors import ProofUnavailable
from ledger.models import Batch, Block

Paths = Mapping[int, tuple[bytes, ...]]  # by a batch's sequence


def last_of(batches: Sequence[Batch]) -> Batch:
    """The batch in the highest block."""
    return max(batches, key=lambda batch: batch.block.height if batch.block else -1)


def block_of(batch: Batch) -> Block:
    """Raises: ProofUnavailable when it is in none."""
    if batch.block is None:
        raise ProofUnavailable(f"Batch {batch.sequence} is in no block.")
    return batch.block
