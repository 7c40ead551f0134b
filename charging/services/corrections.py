"""A charge corrected by its operator: more energy is matched further, less voids the claim."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.models import Organisation
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.split import split_evenly
from charging.errors import UnknownSession
from charging.models import Session, SessionClaim, SessionHour
from charging.services.receipts import open_next
from charging.services.session_hours import write_hours
from charging.services.superseding import Reason, void_claim
from charging.services.touching import touch
from ledger.domain.commitment import KEY_BYTES
from ledger.services import audit


@dataclass(frozen=True, slots=True)
class Correction:
    """What a charge is now: [started_at, ended_at) aware UTC, whole Wh, as it was written.

    `words` say why, on the receipt.
    """

    started_at: datetime
    ended_at: datetime
    energy_wh: int
    raw_energy: str
    words: str


@transaction.atomic
def correct_session(
    *, session: Session, correction: Correction, actor: object, now: datetime
) -> Session:
    """Correct a charge; returns the record that stands for it now. Twice is as once.

    Where no hour loses energy the record grows, keeps what was retired for it, and its open
    rest is matched. Where an hour loses any, the whole claim is void: those Wh stay retired
    without a claim, and a new record is matched anew. Either way the receipt gets a next
    version.
    Raises: UnknownSession for a record that was voided; ValueError when the charge does not
    end after its start or takes nothing.
    """
    # One act on a company's charges at a time; CDRs that name it may be stored meanwhile.
    Organisation.objects.select_for_update(no_key=True).get(pk=session.claimant_id)
    session.refresh_from_db()
    if session.voided_at is not None:
        raise UnknownSession(f"The claim of charge {session.uid} was taken back already.")
    if _is_same(session, correction):
        return session
    hours = _hours(session, correction)
    loses = any(
        wh > hours.get(start, 0)
        for start, wh in session.hours.values_list("starts_at", "energy_wh")
    )
    if session.final and loses:
        row = _replaced(session, correction, now)
    else:
        row = _grown(session, correction, hours)
        open_next(session=row, earlier=row, reason=correction.words, now=now)
    audit.record(
        actor=actor,
        action="session.corrected",
        subject=row,
        now=now,
        detail={"from": session.pk, "energy_wh": row.energy_wh, "reason": correction.words},
    )
    return row


def _is_same(session: Session, correction: Correction) -> bool:
    return (session.started_at, session.ended_at, session.energy_wh) == (
        correction.started_at,
        correction.ended_at,
        correction.energy_wh,
    )


def _hours(session: Session, correction: Correction) -> dict[datetime, int]:
    spread = split_evenly(
        to_seconds(correction.started_at),
        to_seconds(correction.ended_at),
        correction.energy_wh,
        session.area.matching_minutes * 60,
    )
    return {to_utc(start): wh for start, wh in spread}


def _apply(session: Session, correction: Correction) -> None:
    session.started_at, session.ended_at = correction.started_at, correction.ended_at
    session.energy_wh, session.raw_energy = correction.energy_wh, correction.raw_energy[:40]
    # What was signed or told of the course was of another amount.
    session.energy_evidence = Session.EnergyEvidence.STATEMENT
    session.timing_evidence = Session.TimingEvidence.UNIFORM
    ended = to_seconds(correction.ended_at)
    session.content_hash = content_hash(ended, correction.energy_wh, session.evse.location.name)


def _grown(session: Session, correction: Correction, hours: dict[datetime, int]) -> Session:
    """The same record with more; a provisional one, which nothing was retired for, at will."""
    _apply(session, correction)
    session.save()
    if not session.final:
        write_hours(session, session.area)
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


def _replaced(session: Session, correction: Correction, now: datetime) -> Session:
    """A new record in place of one whose claim is void, with the receipt's next version."""
    words = correction.words
    void_claim(session=session, reason=Reason.CORRECTED, words=words, now=now)
    row = Session.objects.get(pk=session.pk)
    row.pk, row._state.adding = None, True
    row.voided_at, row.void_reason, row.final = None, "", True
    row.replaces, row.disclosure_key = session, secrets.token_bytes(KEY_BYTES)
    _apply(row, correction)
    row.save()
    write_hours(row, row.area, is_new=True)
    SessionClaim.objects.filter(session=session).update(session=row)  # it stays the driver's
    open_next(session=row, earlier=session, reason=words, now=now)
    return row
