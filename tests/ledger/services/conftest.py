"""Things that tests of the ledger's services share."""

from datetime import UTC, datetime

import pytest

from ledger.models import Batch, Block


@pytest.fixture
def a_batch(db) -> Batch:
    """A sealed batch in a block of its own."""
    now = datetime(2018, 2, 1, tzinfo=UTC)
    block = Block.objects.create(
        height=1, block_hash=b"\1" * 32, state_root=b"\2" * 32, sealed_at=now
    )
    return Batch.objects.create(
        nonce=1,
        sequence=1,
        kind=Batch.Kind.ISSUE,
        status=Batch.Status.SEALED,
        raw_transaction=b"raw",
        transaction_hash=b"\3" * 32,
        block=block,
        prepared_at=now,
    )
