"""What charging does when certificates say that something changed below."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from certificates.signals import readings_corrected
from charging.services.receipts import renew_for_corrections


@receiver(readings_corrected)
def renew_receipts(*, deficit_ids: Sequence[int], now: datetime, **_: Any) -> None:
    """Charges that use Wh of an interval whose deficit changed get a new version."""
    renew_for_corrections(correction_ids=deficit_ids, now=now)
