"""What certificates do when the ledger says that a batch is sealed, or that the chain refused."""

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.dispatch import receiver
from django.utils import timezone

from certificates.models import Lot, Retirement
from certificates.services import cancellations, offers
from ledger.models import OutboxItem
from ledger.signals import batch_certified, entries_failed


@receiver(batch_certified)
def copy_numbers(*, batch_id: int, **_: Any) -> None:
    """Give the lots and retirements of the batch the Wh numbers read back from the chain."""
    batch = OutboxItem.objects.filter(batch=batch_id)
    own = batch.filter(entry=OuterRef("entry_id"))
    # A lot has one place on the odometer, whichever attributes it was issued with.
    first = own.annotate(first=Coalesce("renewable_wh", "emissions_wh")).values("first")
    Lot.objects.filter(entry__in=batch.filter(kind="issue").values("entry")).update(
        first_wh=Subquery(first)
    )
    Retirement.objects.filter(entry__in=batch.filter(kind="settle").values("entry")).update(
        first_renewable_wh=Subquery(own.values("renewable_wh")),
        first_emissions_wh=Subquery(own.values("emissions_wh")),
    )


@receiver(entries_failed)
def return_refused(*, entry_ids: Sequence[int], **_: Any) -> None:
    """What was to leave an ended act's account and did not goes back to its holder."""
    now = timezone.now()
    offers.return_refused(entry_ids=entry_ids, now=now)
    cancellations.return_refused(entry_ids=entry_ids, now=now)
