"""Whose seals count, and for which blocks."""

from types import SimpleNamespace

import pytest

from ledger.domain.proof.trust import Sealer
from ledger.errors import ProofUnavailable
from ledger.services import trust

OLD, NEW, STRANGER = b"o" * 20, b"n" * 20, b"s" * 20


@pytest.fixture
def keys(monkeypatch):
    ring = SimpleNamespace(address=lambda role: NEW, sealers=lambda: {OLD, NEW})
    monkeypatch.setattr(trust, "key_ring", lambda: ring)


def test_a_retired_key_counts_up_to_its_last_block(keys):
    ranges = {NEW: (8, 12), OLD: (1, 7), STRANGER: (3, 3)}
    assert trust._sealers(ranges) == (Sealer(OLD, 1, 7), Sealer(NEW, 8, None))


def test_a_chain_of_strangers_is_not_vouched_for(keys):
    with pytest.raises(ProofUnavailable):
        trust._sealers({STRANGER: (1, 9)})
