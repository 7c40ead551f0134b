"""What the database itself refuses of own addresses, their events and transactions."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from ledger.models import (
    Account,
    Batch,
    Block,
    Entry,
    MirroredEvent,
    OutboxItem,
    OwnAddress,
    WaitingTransaction,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2018, 2, 1, tzinfo=UTC)


def refused(name: str, make) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    # SQLite names the columns of a broken UNIQUE, not the constraint.
    assert name in str(caught.value) or "UNIQUE" in str(caught.value)


def a_block(height: int = 1) -> Block:
    mark = bytes([height]) * 32
    return Block.objects.create(height=height, block_hash=mark, state_root=mark, sealed_at=NOW)


def an_entry(key: str = "one") -> Entry:
    return Entry.objects.create(key=key, kind="transfer", content_hash=b"\1" * 32, posted_at=NOW)


def a_mirror() -> Account:
    return Account.objects.create(name="Own address", is_mirror=True)


def a_batch(**fields) -> Batch:
    given = {
        "nonce": 1,
        "sender": b"\1" * 20,
        "sequence": 1,
        "kind": "issue",
        "raw_transaction": b"raw",
        "transaction_hash": b"\1" * 32,
        "prepared_at": NOW,
    }
    return Batch.objects.create(**given | fields)


def waiting(**fields) -> WaitingTransaction:
    given = {
        "transaction_hash": b"\1" * 32,
        "raw_transaction": b"raw",
        "sender": b"\1" * 20,
        "nonce": 0,
        "gas": 1,
        "received_at": NOW,
    }
    return WaitingTransaction.objects.create(**given | fields)


def test_a_system_account_is_no_mirror():
    def make():
        return Account.objects.create(name="Retired", system="retired", is_mirror=True)

    refused("account_mirror_is_a_holders", make)


def test_an_address_is_linked_by_a_message_or_not_at_all():
    holder, mirror = Account.objects.create(name="Holder"), a_mirror()
    about = {"address": b"\1" * 20, "account": mirror}
    for fields in (
        {"holder": holder},
        {"holder": holder, "linked_at": NOW},
        {"holder": holder, "message": "I hold it"},
        {"linked_at": NOW},
        {"message": "I hold it"},
    ):
        refused(
            "own_address_linked_by_a_message",
            lambda fields=fields: OwnAddress.objects.create(**about, **fields),
        )
    OwnAddress.objects.create(**about, holder=holder, linked_at=NOW, message="I hold it")
    refused("address", lambda: OwnAddress.objects.create(address=b"\1" * 20, account=a_mirror()))
    refused("account", lambda: OwnAddress.objects.create(address=b"\2" * 20, account=mirror))


def test_an_event_is_mirrored_once_and_by_one_entry():
    block, entry = a_block(), an_entry()
    MirroredEvent.objects.create(block=block, log_index=0, entry=entry)
    other = an_entry("other")
    refused(
        "mirrored_event_once",
        lambda: MirroredEvent.objects.create(block=block, log_index=0, entry=other),
    )
    refused("entry", lambda: MirroredEvent.objects.create(block=block, log_index=1, entry=entry))
    MirroredEvent.objects.create(block=block, log_index=0, part=1, entry=other)


def test_a_nonce_is_one_of_its_senders_and_a_transaction_holds_a_batch_once():
    a_batch()
    again = {"sequence": 2, "transaction_hash": b"\2" * 32}
    refused("batch_nonce_unique_of_its_sender", lambda: a_batch(**again))
    a_batch(**again, sender=b"\2" * 20)
    refused(
        "batch_once_in_its_transaction",
        lambda: a_batch(nonce=3, status="reverted", block=a_block()),
    )


def test_batches_of_holders_have_no_nonce_of_ours():
    block = a_block()
    for sequence in (7, 8):  # two retirements in one transaction of a holder's
        a_batch(nonce=None, sequence=sequence, status="sealed", block=block)


def test_a_nonce_waits_once_for_each_sender_unless_it_was_dropped():
    waiting(status="dropped")
    waiting(transaction_hash=b"\2" * 32)
    refused("waiting_transaction_nonce_unique", lambda: waiting(transaction_hash=b"\3" * 32))
    waiting(transaction_hash=b"\3" * 32, sender=b"\2" * 20)
    refused("transaction_hash", lambda: waiting(nonce=5))


def test_only_what_is_sealed_names_a_block():
    block = a_block()
    for status, where in (("sealed", None), ("waiting", block), ("dropped", block)):
        refused(
            "waiting_transaction_sealed_in_a_block",
            lambda status=status, where=where: waiting(status=status, block=where),
        )
    waiting(status="sealed", block=block)


def test_what_was_sent_names_its_batch():
    for n, status in enumerate(("submitted", "certified")):
        entry = an_entry(f"sent {n}")
        refused(
            "outbox_item_sent_in_a_batch",
            lambda status=status, entry=entry: OutboxItem.objects.create(
                entry=entry, kind="transfer", digest=b"", status=status
            ),
        )
