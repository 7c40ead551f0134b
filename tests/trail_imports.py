"""What stands beside a plant: another registry's certificates, and the owner's papers."""

from types import SimpleNamespace

from certificates.models import (
    CertificateImport,
    ExternalRange,
    ExternalRegistry,
    PlantDocument,
)
from tests.trail_facts import digest


def bring_in(t: SimpleNamespace) -> None:
    """An import that waits for an auditor, serials that came in, and a paper of the plant."""
    n, now = t.n, t.now
    registry = ExternalRegistry.objects.create(
        code=f"other-{n}", name=f"Other registry {n}", country="DK", registered_at=now
    )
    brought = CertificateImport.objects.create(
        key=f"import:{n}",
        registry=registry,
        device=t.device,
        organisation=t.producer,
        sha256=digest(f"import {n}").hex(),
        name="gc.csv",
        stored_as=f"imports/{n}",
        proof="Statement 4711",
        submitted_by=t.user.email,
        submitted_at=now,
    )
    ExternalRange.objects.create(
        registry=registry,
        brought_in=brought,
        line=2,
        issuance_id=f"GC-{n}",
        first_serial=f"{0:040d}",
        last_serial=f"{999:040d}",
        lot=t.lot,
    )
    PlantDocument.objects.create(
        device=t.device,
        kind="meter",
        name="meter.pdf",
        sha256=digest(f"paper {n}").hex(),
        size_bytes=100,
        media_type="application/pdf",
        stored_as=f"documents/{n}",
        uploaded_by=t.user,
        uploaded_at=now,
    )
