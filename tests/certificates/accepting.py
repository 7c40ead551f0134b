"""Accepting an import and bringing it in at once, as the auditor and then the worker do."""

from datetime import datetime

from django.db import transaction

from certificates.models import CertificateImport
from certificates.services.imports import bringing_in
from certificates.services.imports import imports as certificate_imports


def accept(*, brought: CertificateImport, now: datetime, actor: object) -> CertificateImport:
    """The same errors as the worker meets; after one the import waits as before."""
    with transaction.atomic():
        row = certificate_imports.accept(brought=brought, now=now, actor=actor)
        if row.status == CertificateImport.Status.ACCEPTED:
            bringing_in.issue_accepted(import_id=row.pk, now=now)
    row.refresh_from_db()
    return row
