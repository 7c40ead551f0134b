"""What charging does when certificates say that something changed below."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.dispatch import receiver

from certificates.signals import lots_issued, readings_corrected
from charging.services.matching import touching
from charging.services.receipts import renew_for_corrections
from ledger.domain.sheet import Sheet
from ledger.models import Entry
from ledger.signals import entries_posted

# What a match retires was planned a moment ago; what is cancelled was set apart before; of
# what is issued we are told by the day.
NOTHING_NEW = (Entry.Kind.ISSUE, Entry.Kind.RETIRE, Entry.Kind.SUPERSEDE)


@receiver(readings_corrected)
def renew_receipts(*, deficit_ids: Sequence[int], now: datetime, **_: Any) -> None:
    """Charges that use Wh of an interval whose deficit changed get a new version."""
    renew_for_corrections(correction_ids=deficit_ids, now=now)


@receiver(lots_issued)
def touch_issued(*, days: Mapping[int, Iterable[date]], **_: Any) -> None:
    """What companies were given of these days is to be looked at."""
    touching.touch_days((account, day) for account, some in days.items() for day in some)


@receiver(entries_posted)
def touch_holdings(*, sheet: Sheet, **_: Any) -> None:
    """What companies hold for an hour changed: that hour is to be looked at again."""
    is_new = np.array([kind not in NOTHING_NEW for kind in sheet.kinds], bool)
    moves = sheet.moves.of(is_new[sheet.moves.entries])
    if len(moves):
        assets = moves.assets.tolist()
        touching.touch_assets(
            {*zip(moves.sources.tolist(), assets, strict=True)}
            | {*zip(moves.destinations.tolist(), assets, strict=True)}
        )
