"""What was held in a file is decided by a person: taken with a repair, or left out."""

from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Organisation
from charging.domain import repairs
from charging.domain.local_time import to_utc
from charging.domain.session_rows import Charge
from charging.errors import DecisionRefused
from charging.models import Session, SessionFile, SessionRow
from charging.services.sessions.corrections import Correction, correct_session
from charging.services.sessions.hold_weighing import Weighing
from charging.services.sessions.records import write_file
from ledger.services import audit

LEFT_OUT = "left_out"
WHY_CORRECTED = "The operator sent the charge again, corrected."
WHY_LEFT_OUT = {"field": "", "value": "", "reason": "A person decided to leave it out."}


@transaction.atomic
def approve(
    *,
    organisation: Organisation,
    row_id: int,
    choice: int,
    actor: Any,
    now: datetime,
    area_code: str = "",
) -> SessionRow:
    """Take a held row as one of its proposals says; it becomes a session, or corrects one.

    `choice` counts the proposals from 0; `area_code` is needed where the area is unknown.
    Twice is as once. Raises: DecisionRefused, UnknownArea, UnknownSession.
    """
    row = _locked(organisation, row_id)
    proposal = _chosen(row, choice)
    decision = f"{proposal['kind']}:{choice}"
    if row.status == SessionRow.Status.REPAIRED and row.decision == decision:
        return row
    _check_open(row)
    charge = Charge(**proposal["charge"])
    check_over(charge, now)
    if proposal["kind"] == repairs.CORRECT:
        row.session = correct(organisation, charge, actor, now)
    else:
        row.session_id = _create(row, charge, proposal["kind"], area_code, now)
    return _decided(row, SessionRow.Status.REPAIRED, decision, actor, now)


@transaction.atomic
def leave_out(*, organisation: Organisation, row_id: int, actor: Any, now: datetime) -> SessionRow:
    """Reject a held row; it stays visible with its reasons. Twice is as once.

    Raises: DecisionRefused.
    """
    row = _locked(organisation, row_id)
    if row.decision == LEFT_OUT:
        return row
    _check_open(row)
    row.reasons = [*row.reasons, WHY_LEFT_OUT]
    return _decided(row, SessionRow.Status.REJECTED, LEFT_OUT, actor, now)


def _locked(organisation: Organisation, row_id: int) -> SessionRow:
    """The row, one act on the company's charges at a time. Raises: DecisionRefused."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    rows = SessionRow.objects.select_related("file__organisation")
    row = rows.filter(pk=row_id, file__organisation=organisation).first()
    if row is None:
        raise DecisionRefused("You have no such row. It may belong to another company.")
    return row


def _check_open(row: SessionRow) -> None:
    if row.status != SessionRow.Status.HELD:
        raise DecisionRefused(f"Line {row.line} of {row.file.name} was decided before.")


def _chosen(row: SessionRow, choice: int) -> dict[str, Any]:
    if not 0 <= choice < len(row.proposals):
        raise DecisionRefused(f"Line {row.line} has no such proposal. Choose one that it shows.")
    return dict(row.proposals[choice])


def check_over(charge: Charge, now: datetime) -> None:
    """Raises: DecisionRefused for a charge that would not have ended yet."""
    if charge.ended > now.timestamp():
        raise DecisionRefused("This charge would not be over yet. Decide when it is.")


def is_final(file: SessionFile) -> bool:
    """Whether a file's charges were declared final."""
    return bool(file.options.get("final"))


def correct(organisation: Organisation, charge: Charge, actor: Any, now: datetime) -> Session:
    """Correct the charge of this id. Raises: DecisionRefused, UnknownSession."""
    session = Session.objects.filter(
        operator=organisation,
        country_code="",
        party_id="",
        uid__iexact=charge.uid,
        voided_at__isnull=True,
    ).first()
    if session is None:
        raise DecisionRefused(f"No charge {charge.uid} stands any more that could be corrected.")
    correction = Correction(
        started_at=to_utc(charge.started),
        ended_at=to_utc(charge.ended),
        energy_wh=charge.energy_wh,
        raw_energy=charge.raw_energy,
        words=WHY_CORRECTED,
        signed=tuple(charge.signed),
        last_place_wh=charge.last_place_wh,
    )
    return correct_session(session=session, correction=correction, actor=actor, now=now)


def _create(row: SessionRow, charge: Charge, kind: str, area_code: str, now: datetime) -> int:
    """Make the session of a repaired row. Raises: DecisionRefused, UnknownArea."""
    accepted = Weighing(row.file, area_code).take(row.line, charge, kind)
    final = is_final(row.file)
    return write_file(file=row.file, accepted=[accepted], kept=[], final=final, now=now)[0]


def _decided(
    row: SessionRow, status: SessionRow.Status, decision: str, actor: Any, now: datetime
) -> SessionRow:
    row.status, row.decision, row.decided_at = status, decision, now
    row.decided_by = actor if getattr(actor, "is_authenticated", False) else None
    row.save()
    audit.record(
        actor=actor,
        action="session_row.decided",
        subject=row,
        now=now,
        detail={
            "file": row.file.key,
            "line": row.line,
            "decision": decision,
            "session": row.session_id,
        },
    )
    return row
