"""Telling organisations of acts that were not their own."""

from datetime import datetime

from certificates.models import Notice

Kind = Notice.Kind


def send(
    *, key: str, organisation_id: int, kind: str, message: str, amount_wh: int = 0, now: datetime
) -> Notice:
    """Leave a message for an organisation, once per key."""
    notice, _ = Notice.objects.get_or_create(
        key=key,
        defaults={
            "organisation_id": organisation_id,
            "kind": kind,
            "message": message,
            "amount_wh": amount_wh,
            "sent_at": now,
        },
    )
    return notice


def count() -> int:
    """How many notices there are."""
    return Notice.objects.count()
