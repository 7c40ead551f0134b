"""What a meter signed of a charge that is corrected: it stays where it is still of this charge."""

from dataclasses import dataclass
from datetime import datetime

from charging.domain.local_time import to_seconds
from charging.domain.session_rows import Charge
from charging.domain.signed_charge import DRIFT, Proof, agrees
from charging.domain.split import Course
from charging.models import Session
from charging.services.sessions.row_evidence import OTHERWISE, RowKeys, UsedRecords, keep_proofs

MOVED = "The signed meter value was of another time than the corrected charge."
Evidence = Session.EnergyEvidence


@dataclass(frozen=True, slots=True)
class Correction:
    """What a charge is now: [started_at, ended_at) aware UTC, whole Wh, as it was written.

    `words` say why, on the receipt. `signed` are signed meter values that came along, and
    `last_place_wh` what the last digit of the energy stands for.
    """

    started_at: datetime
    ended_at: datetime
    energy_wh: int
    raw_energy: str
    words: str
    signed: tuple[str, ...] = ()
    last_place_wh: int = 0


@dataclass(frozen=True, slots=True)
class Backing:
    """Whole Wh and as they were written, how sure, and how the corrected charge ran.

    `proof` is what signed values came to, that of before or those that came along.
    """

    energy_wh: int
    raw_energy: str
    evidence: str
    course: Course
    proof: Proof | None = None


def back(session: Session, correction: Correction) -> Backing:
    """The energy of a corrected charge by the best evidence there is.

    Values that came with the correction are verified; without any, those that the record was
    proven with count as long as times and energy are still theirs.
    """
    stated = Backing(
        correction.energy_wh, correction.raw_energy, Evidence.STATEMENT, Course(), None
    )
    proof = _proof(session, correction) if correction.signed else _earlier(session, correction)
    if proof is None:
        return stated
    if proof.energy_wh is not None and not _says(correction, proof.energy_wh):
        words = OTHERWISE.format(signed=proof.energy_wh, stated=correction.energy_wh)
        proof = proof.refused(words)
    if proof.energy_wh is None:
        return Backing(stated.energy_wh, stated.raw_energy, stated.evidence, Course(), proof)
    exact = session.raw_energy if proof.exact_wh is None else f"{proof.exact_wh} Wh, signed"
    return Backing(proof.energy_wh, exact, Evidence.SIGNED, Course(readings=proof.points), proof)


def keep_backing(session: Session, backing: Backing, now: datetime) -> None:
    """Note what stands for the corrected charge, and why other values do not."""
    if backing.proof is not None:
        keep_proofs([(session.pk, session.uid, backing.proof)], session.operator, now)


def _proof(session: Session, correction: Correction) -> Proof | None:
    charge = Charge(
        uid=session.uid,
        charger=session.evse.uid,
        connector=session.connector,
        site="",
        model="",
        started=to_seconds(correction.started_at),
        ended=to_seconds(correction.ended_at),
        energy_wh=correction.energy_wh,
        raw_energy=correction.raw_energy,
        signed=correction.signed,
    )
    proof = RowKeys(session.operator).prove(charge)
    used = UsedRecords(session.operator)
    used.load([proof])
    return used.use(proof, session.uid)


def _earlier(session: Session, correction: Correction) -> Proof | None:
    """What the record was proven with, which is not kept itself: its energy and times are."""
    if session.energy_evidence != Evidence.SIGNED:
        return None
    proof = Proof(energy_wh=session.energy_wh)
    ends = (session.started_at, correction.started_at), (session.ended_at, correction.ended_at)
    return proof.refused(MOVED) if any(abs(a - b) > DRIFT for a, b in ends) else proof


def _says(correction: Correction, signed_wh: int) -> bool:
    return agrees(correction.energy_wh, correction.last_place_wh, signed_wh)
