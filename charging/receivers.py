"""What charging does when certificates say that something changed below."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from certificates.signals import readings_corrected
from charging.services import touching
from charging.services.receipts import renew_for_corrections
from ledger.models import Entry
from ledger.services.book import Draft
from ledger.signals import entries_posted

# What a match retires was planned a moment ago; what is cancelled was set apart before.
NOTHING_NEW = (Entry.Kind.RETIRE, Entry.Kind.SUPERSEDE)


@receiver(readings_corrected)
def renew_receipts(*, deficit_ids: Sequence[int], now: datetime, **_: Any) -> None:
    """Charges that use Wh of an interval whose deficit changed get a new version."""
    renew_for_corrections(correction_ids=deficit_ids, now=now)


@receiver(entries_posted)
def touch_holdings(*, drafts: Sequence[Draft], **_: Any) -> None:
    """What companies hold for an hour changed: that hour is to be looked at again."""
    held = {
        (account, move.asset)
        for draft in drafts
        if draft.kind not in NOTHING_NEW
        for move in draft.moves
        for account in (move.source, move.destination)
    }
    if held:
        touching.touch_assets(held)
