"""A charge corrected by its operator: more energy is matched further, less voids the claim."""

import secrets
from datetime import datetime

from django.db import transaction

from certificates.models import Organisation
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_seconds, to_utc
from charging.errors import UnknownSession
from charging.models import Session, SessionClaim, SessionHour
from charging.services.matching.superseding import Reason, void_claim
from charging.services.matching.touching import touch
from charging.services.receipts import open_next
from charging.services.sessions.correction_evidence import Backing, Correction, back, keep_backing
from charging.services.sessions.hours import spread_over, write_hours
from ledger.domain.commitment import KEY_BYTES
from ledger.services import audit

__all__ = ["Correction", "correct_session"]


@transaction.atomic
def correct_session(
    *, session: Session, correction: Correction, actor: object, now: datetime
) -> Session:
    """Correct a charge; returns the record that stands for it now. Twice is as once.

    Where no hour loses energy the record grows, keeps what was retired for it, and its open
    rest is matched. Where an hour loses any, the whole claim is void: those Wh stay retired
    without a claim, and a new record is matched anew. Either way the receipt gets a next
    version. What the meter signed stays the energy where it is still of this charge; where it is
    not, a finding says so.
    Raises: UnknownSession for a record that was voided; ValueError when the charge does not
    end after its start or takes nothing.
    """
    # One act on a company's charges at a time; CDRs that name it may be stored meanwhile.
    Organisation.objects.select_for_update(no_key=True).get(pk=session.claimant_id)
    session.refresh_from_db()
    if session.voided_at is not None:
        raise UnknownSession(f"The claim of charge {session.uid} was taken back already.")
    backing = back(session, correction)
    if _is_same(session, correction, backing):
        return session
    hours = _hours(session, correction, backing)
    loses = any(
        wh > hours.get(start, 0)
        for start, wh in session.hours.values_list("starts_at", "energy_wh")
    )
    if session.final and loses:
        row = _replaced(session, correction, backing, now)
    else:
        row = _grown(session, correction, backing, hours)
        open_next(session=row, earlier=row, reason=correction.words, now=now)
    keep_backing(row, backing, now)
    audit.record(
        actor=actor,
        action="session.corrected",
        subject=row,
        now=now,
        detail={"from": session.pk, "energy_wh": row.energy_wh, "reason": correction.words},
    )
    return row


def _is_same(session: Session, correction: Correction, backing: Backing) -> bool:
    return (
        session.started_at,
        session.ended_at,
        session.energy_wh,
        session.energy_evidence,
    ) == (correction.started_at, correction.ended_at, backing.energy_wh, backing.evidence)


def _hours(session: Session, correction: Correction, backing: Backing) -> dict[datetime, int]:
    parts = spread_over(
        correction.started_at,
        correction.ended_at,
        backing.energy_wh,
        session.area,
        backing.course,
    )
    return {to_utc(start): wh for start, wh in parts.parts}


def _apply(session: Session, correction: Correction, backing: Backing) -> None:
    session.started_at, session.ended_at = correction.started_at, correction.ended_at
    session.energy_wh, session.raw_energy = backing.energy_wh, backing.raw_energy[:40]
    session.energy_evidence = backing.evidence
    # What was told of the course before was of other times or another amount.
    session.timing_evidence = Session.TimingEvidence.UNIFORM
    ended = to_seconds(correction.ended_at)
    session.content_hash = content_hash(ended, correction.energy_wh, session.evse.location.name)


def _grown(
    session: Session, correction: Correction, backing: Backing, hours: dict[datetime, int]
) -> Session:
    """The same record with more; a provisional one, which nothing was retired for, at will."""
    _apply(session, correction, backing)
    session.save()
    if not session.final:
        write_hours(session, session.area, course=backing.course)
        return session
    known = {row.starts_at: row for row in session.hours.all()}
    for start, wh in hours.items():
        row = known.get(start) or SessionHour(
            session=session,
            starts_at=start,
            length_minutes=session.area.matching_minutes,
            method=session.timing_evidence,
        )
        row.energy_wh = wh
        row.save()
    touch(session.claimant_id, hours)
    return session


def _replaced(session: Session, correction: Correction, backing: Backing, now: datetime) -> Session:
    """A new record in place of one whose claim is void, with the receipt's next version."""
    words = correction.words
    void_claim(session=session, reason=Reason.CORRECTED, words=words, now=now)
    row = Session.objects.get(pk=session.pk)
    row.pk, row._state.adding = None, True
    row.voided_at, row.void_reason, row.final = None, "", True
    row.replaces, row.disclosure_key = session, secrets.token_bytes(KEY_BYTES)
    _apply(row, correction, backing)
    row.save()
    write_hours(row, row.area, is_new=True, course=backing.course)
    SessionClaim.objects.filter(session=session).update(session=row)  # it stays the driver's
    open_next(session=row, earlier=session, reason=words, now=now)
    return row
