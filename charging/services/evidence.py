"""What stands for a charge: the best of what came along, and what it may be used for.

A signed value counts only when a key known from elsewhere verifies it, nothing stands against
it, it is of this charge's times, and no other charge was proven with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from certificates.models import Organisation
from charging.domain.consumption import consumption_key
from charging.domain.local_time import to_seconds
from charging.domain.meters.charges import SYNCHRONISED
from charging.domain.meters.records import Reading
from charging.domain.meters.verification import Verdict, verify
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.split import Course
from charging.domain.split import Reading as SignedPoint
from charging.errors import UnreadableKey, UnsupportedKey
from charging.models import Session, SignedRecord
from charging.queries.meter_keys import meter_keys

DRIFT = timedelta(minutes=5)  # of a meter's clock against its charging station's
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
    refusal = why_not(verdict, facts) or _replayed(verdict, charge_key(operator, facts, uid))
    if refusal or verdict.energy_wh is None:
        return replace(plain, verdict=verdict, refusal=refusal)
    readings = verdict.charges[0].readings
    return Weighed(
        energy_wh=verdict.energy_wh,
        raw_energy=f"{verdict.exact_wh} Wh, signed",
        evidence=Session.EnergyEvidence.SIGNED,
        course=replace(facts.course, readings=_points(readings)),
        verdict=verdict,
    )


def why_not(verdict: Verdict, facts: ChargeFacts) -> str:
    """Why signed values do not stand for the energy of this charge; empty when they do."""
    if not verdict.proves_energy:
        return "The signed meter value does not prove the energy."
    if len(verdict.charges) != 1:
        return "The signed meter values are of several charges."
    if not verdict.energy_wh:
        return "The signed meter value says that nothing was taken."
    metered = verdict.charges[0]
    for said, signed in (
        (facts.started_at, metered.started_at),
        (facts.ended_at, metered.ended_at),
    ):
        if said is None or signed is None or abs(said - signed) > DRIFT:
            return "The signed meter value is of another time than the charge."
    return ""


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
    return "Another charge was proven with this signed meter value." if others.exists() else ""


def _points(readings: Iterable[Reading]) -> tuple[SignedPoint, ...]:
    """The register over time; nothing from a clock that nobody set."""
    listed = list(readings)
    if any(each.clock not in {SYNCHRONISED, ""} for each in listed):
        return ()
    return tuple(
        (to_seconds(each.at), each.energy_wh)
        for each in listed
        if each.at is not None and each.energy_wh is not None
    )
