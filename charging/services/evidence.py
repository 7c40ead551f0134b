"""What stands for a charge: the best of what came along, and what it may be used for.

A signed value counts only when a key known from elsewhere verifies it, nothing stands against
it, it is of this charge's times, and no other charge was proven with it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from certificates.models import Organisation
from charging.domain.consumption import consumption_key
from charging.domain.meters.verification import Verdict, verify
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.signed_charge import REPLAYED, points_of, why_not
from charging.domain.split import Course
from charging.errors import UnreadableKey, UnsupportedKey
from charging.models import Session, SignedRecord
from charging.queries.meter_keys import meter_keys

UNREADABLE = "The registry cannot read its own meter keys now."


@dataclass(frozen=True, slots=True)
class Weighed:
    """Whole Wh and as it was written; how sure; how it ran; what was signed, and why not used."""

    energy_wh: int
    raw_energy: str
    evidence: str
    course: Course
    verdict: Verdict | None = None
    refusal: str = ""


def stated(facts: ChargeFacts) -> Weighed:
    """A charge on its operator's word alone."""
    evidence = Session.EnergyEvidence.STATEMENT
    return Weighed(facts.energy_wh, facts.raw_energy, evidence, facts.course)


def weigh(facts: ChargeFacts, *, operator: Organisation, uid: str) -> Weighed:
    """The energy and course of a charge by the best evidence there is."""
    plain = stated(facts)
    if not facts.signed:
        return plain
    try:
        verdict = verify(facts.signed, meter_keys(operator))
    except (UnreadableKey, UnsupportedKey):
        return replace(plain, refusal=UNREADABLE)
    refusal = why_not(verdict, facts.started_at, facts.ended_at) or _replayed(
        verdict, charge_key(operator, facts, uid)
    )
    if refusal or verdict.energy_wh is None:
        return replace(plain, verdict=verdict, refusal=refusal)
    readings = verdict.charges[0].readings
    return Weighed(
        energy_wh=verdict.energy_wh,
        raw_energy=f"{verdict.exact_wh} Wh, signed",
        evidence=Session.EnergyEvidence.SIGNED,
        course=replace(facts.course, readings=points_of(readings)),
        verdict=verdict,
    )


def charge_key(operator: Organisation, facts: ChargeFacts, uid: str) -> str:
    """The natural key of a charge that came by OCPI."""
    return consumption_key(operator.slug, facts.party.country_code, facts.party.party_id, uid)


def keep_records(session: Session, verdict: Verdict, *, charge: str, now: datetime) -> bool:
    """Note that these records stand for a charge; false when another was first.

    Call inside the transaction that writes the session.
    """
    for each in verdict.records:
        if each.record is not None:
            row, _ = SignedRecord.objects.get_or_create(
                digest=each.record.digest,
                defaults={
                    "charge": charge,
                    "session": session,
                    "format": each.record.format[:12],
                    "seen_at": now,
                },
            )
            if row.charge != charge:
                return False
    return True


def _replayed(verdict: Verdict, charge: str) -> str:
    digests = [each.record.digest for each in verdict.records if each.record]
    others = SignedRecord.objects.filter(digest__in=digests).exclude(charge=charge)
    return REPLAYED if others.exists() else ""
