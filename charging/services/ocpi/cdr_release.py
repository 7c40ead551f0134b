"""A held CDR is decided by a person: what it is, and so how it counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from certificates.models import Organisation
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.session_rows import LONGEST_STAY
from charging.errors import DecisionRefused, UnknownObject
from charging.models import Cdr
from charging.services.ocpi.cdr_placing import become, facts_of, lock_operators, place
from charging.services.ocpi.charges import from_files
from charging.services.sessions.corrections import Correction, correct_session
from ledger.services import audit

Status, Hold = Cdr.Status, Cdr.Hold
LONGEST = timedelta(seconds=LONGEST_STAY)
WHY = "The charge's CDR says so."


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that a held CDR can be, in words for a button that name the CDR."""

    name: str
    words: str


OWN = Way("own", "Count {uid} as its own charge")
LONG = Way("long", "Count {uid} as it is, with its whole length")
SAME = Way("same", "Complete the charge of the file with {uid}")
WAYS: dict[str, tuple[Way, ...]] = {
    Hold.POSSIBLE_DUPLICATE: (OWN,),
    Hold.TOO_LONG: (LONG,),
    Hold.IN_A_FILE: (SAME, OWN),
}


@transaction.atomic
def release(*, claimant: Organisation, cdr_id: int, way: str, actor: object, now: datetime) -> Cdr:
    """Count a held CDR as a person says. It may then be held for another reason.

    Raises: UnknownObject when this company has no such CDR waiting for a decision;
    DecisionRefused for a way that its hold does not offer.
    """
    waiting = Cdr.objects.filter(pk=cdr_id, claimant=claimant, hold__in=list(WAYS))
    lock_operators(waiting)
    cdr = waiting.select_related("party__organisation", "claimant").first()
    if cdr is None:
        raise UnknownObject("No such CDR waits for a decision. It may have been placed by now.")
    if way not in {each.name for each in WAYS[cdr.hold]}:
        raise DecisionRefused(f"CDR {cdr.uid} is held for another reason. Look at it again.")
    hold, facts = cdr.hold, facts_of(cdr)
    if way == LONG.name and cdr.ended_at - cdr.started_at > LONGEST:
        raise DecisionRefused(
            f"CDR {cdr.uid} lasts longer than {LONGEST.days} days, which no charge does. Ask its "
            "sender for a Credit CDR and the right one."
        )
    if way == SAME.name:
        _complete_file_charge(cdr, facts, actor, now)
    else:
        place(cdr, facts, now=now, released={hold})
    audit.record(
        actor=actor,
        action="cdr.released",
        subject=cdr,
        now=now,
        detail={"hold": hold, "way": way, "status": cdr.status},
    )
    return cdr


def _complete_file_charge(cdr: Cdr, facts: ChargeFacts, actor: object, now: datetime) -> None:
    """The record from the file takes the CDR's figures, and is final. Raises: DecisionRefused."""
    found = list(from_files(cdr.party, facts).select_related("evse__location", "area")[:2])
    if len(found) != 1:
        raise DecisionRefused(
            f"{'No charge' if not found else 'More than one charge'} of a file is at this charge "
            "point and start."
        )
    (session,) = found
    if session.claimant_id != cdr.claimant_id or facts.ended_at is None:
        raise DecisionRefused("Another company claims the charge of the file.")
    correction = Correction(
        facts.started_at, facts.ended_at, facts.energy_wh, facts.raw_energy, WHY
    )
    session = correct_session(session=session, correction=correction, actor=actor, now=now)
    if not session.final:
        session.final = True
        session.save(update_fields=["final"])
    cdr.session = session
    become(cdr, Status.RECORDED)
