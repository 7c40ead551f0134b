"""The two ways an entry falls before it is sealed: taken back, or refused by the chain."""

from datetime import datetime

from django.db import transaction

from ledger.models import Batch, Block, Entry, OutboxItem
from ledger.services.book import reverse_entry
from ledger.services.settlement.failing import fail
from ledger.signals import entries_failed


def take_back(entry: Entry, now: datetime) -> None:
    """As a person does who thinks better of it."""
    reverse_entry(entry=entry, key=f"undo:{entry.key}", now=now)


def refuse(entry: Entry, now: datetime) -> None:
    """As the writer does once it found the one that the chain refuses."""
    with transaction.atomic():
        number = Batch.objects.count() + 100
        block = Block.objects.create(
            height=number,
            block_hash=number.to_bytes(32, "big"),
            state_root=bytes(32),
            sealed_at=now,
        )
        batch = Batch.objects.create(
            nonce=number,
            sequence=number,
            kind=entry.outbox_item.kind,
            status=Batch.Status.REVERTED,
            raw_transaction=b"",
            transaction_hash=number.to_bytes(32, "big"),
            block=block,
            prepared_at=now,
        )
        OutboxItem.objects.filter(entry=entry).update(batch=batch, status="submitted")
        item = OutboxItem.objects.get(entry=entry)
        fallen = fail(item=item, reason="the chain says no", now=now)
        entries_failed.send(sender=Entry, entry_ids=fallen, reason="the chain says no")


WAYS = (take_back, refuse)
