"""What the chain refuses is undone in the book, and before it what was built on it."""

from datetime import datetime

from django.db.models import Q

from ledger.errors import Overdrawn
from ledger.models import Batch, OutboxItem, Posting
from ledger.services.book import post_reversal

BUILT_ON_IT = "It was built on what the chain refused: "


def fail(*, item: OutboxItem, reason: str, now: datetime) -> list[int]:
    """Mark an item failed and reverse its entry; returns the entries that fell, in order.

    Where the holder has passed the Wh on or retired them meanwhile, those acts fall first,
    the latest first. Call inside a transaction.
    Raises: Overdrawn when what was built on it is on the chain already.
    """
    OutboxItem.objects.filter(pk=item.pk).update(status=OutboxItem.Status.FAILED, reason=reason)
    fallen: list[int] = []
    while True:
        try:
            post_reversal(entry=item.entry, key=f"compensate:{item.entry_id}", now=now)
            return [*fallen, item.entry_id]
        except Overdrawn:
            later = _built_on(item)
            if later is None:
                raise
            why = reason if reason.startswith(BUILT_ON_IT) else BUILT_ON_IT + reason
            fallen += fail(item=later, reason=why, now=now)


def _built_on(item: OutboxItem) -> OutboxItem | None:
    """The latest open act that took from where this one put something."""
    moves = Posting.objects.filter(entry=item.entry_id)
    open_ = Q(status=OutboxItem.Status.PENDING) | Q(
        status=OutboxItem.Status.SUBMITTED, batch__status=Batch.Status.REVERTED
    )
    if item.kind == Batch.Kind.ISSUE:
        # Without the lot the chain refuses these too, whether they are sent yet or not.
        open_ |= Q(status=OutboxItem.Status.SUBMITTED)
    given = Q(pk__in=[])
    for asset, holder in moves.filter(destination__system="").values_list("asset", "destination"):
        whose = Q() if item.kind == Batch.Kind.ISSUE else Q(source=holder)
        given |= Q(asset=asset) & whose
    taking = Posting.objects.filter(given, entry__gt=item.entry_id)
    later = OutboxItem.objects.filter(open_, entry__in=taking.values("entry"))
    return later.order_by("-entry").first()
