"""A person says yes to what a preview showed."""

from datetime import datetime

from django.db import transaction

from certificates.models import MeterFile, User
from ledger.services import audit


@transaction.atomic
def confirm(*, file: MeterFile, user: User, now: datetime) -> bool:
    """Release a previewed file for import; False where that was done before."""
    waiting = MeterFile.objects.filter(pk=file.pk, status=MeterFile.Status.PREVIEWED)
    if not waiting.update(status=MeterFile.Status.IMPORTING):
        return False
    audit.record(actor=user, action="meter_file.confirmed", subject=file, now=now)
    return True
