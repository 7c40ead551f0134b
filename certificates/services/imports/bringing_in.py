"""Bringing accepted certificates of another registry in: the worker's part of an import."""

from datetime import datetime, timedelta

from django.db import OperationalError, transaction

from certificates.domain.external.gc_csv import ExternalFile, Progress
from certificates.errors import CertificatesError, ImportRefused
from certificates.models import CertificateImport, Device
from certificates.services.imports.files import (
    check_all_good,
    check_plant,
    judged,
    read_stored,
)
from certificates.services.imports.imports import (
    Status,
    decide,
    kept_file,
    lock,
    lock_registries,
    tell_owner,
)
from certificates.services.imports.lots import write_lots
from certificates.services.meters import import_progress
from ledger.errors import LedgerError
from ledger.services import audit

OVERDUE = timedelta(minutes=2)  # an import this old without a result may have lost its task
OUR_FAULT = (
    "Something went wrong on our side. Nothing came in. Accept it again, or tell the registry."
)


def bring_in(*, import_id: int, now: datetime) -> None:
    """Bring in what an auditor accepted; what stands against it is left for the auditor to read.

    Safe to run twice, and at once: it comes in once. Reading and writing show their progress; the
    writing is one transaction, so that after a kill nothing of it is there and it begins anew.
    """
    waiting = CertificateImport.objects.filter(pk=import_id, status=Status.ACCEPTED)
    if not waiting.exists():
        return

    def show(done: int, lines: int) -> None:
        waiting.update(lines_done=done, lines=lines)

    try:
        issue_accepted(import_id=import_id, now=now, progress=show)
    except (CertificatesError, LedgerError) as error:
        _fail(import_id, str(error))
    except OperationalError:
        raise  # the database was busy or gone: the sweep asks again
    except Exception:
        _fail(import_id, OUR_FAULT)
        raise


def issue_accepted(*, import_id: int, now: datetime, progress: Progress | None = None) -> None:
    """Issue the certificates of an accepted import to the plant's owner.

    The file is read first, where `progress` may write what others see. It is judged under the
    locks: what another import took meanwhile is refused with its line.
    Raises: ImportRefused, LinesRefused, FactorMissing and others.
    """
    row = CertificateImport.objects.select_related("registry").get(pk=import_id)
    read = read_stored(kept_file(row), row.report.get("given", {}), progress)
    _issue(import_id, read, now)


def unfinished(now: datetime) -> list[int]:
    """Imports accepted so long ago that their task may be lost."""
    overdue = CertificateImport.objects.filter(
        status=Status.ACCEPTED, accepted_at__lt=now - OVERDUE
    )
    return list(overdue.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _issue(import_id: int, read: ExternalFile, now: datetime) -> None:
    lock_registries()
    row = lock(import_id)
    if row.status != Status.ACCEPTED:
        return
    device = Device.objects.select_for_update().get(pk=row.device_id)
    if device.organisation_id != row.organisation_id:
        raise ImportRefused(f"{device.name} changed hands since. Refuse this; its owner asks anew.")
    check_plant(device)
    examined = judged(device, row.registry, read, now)
    check_all_good(examined)
    row.device = device
    with import_progress.shown(import_progress.BROUGHT, import_id) as show:
        lots = write_lots(
            brought=row,
            lines=examined.lines,
            takes_factors=examined.takes_factors,
            now=now,
            progress=show,
        )
    amount_wh = sum(line.amount_wh for line in examined.lines)
    decide(row, Status.IMPORTED, "", now)
    audit.record(
        actor=row.accepted_by,
        action="certificate_import.imported",
        subject=row,
        now=now,
        detail={"lots": lots, "amount_wh": amount_wh},
    )
    words = f"was accepted: {amount_wh:,} Wh of {row.registry.name} are yours."
    tell_owner(row, words, now)


def _fail(import_id: int, reason: str) -> None:
    """Back to the auditor, unless another run brought it in meanwhile."""
    CertificateImport.objects.filter(pk=import_id, status=Status.ACCEPTED).update(
        status=Status.SUBMITTED, failure=reason
    )
