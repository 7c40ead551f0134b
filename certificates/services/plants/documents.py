"""An owner's papers for a plant: added, withdrawn, and read by the registry."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.http import content_disposition_header

from certificates.domain import papers
from certificates.errors import DocumentRefused, UploadTooLarge
from certificates.models import Device, PlantDocument, User
from certificates.queries.plants.ownership import papers_of
from certificates.services.meters.storing import (
    DOCUMENTS,
    StoredFile,
    of_plant,
    store,
    stored_before,
)
from ledger.services import audit


def add(
    *, device: Device, kind: str, stream: BinaryIO, name: str, user: User, now: datetime
) -> PlantDocument:
    """Keep a paper; the same content again answers with the first, and brings it back.

    Raises: DocumentRefused, after which nothing is left behind.
    """
    if kind not in PlantDocument.Kind.values:
        raise DocumentRefused("Say what the paper is.")
    media_type = papers.media_type_of(stream.read(papers.HEAD))
    stream.seek(0)
    try:
        stored = store(stream, of_plant(DOCUMENTS, device.gsrn), papers.LARGEST_BYTES)
    except UploadTooLarge as error:
        limit = papers.LARGEST_BYTES // (1 << 20)
        raise DocumentRefused(f"A paper has at most {limit} MB. Scan it smaller.") from error
    facts = {
        "kind": kind,
        "name": papers.plain_name(name, media_type),
        "media_type": media_type,
        "size_bytes": stored.size,
        "stored_as": stored.stored_as,
    }
    try:
        return _keep(device, stored.sha256, facts, user, now)
    finally:
        drop_unused(stored)


@transaction.atomic
def withdraw(*, document: PlantDocument, user: User, now: datetime) -> PlantDocument:
    """The paper counts no longer; it stays kept. A second time changes nothing."""
    row = PlantDocument.objects.select_for_update().get(pk=document.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        _note("withdrawn", row, user, now)
    return row


def read(*, document: PlantDocument, actor: object, now: datetime) -> bytes:
    """The paper's content; who read it is noted. Raises: DocumentRefused."""
    stored = StoredFile(document.sha256, document.stored_as, document.size_bytes)
    try:
        content = stored.path.read_bytes()
    except OSError as error:
        raise DocumentRefused(f"{document.name} is not kept here any more.") from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DocumentRefused(f"{document.name} is not the file that was handed in.")
    _note("read", document, actor, now)
    return content


def download_headers(document: PlantDocument) -> dict[str, str]:
    """A paper goes out under its own name, as an attachment that no browser shows or runs."""
    return {
        "Content-Type": document.media_type,
        "Content-Disposition": content_disposition_header(True, document.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }


@transaction.atomic
def drop_unused(stored: StoredFile) -> None:
    """Take the stored content away again where no paper refers to it.

    The lock on the plant waits for whoever is adding the same paper.
    """
    Device.objects.select_for_update().filter(gsrn=stored.gsrn).first()
    if not PlantDocument.objects.filter(stored_as=stored.stored_as).exists():
        stored.path.unlink(missing_ok=True)


def drop_forgotten(*, now: datetime) -> None:
    """Remove what uploads that were cut off have left behind."""
    for stored in stored_before(DOCUMENTS, now=now):
        drop_unused(stored)


@transaction.atomic
def _keep(
    device: Device, sha256: str, facts: Mapping[str, Any], user: User, now: datetime
) -> PlantDocument:
    # The lock lets one of two clicks at once look and keep.
    Device.objects.select_for_update().get(pk=device.pk)
    known = PlantDocument.objects.filter(device=device, sha256=sha256).first()
    own = papers_of(device)
    if known is not None and not own.filter(pk=known.pk).exists():
        # An earlier owner's: whoever has the same file brings it in as its own.
        known.uploaded_by, known.uploaded_at, known.withdrawn_at = user, now, None
        known.save(update_fields=["uploaded_by", "uploaded_at", "withdrawn_at"])
        _note("added", known, user, now)
    elif known is not None and known.withdrawn_at is not None:
        known.withdrawn_at = None
        known.save(update_fields=["withdrawn_at"])
        _note("brought_back", known, user, now)
    if known is not None:
        return known
    if own.count() >= papers.MOST_PAPERS:
        raise DocumentRefused(f"A plant has at most {papers.MOST_PAPERS} papers.")
    made = PlantDocument.objects.create(
        device=device, sha256=sha256, uploaded_by=user, uploaded_at=now, **facts
    )
    _note("added", made, user, now)
    return made


def _note(what: str, document: PlantDocument, actor: object, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=f"plant_document.{what}",
        subject=document,
        now=now,
        detail={
            "device": document.device.gsrn,
            "name": document.name,
            "sha256": document.sha256,
            "kind": document.kind,
        },
    )
