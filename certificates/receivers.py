"""What certificates do when a batch is sealed, the chain refuses, or a meter was corrected."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.dispatch import receiver
from django.utils import timezone

from certificates.models import Lot, Retirement
from certificates.services import stretches
from certificates.services.holding import cancellations, offers, own_retirements
from certificates.services.storage import shortfalls as storage_shortfalls
from certificates.services.storage import undoing as storage_undoing
from certificates.signals import readings_corrected
from ledger.domain.sheet import Sheet
from ledger.models import OutboxItem
from ledger.signals import (
    address_linked,
    batch_certified,
    entries_failed,
    entries_mirrored,
    entries_posted,
)


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
    storage_undoing.return_refused(entry_ids=entry_ids, now=now)


@receiver(readings_corrected)
def tell_storage_owners(*, deficit_ids: Sequence[int], now: datetime, **_: Any) -> None:
    """Owners of storage are told of what they stored and was not generated."""
    storage_shortfalls.tell_owners(correction_ids=deficit_ids, now=now)


@receiver(entries_mirrored)
def note_own_retirements(*, entry_ids: Sequence[int], **_: Any) -> None:
    """Holders' own retirements of the block get their rows."""
    own_retirements.note(entries=entry_ids)


@receiver(address_linked)
def note_earlier_retirements(**_: Any) -> None:
    """What an address retired before anybody had linked it is its holder's now."""
    own_retirements.note()


@receiver(entries_posted)
def touch_stretches(*, sheet: Sheet, **_: Any) -> None:
    """What is kept of the plants and times whose certificates moved is out of date."""
    stretches.touch_assets(set(sheet.moves.assets.tolist()))
