"""Background work; each task takes ids and may run twice."""

from celery import shared_task
from django.utils import timezone

from certificates.errors import MeterFileRefused
from certificates.models import Device, MeterFile
from certificates.services import issuance, readings


@shared_task
def import_meter_file(file_id: int) -> None:
    """Import an uploaded file; what refuses the whole file is kept as its report."""
    file = MeterFile.objects.get(pk=file_id)
    try:
        readings.import_file(file=file, now=timezone.now())
    except MeterFileRefused as error:
        readings.mark_failed(file=file, error=error)


@shared_task
def issue_device(device_id: int) -> None:
    """Issue what a device's accepted readings are good for."""
    issuance.issue(device=Device.objects.get(pk=device_id), now=timezone.now())
