"""Certificates of another registry: handed in by an owner, decided by an auditor."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from certificates.errors import ImportRefused
from certificates.models import (
    CertificateImport,
    Device,
    ExternalRange,
    ExternalRegistry,
    Lot,
    LotAsset,
    OrganisationRole,
    Role,
)
from certificates.services import notices
from certificates.services.holding.holds import Change, change_state
from certificates.services.imports.files import (
    check_all_good,
    check_plant,
    drop_unused,
    examine,
    keep,
    report_of,
)
from certificates.services.meters.storing import StoredFile
from ledger.models import Balance
from ledger.services import audit

Status = CertificateImport.Status
LONGEST_PROOF, LONGEST_REASON = 300, 500
SHORTEST_PROOF = 5
LOOK_UP = 500  # ids in one query


@dataclass(frozen=True, slots=True)
class Request:
    """For which plant a file is, the registry it comes from, and what was chosen about it.

    `proof` says by which document the other registry cancelled or exported the certificates.
    """

    device: Device
    registry: ExternalRegistry
    name: str
    proof: str
    choices: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def hand_in(
    *, request: Request, stored: StoredFile, now: datetime, actor: object
) -> CertificateImport:
    """Ask for an import, all lines or none; once per content and plant.

    The same again answers with the first, unless that one was refused.
    Raises: ImportRefused, DeviceNotApproved, ChoiceNeeded, LinesRefused, MeterFileRefused.
    """
    # The lock lets one of two clicks at once look and ask.
    device = Device.objects.select_for_update().get(pk=request.device.pk)
    check_plant(device)
    proof = _proof(request.proof)
    known = _earlier(device, stored.sha256)
    if known and known[-1].status != Status.REFUSED:
        return _same(known[-1], request, proof)
    examined = examine(
        device=device, registry=request.registry, stored=stored, choices=request.choices, now=now
    )
    check_all_good(examined)
    key = f"import:{stored.sha256}:{device.gsrn}"
    made = CertificateImport.objects.create(
        key=f"{key}:{len(known) + 1}" if known else key,
        registry=request.registry,
        device=device,
        organisation=device.organisation,
        sha256=stored.sha256,
        name=request.name[:200],
        stored_as=stored.stored_as,
        proof=proof,
        report=report_of(examined, device) | {"given": dict(request.choices)},
        submitted_by=str(actor)[:200],
        submitted_at=now,
    )
    detail = {"registry": request.registry.code, "proof": proof, "sha256": made.sha256}
    act = "certificate_import.submitted"
    audit.record(actor=actor, action=act, subject=made, now=now, detail=detail)
    _tell_auditors(made, now)
    return made


def hand_in_file(
    *, request: Request, stream: BinaryIO, now: datetime, actor: object
) -> CertificateImport:
    """Store a file and hand it in; nothing stays of one that is refused. Raises: as `hand_in`."""
    check_plant(request.device)
    stored = keep(request.device, stream)
    try:
        return hand_in(request=request, stored=stored, now=now, actor=actor)
    finally:
        drop_unused(stored)


@transaction.atomic
def accept(*, brought: CertificateImport, now: datetime, actor: object) -> CertificateImport:
    """Say yes to what was handed in; the worker brings it in. A second time changes nothing.

    Raises: ImportRefused.
    """
    row = lock(brought.pk)
    if row.status in (Status.ACCEPTED, Status.IMPORTED):
        return row
    _check_waits(row, actor)
    row.status, row.failure = Status.ACCEPTED, ""
    row.accepted_by, row.accepted_at = str(actor)[:200], now
    row.lines, row.lines_done = row.report.get("rows", 0), 0
    row.save(
        update_fields=["status", "failure", "accepted_by", "accepted_at", "lines", "lines_done"]
    )
    audit.record(actor=actor, action="certificate_import.accepted", subject=row, now=now, detail={})
    return row


@transaction.atomic
def refuse(
    *, brought: CertificateImport, reason: str, now: datetime, actor: object
) -> CertificateImport:
    """Do not take what was handed in; the owner reads why. Raises: ImportRefused."""
    row = lock(brought.pk)
    said = _text(reason, "Say why; the owner reads it", LONGEST_REASON)
    _check_waits(row, actor)
    decide(row, Status.REFUSED, said, now)
    tell_owner(row, f"was refused: {said}", now)
    audit.record(
        actor=actor,
        action="certificate_import.refused",
        subject=row,
        now=now,
        detail={"reason": said},
    )
    return row


@transaction.atomic
def withdraw(
    *, brought: CertificateImport, reason: str, now: datetime, actor: object
) -> CertificateImport:
    """Take a wrong import back as long as its owner still holds all of it.

    Its certificates are withdrawn, never deleted; its serials are free to come in again.
    Raises: ImportRefused.
    """
    lock_registries()
    row = lock(brought.pk)
    said = _text(reason, "Say why; the owner reads it", LONGEST_REASON)
    if row.status != Status.IMPORTED:
        raise ImportRefused(f"{row.name} is {row.get_status_display().lower()}: nothing stands.")
    _check_other(row, actor)
    amounts = _amounts(row)
    _check_whole(row, amounts)
    if amounts:
        change = Change("withdraw", row.organisation, amounts)
        key = f"import-withdrawn:{row.pk}"
        change_state(change=change, key=key, now=now, reason=said, actor=actor)
    _free_serials(row)
    row.report["withdrawn"] = True
    decide(row, Status.REFUSED, f"Withdrawn: {said}"[:LONGEST_REASON], now)
    tell_owner(row, f"was taken back: {said}", now)
    audit.record(
        actor=actor,
        action="certificate_import.withdrawn",
        subject=row,
        now=now,
        detail={"reason": said, "lots": len(amounts), "amount_wh": sum(amounts.values())},
    )
    return row


def _check_whole(row: CertificateImport, amounts: dict[int, int]) -> None:
    """Raises: ImportRefused where the owner does not hold all of it any more."""
    held: dict[int, int] = {}
    for some in _chunks(sorted(amounts)):
        balances = Balance.objects.filter(account=row.organisation.account_id, asset__in=some)
        held |= dict(balances.values_list("asset", "amount"))
    moved = [asset for asset, wh in amounts.items() if held.get(asset, 0) != wh]
    if moved:
        raise ImportRefused(
            f"{len(moved)} of the {len(amounts)} certificates of {row.name} are not whole with "
            f"{row.organisation.name} any more. Only an import of which nothing moved is taken "
            "back; withdraw single certificates instead."
        )


def lock_registries() -> None:
    """All of them, not one: imports also share the register of stated emission factors, whose
    versions count up. Before any import's row."""
    list(ExternalRegistry.objects.select_for_update().order_by("pk"))


def lock(pk: int) -> CertificateImport:
    """An import's row, until the end of the transaction."""
    found = CertificateImport.objects.select_for_update(of=["self"])
    return found.select_related("registry", "organisation").get(pk=pk)


def _check_waits(row: CertificateImport, actor: object) -> None:
    if row.status != Status.SUBMITTED:
        raise ImportRefused(f"{row.name} is {row.get_status_display().lower()} already.")
    _check_other(row, actor)


def _check_other(row: CertificateImport, actor: object) -> None:
    if str(actor) == row.submitted_by:
        raise ImportRefused(f"{actor} handed {row.name} in; somebody else has to decide.")


def decide(row: CertificateImport, status: str, reason: str, now: datetime) -> None:
    """Note what became of an import."""
    row.status, row.reason, row.decided_at = status, reason, now
    row.save(update_fields=["status", "reason", "decided_at", "report"])


def tell_owner(row: CertificateImport, what: str, now: datetime) -> None:
    """A notice to whoever handed it in."""
    _tell(row.organisation_id, row, f"Your import {row.name} ({row.pk}) {what}", now)


def _tell_auditors(row: CertificateImport, now: datetime) -> None:
    wh = row.report.get("amount_wh", 0)
    words = (
        f"{row.organisation.name} asks to bring in {wh:,} Wh of {row.registry.name} for "
        f"{row.device.name} (import {row.pk}). Compare it with the document: {row.proof}"
    )
    auditors = OrganisationRole.objects.filter(role=Role.AUDITOR)
    for organisation in auditors.order_by("pk").values_list("organisation", flat=True):
        _tell(organisation, row, words, now)


def _tell(organisation: int, row: CertificateImport, words: str, now: datetime) -> None:
    withdrawn = ":withdrawn" if row.report.get("withdrawn") else ""
    notices.send(
        key=f"import:{row.pk}:{row.status}{withdrawn}:{organisation}",
        organisation_id=organisation,
        kind=notices.Kind.IMPORT,
        message=words,
        amount_wh=row.report.get("amount_wh", 0),
        now=now,
    )


def _earlier(device: Device, sha256: str) -> list[CertificateImport]:
    rows = CertificateImport.objects.filter(device=device, sha256=sha256)
    return list(rows.select_related("registry").order_by("pk"))


def _same(row: CertificateImport, request: Request, proof: str) -> CertificateImport:
    asked = (request.registry.pk, dict(request.choices), proof)
    if asked != (row.registry_id, row.report.get("given"), row.proof):
        raise ImportRefused(
            f"This file was handed in for {request.device.name} before, from another registry, "
            f"with other choices or another document (import {row.pk}). That one counts."
        )
    return row


def content_of(row: CertificateImport) -> bytes:
    """The file as it was handed in. Raises: ImportRefused when the disk says otherwise."""
    return kept_file(row).path.read_bytes()


def kept_file(row: CertificateImport) -> StoredFile:
    """The file as it was handed in. Raises: ImportRefused when the disk says otherwise."""
    stored = StoredFile(row.sha256, row.stored_as, 0)
    digest = hashlib.sha256()
    try:
        with stored.path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise ImportRefused(f"{row.name} is not kept here any more ({error.strerror}).") from error
    if digest.hexdigest() != row.sha256:
        raise ImportRefused(f"{row.name} is not the file that was handed in. Refuse it.")
    return stored


def _amounts(row: CertificateImport) -> dict[int, int]:
    """Wh by asset of the import's lots that stand; what the chain refused never came in."""
    lots = Lot.objects.standing().filter(external_range__brought_in=row)
    rows = LotAsset.objects.filter(lot__in=lots.values("pk"))
    return dict(rows.values_list("asset", "lot__amount_wh"))


def _free_serials(row: CertificateImport) -> None:
    """Let the same numbers come in again: the range keeps its number among its facts."""
    ranges = list(ExternalRange.objects.filter(brought_in=row))
    for one in ranges:
        one.issuance_id = f"withdrawn {one.pk}: {one.issuance_id}"[:100]
    ExternalRange.objects.bulk_update(ranges, ["issuance_id"], batch_size=LOOK_UP)


def _proof(text: str) -> str:
    said = _text(text, "Name the document", LONGEST_PROOF)
    if len(said) < SHORTEST_PROOF:
        raise ImportRefused("Name the document by which the other registry let these go.")
    return said


def _text(text: str, needed: str, longest: int) -> str:
    said = " ".join(text.split())
    if not said:
        raise ImportRefused(f"{needed}.")
    if len(said) > longest:
        raise ImportRefused(f"At most {longest} characters can be kept; these are {len(said)}.")
    return said


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[begin : begin + LOOK_UP] for begin in range(0, len(ids), LOOK_UP)]
