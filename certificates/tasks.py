"""Background work; each task takes ids and may run twice."""

import logging
import time
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from certificates.errors import CertificatesError
from certificates.models import Device, MeterFile
from certificates.queries.readings.issuable import devices_waiting
from certificates.queries.readings.known import unfinished_imports
from certificates.services import stretches
from certificates.services.handovers import handovers
from certificates.services.holding import cancellations, expiry, offers, standing_orders
from certificates.services.imports import bringing_in
from certificates.services.imports import files as external_files
from certificates.services.issuing import issuance
from certificates.services.meters import import_progress, readings
from certificates.services.meters.storing import drop_drafts
from certificates.services.plants import documents as plant_documents
from certificates.services.storage import acts as storage_acts

logger = logging.getLogger(__name__)
KEEPING_S = 50  # within the minute until the next run
OVERDUE = timedelta(minutes=2)  # work this old without a result may have lost its task


@shared_task
def import_meter_file(file_id: int) -> None:
    """Import an uploaded file; what refuses the whole file is kept as its report."""
    file = MeterFile.objects.get(pk=file_id)
    try:
        with import_progress.taken([file_id]):
            readings.import_file(file=file, now=timezone.now())
    except CertificatesError as error:
        readings.mark_failed(file=file, error=error)


@shared_task
def import_meter_files(file_ids: list[int]) -> None:
    """Import files of several devices together, all or none."""
    files = list(MeterFile.objects.filter(pk__in=file_ids).order_by("pk"))
    try:
        with import_progress.taken(file_ids):
            readings.import_files(files=files, now=timezone.now())
    except CertificatesError as error:
        for file in files:
            readings.mark_failed(file=file, error=error)


@shared_task
def issue_device(device_id: int, starts_at: str | None = None, ends_at: str | None = None) -> None:
    """Issue what a device's accepted readings are good for; else they wait, with the reason.

    The period is [starts_at, ends_at) in ISO 8601, all of the device's time when left out.
    """
    period = [datetime.fromisoformat(text) if text else None for text in (starts_at, ends_at)]
    try:
        issuance.issue(
            device=Device.objects.get(pk=device_id),
            starts_at=period[0],
            ends_at=period[1],
            now=timezone.now(),
        )
    except CertificatesError as error:
        logger.warning("Nothing issued: %s", error)


@shared_task
def bring_in_certificates(import_id: int) -> None:
    """Bring in another registry's certificates that an auditor accepted."""
    bringing_in.bring_in(import_id=import_id, now=timezone.now())


@shared_task(name="certificates.sweep")
def sweep() -> int:
    """Ask again for work whose task was lost with its worker or queue; returns how much.

    Offers whose time is over lapse; cancellations and acts of storage that can no longer be
    undone are carried out; handovers whose day has come take effect, and standing orders use
    what is due. A file that somebody confirmed is imported, and its readings are issued; so are
    imports that an auditor accepted. Asking twice is harmless: whoever comes second finds the
    work done.
    """
    now = timezone.now()
    files = list(unfinished_imports(now - OVERDUE).values_list("pk", flat=True))
    devices = list(devices_waiting(now, now - OVERDUE).values_list("pk", flat=True))
    for file in files:
        import_meter_file.delay(file)
    for device in devices:
        issue_device.delay(device)
    for brought in bringing_in.unfinished(now):
        bring_in_certificates.delay(brought)
    drop_drafts(now=now)
    import_progress.drop_forgotten(now=now)
    external_files.drop_forgotten(now=now)
    plant_documents.drop_forgotten(now=now)
    offers.lapse_due(now=now)
    cancellations.carry_out_due(now=now)
    storage_acts.carry_out_due(now=now)
    handovers.take_effect_due(now=now)
    standing_orders.run_due(now=now)
    return len(files) + len(devices)


@shared_task(name="certificates.keep_terms")
def keep_terms() -> int:
    """Once a day: warn of what will expire or is owed too long, and expire; returns the Wh."""
    now = timezone.now()
    expiry.warn(now=now)
    expiry.warn_of_debt(now=now)
    return expiry.expire(now=now)


@shared_task(name="certificates.keep_totals")
def keep_totals() -> int:
    """Keep anew what is kept of plants and times in which something changed; returns how many.

    What is left when the time for it is over is kept by the next run. Pages are right all along,
    and quick again afterwards.
    """
    until, kept = time.monotonic() + KEEPING_S, 0
    while time.monotonic() < until and (some := stretches.keep_some()):
        kept += some
    return kept
