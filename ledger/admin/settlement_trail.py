"""From an entry of the book to the block that certifies it."""

from django.db import models

from ledger.models import Entry, OutboxItem


def settlement_trail(entry: Entry) -> list[tuple[str, models.Model]]:
    """The entry, its place in the outbox, its batch and its block, as far as it got."""
    steps: list[tuple[str, models.Model]] = [("Entry", entry)]
    item = OutboxItem.objects.filter(entry=entry).select_related("batch__block").first()
    if item is None:
        return steps
    steps.append(("Outbox", item))
    if item.batch:
        steps.append(("Batch", item.batch))
        if item.batch.block:
            steps.append(("Block", item.batch.block))
    return steps
