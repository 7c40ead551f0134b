"""Only a registered witness' own signature of a block that is noted here is kept."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from eth_keys.datatypes import PrivateKey

from ledger.chain import seal
from ledger.errors import (
    BlockDiffers,
    BlockUnknown,
    WitnessExists,
    WitnessSignatureInvalid,
    WitnessUnknown,
)
from ledger.models import AuditEvent, Block, Witness, WitnessSignature
from ledger.queries.witnesses import witnessed
from ledger.services import witnesses
from tests.ledger.chain.chains import CHAIN_ID, key_ring
from tests.ledger.witness.keys import KEY, OTHER_KEY, address_of, signature_of, with_high_s

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chain_id(settings, data_dir):
    settings.CHAIN_ID = CHAIN_ID


@pytest.fixture
def blocks(db):
    """Heights 0 to 5."""
    return [
        Block.objects.create(
            height=height, block_hash=bytes([height]) * 32, state_root=bytes(32), sealed_at=NOW
        )
        for height in range(6)
    ]


def register(key=KEY, name="Coventry", **options):
    return witnesses.register(address=address_of(key), name=name, actor="test", now=NOW, **options)


def accept(block, signature=None, **changes):
    facts = {
        "height": block.height,
        "block_hash": bytes(block.block_hash),
        "signature": signature or signature_of(block),
    }
    return witnesses.accept_signature(now=NOW, **facts | changes)


def test_a_signature_is_kept_once(blocks):
    register()
    assert [accept(blocks[3])[1] for _ in range(2)] == [True, False]
    assert WitnessSignature.objects.count() == 1


def test_a_signature_stands_for_all_blocks_before(blocks):
    register()
    register(OTHER_KEY, "Perth")
    accept(blocks[2])
    accept(blocks[4])
    accept(blocks[3], signature_of(blocks[3], key=OTHER_KEY))
    assert [witnessed(height) for height in range(6)] == [2, 2, 2, 2, 1, 0]


def test_nobody_else_witnesses(blocks):
    with pytest.raises(WitnessUnknown):
        accept(blocks[3])


def test_a_witness_signs_within_its_span(blocks):
    register(since_height=2)
    witnesses.retire(address=address_of(KEY), height=3, actor="test", now=NOW)
    for height in (1, 4):
        with pytest.raises(WitnessUnknown, match="Coventry"):
            accept(blocks[height])
    assert accept(blocks[2])[1]
    assert accept(blocks[3])[1]


def test_a_witness_cannot_retire_before_it_began(blocks):
    register(since_height=2)
    with pytest.raises(WitnessUnknown):
        witnesses.retire(address=address_of(KEY), height=1, actor="test", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Witness.objects.update(retired_height=1)


def test_another_block_of_this_height_is_a_conflict(blocks):
    register()
    with pytest.raises(BlockDiffers, match="fraud"):
        accept(blocks[3], block_hash=b"\x09" * 32)


def test_a_block_that_is_not_noted_waits(blocks):
    register()
    with pytest.raises(BlockUnknown):
        accept(blocks[3], height=77)


def test_a_high_s_is_refused(blocks):
    register()
    with pytest.raises(WitnessSignatureInvalid, match="high s"):
        accept(blocks[3], with_high_s(signature_of(blocks[3])))


@pytest.mark.parametrize("signature", [b"", bytes(65), b"\xff" * 65, bytes(64)])
def test_bytes_that_are_no_signature_are_refused(blocks, signature):
    register()
    with pytest.raises(WitnessSignatureInvalid):
        accept(blocks[3], signature=signature or b"\x01")


FOREIGN = {
    "another chain": {"chain_id": 1},
    "another genesis": {"genesis_hash": b"\x05" * 32},
    "another height": {"number": 4},
    "another block": {"block_hash": b"\x05" * 32},
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_signature_holds_for_nothing_else(blocks, case):
    register()
    with pytest.raises(WitnessUnknown):
        accept(blocks[3], signature_of(blocks[3], **FOREIGN[case]))


def test_a_seal_does_not_pass_for_a_witness_signature(blocks):
    register()
    digest = seal.seal_digest(
        chain_id=CHAIN_ID,
        genesis_hash=bytes(blocks[0].block_hash),
        role=seal.SEAL,
        number=3,
        block_hash=bytes(blocks[3].block_hash),
    )
    with pytest.raises(WitnessUnknown):
        accept(blocks[3], PrivateKey(KEY).sign_msg_hash(digest).to_bytes())


def test_registering_twice_changes_nothing_and_is_logged_once(blocks):
    assert register() == register()
    assert AuditEvent.objects.filter(action="register witness").count() == 1


def test_an_address_has_one_name(blocks):
    register()
    with pytest.raises(WitnessExists, match="Coventry"):
        register(name="Perth")


def test_a_sealer_is_no_witness_of_its_own_blocks(blocks, data_dir):
    address = key_ring(data_dir).address("sealer")
    with pytest.raises(WitnessExists, match="somebody else"):
        witnesses.register(address=address, name="Ourselves", actor="test", now=NOW)
