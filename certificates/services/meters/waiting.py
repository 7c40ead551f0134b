"""A meter file that was confirmed, and the worker that it waits for."""

from datetime import datetime, timedelta

from certificates.models import MeterFile
from certificates.services.meters import import_progress
from certificates.services.meters.confirmation import CONFIRMED
from ledger.models import AuditEvent

UNTAKEN = timedelta(seconds=20)  # a worker takes up what is asked for within a second


def waits(file: MeterFile) -> bool:
    """Whether a file is confirmed and no worker is at it."""
    return file.status == MeterFile.Status.IMPORTING and not import_progress.is_taken(file.pk)


def nobody_takes(file: MeterFile, now: datetime) -> bool:
    """Whether it waits for so long that no worker seems to be there."""
    if not waits(file):
        return False
    asked = AuditEvent.objects.filter(action=CONFIRMED, subject=f"meterfile {file.pk}")
    latest = asked.order_by("-pk").values_list("at", flat=True).first()
    return latest is None or now - latest > UNTAKEN
