"""Void claims on their way to the chain.

What is settled stays retired. That nobody claims it any more is an entry of the book that
moves nothing and names the retirement; the chain marks its leaf. Nothing is sent before the
retirement itself is certified, and nothing at all when the chain refuses it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from ledger.errors import InvalidEntry, KeyReused
from ledger.models import Batch, Entry, OutboxItem, VoidClaim
from ledger.services.book import Draft, post_entries

LOOK_UP = 500  # ids in one query
Status = OutboxItem.Status


@transaction.atomic
def supersede(*, entries: Sequence[int], reason: int, now: datetime) -> list[int]:
    """Void the claims of retirements, given by their entries' ids; each once.

    Returns the entries that say so, one for each retirement that is on the chain or on its
    way. Those that were refused or undone claim nothing and are passed over.
    Raises: InvalidEntry for what is no retirement, or can still be undone; KeyReused for a
    claim that is void for another reason.
    """
    if reason <= 0:
        raise InvalidEntry("A claim is void for a reason: give its number, from 1 on.")
    retirements = [pk for part in _parts(sorted(set(entries))) for pk in _settled(part)]
    drafts = [Draft(f"supersede:{pk}", Entry.Kind.SUPERSEDE, (), b"") for pk in retirements]
    said = post_entries(drafts=drafts, now=now) if drafts else []
    rows = [
        VoidClaim(entry_id=entry, retirement_id=pk, reason=reason)
        for entry, pk in zip(said, retirements, strict=True)
    ]
    # Who voids the same claim at the same time writes the same row.
    VoidClaim.objects.bulk_create(rows, ignore_conflicts=True, batch_size=LOOK_UP)
    for part in _parts(retirements):
        other = VoidClaim.objects.filter(retirement__in=part).exclude(reason=reason).first()
        if other:
            raise KeyReused(
                f"The claim of entry {other.retirement_id} is void for reason {other.reason} "
                f"already, not {reason}. A claim is void once."
            )
    return said


def _settled(part: Sequence[int]) -> Iterator[int]:
    """Those that the chain has or is about to get, locked against being refused meanwhile."""
    rows = OutboxItem.objects.filter(entry__in=part).select_for_update(of=("self",))
    items = {pk: (kind, status) for pk, kind, status in rows.values_list("entry", "kind", "status")}
    for pk in part:
        kind, status = items.get(pk, ("", ""))
        if kind != Batch.Kind.SETTLE:
            raise InvalidEntry(f"Entry {pk} is no retirement that the chain gets to know.")
        if status == Status.PENDING:
            raise InvalidEntry(f"Entry {pk} is not on its way to the chain yet. Undo it instead.")
        if status in (Status.SUBMITTED, Status.CERTIFIED):
            yield pk


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), LOOK_UP):
        yield ids[start : start + LOOK_UP]
