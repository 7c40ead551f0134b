"""One charge, one consumption record: whoever sends Session or CDR, in whatever order."""

import secrets
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Upper

from certificates.models import Area, Organisation
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_seconds
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.split import Course
from charging.models import Cdr, Location, OcpiObject, Party, Session
from charging.models.product_marks import contract_mark, tariff_mark, token_mark
from charging.models.sealing import fingerprint
from charging.queries.areas import area_of
from charging.queries.ocpi.cdr_batch import LONGEST, course_with_power
from charging.services.evidence import Weighed, charge_key, keep_records, stated, weigh
from charging.services.ocpi.sites import evse_of, location_of
from charging.services.receipts import open_for, open_next
from charging.services.sessions.hours import write_hours
from ledger.domain.commitment import KEY_BYTES

CORRECTED = "The operator sent the charge again, corrected."


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that nothing hinders, under its record's id: a session's, or made from a CDR
    that names none.
    """

    facts: ChargeFacts
    ended_at: datetime
    uid: str
    party: Party
    claimant: Organisation
    location: Location
    area: Area
    records: tuple[Session, ...]


class Hindered(Exception):
    """A charge cannot be counted yet; `hold`, one of `Cdr.Hold`, says why."""

    def __init__(self, hold: str) -> None:
        super().__init__(hold)
        self.hold = hold


def mark_of(facts: ChargeFacts) -> bytes:
    """What a Session and a CDR of one charge have in common even without an id."""
    start = facts.started_at.replace(microsecond=0).isoformat()
    return fingerprint(str(facts.party), facts.evse_uid, facts.token.uid, start)


def marks_of(
    operator: Organisation, claimant: Organisation, facts: ChargeFacts
) -> tuple[bytes | None, bytes | None, bytes | None]:
    """What stands for a charge's token, contract and tariff, in the order of their columns."""
    token = facts.token
    return (
        token_mark(operator.slug, str(token.party), token.uid),
        contract_mark(claimant.slug, token.contract_id),
        tariff_mark(claimant.slug, facts.tariff_uid),
    )


def records_of(party: Party, uid: str) -> list[Session]:
    """Every record of a charge, voided ones included, the oldest first."""
    # Asked for in two parts: an index knows those that stand, and none knows both.
    rows = _named(party, uid)
    parts = (rows.filter(voided_at__isnull=is_null) for is_null in (True, False))
    return sorted((row for part in parts for row in part), key=lambda row: row.pk)


def standing(records: Iterable[Session]) -> Session | None:
    """The one of a charge's records that was not voided."""
    return next((row for row in records if row.voided_at is None), None)


def record_of(party: Party, uid: str) -> Session | None:
    """The record that stands for a charge."""
    return _named(party, uid).filter(voided_at__isnull=True).first()


def _named(party: Party, uid: str) -> QuerySet[Session]:
    rows = Session.objects.alias(
        country=Upper("country_code"), name=Upper("party_id"), key=Upper("uid")
    )
    return rows.filter(
        operator=party.organisation_id,
        country=party.country_code.upper(),
        name=party.party_id.upper(),
        key=uid.upper(),
    )


def identity_of(party: Party, facts: ChargeFacts) -> str:
    """The id of a charge's record: as a CDR of it was recorded, else as a session names it.

    Without a session id it is found by charge point, token and start; empty when it is not.
    """
    mark = mark_of(facts)
    recorded = Cdr.objects.filter(party=party, fingerprint=mark, status=Cdr.Status.RECORDED)
    found = recorded.values_list("session_uid", flat=True).first() or facts.session_uid
    if found:
        return found
    sessions = OcpiObject.objects.filter(
        party=party, module=OcpiObject.Module.SESSIONS, fingerprint=mark
    )
    return sessions.values_list("uid", flat=True).first() or ""


def charge_of(
    facts: ChargeFacts,
    *,
    uid: str,
    party: Party,
    claimant: Organisation,
    records: Iterable[Session] | None = None,
    released: Container[str] = (),
) -> Charge:
    """The charge, ready to be recorded; `records` are those of its id, where they are known.

    `released` are holds that a person decided not to mind. Raises: Hindered.
    """
    location = location_of(party, facts)
    if location is None:
        raise Hindered(Cdr.Hold.AREA_UNKNOWN)
    is_long = facts.ended_at is not None and facts.ended_at - facts.started_at > LONGEST
    if facts.ended_at is None or (is_long and Cdr.Hold.TOO_LONG not in released):
        raise Hindered(Cdr.Hold.TOO_LONG)
    if Cdr.Hold.IN_A_FILE not in released and from_files(party, facts).exists():
        raise Hindered(Cdr.Hold.IN_A_FILE)
    area = area_of(location, facts.started_at)
    if area is None:
        raise Hindered(Cdr.Hold.AREA_UNKNOWN)
    known = tuple(records_of(party, uid) if records is None else records)
    return Charge(facts, facts.ended_at, uid, party, claimant, location, area, known)


def from_files(party: Party, facts: ChargeFacts) -> QuerySet[Session]:
    """The standing charges of files at this charge point and start."""
    return Session.objects.filter(
        operator=party.organisation_id,
        country_code="",
        started_at=facts.started_at,
        evse__uid__iexact=facts.evse_uid,
        voided_at__isnull=True,
    )


def record(charge: Charge, *, final: bool, now: datetime) -> Session:
    """Make or complete the record of a charge. A provisional record takes the new figures,
    one that is final keeps its own.
    """
    row = standing(charge.records)
    if row is not None and row.final:
        return row
    is_new = row is None
    row = row or Session(disclosure_key=secrets.token_bytes(KEY_BYTES))
    facts = charge.facts
    row.operator, row.claimant = charge.party.organisation, charge.claimant
    row.country_code, row.party_id = facts.party.country_code, facts.party.party_id
    row.uid, row.area = charge.uid, charge.area
    row.evse, row.connector = evse_of(charge.location, facts.evse_uid), facts.connector
    row.started_at, row.ended_at = facts.started_at, charge.ended_at
    row.final, row.green_tariff = final, facts.green_tariff
    row.token_hmac, row.contract_hmac, row.tariff_hmac = marks_of(
        charge.party.organisation, charge.claimant, facts
    )
    row.content_hash = content_hash(
        to_seconds(charge.ended_at), facts.energy_wh, facts.location_uid.upper()
    )
    if is_new:
        row.replaces = _voided_before(charge)
    weighed = _weighed(row, charge, now)
    write_hours(row, charge.area, is_new=is_new, course=weighed.course)
    if is_new and row.replaces is not None:
        open_next(session=row, earlier=row.replaces, reason=CORRECTED, now=now)
    elif is_new:
        open_for(session_ids=[row.pk], now=now)
    return row


def _weighed(row: Session, charge: Charge, now: datetime) -> Weighed:
    """Save a record with the energy that the best evidence gives it."""
    facts, operator = charge.facts, charge.party.organisation
    if not facts.course.power:
        facts = replace(facts, course=_course_with_power(charge))
    weighed = weigh(facts, operator=operator, uid=charge.uid)
    _take_energy(row, weighed)
    if weighed.verdict is not None and weighed.evidence == Session.EnergyEvidence.SIGNED:
        key = charge_key(operator, facts, charge.uid)
        if not keep_records(row, weighed.verdict, charge=key, now=now):
            weighed = stated(facts)
            _take_energy(row, weighed)
    return weighed


def _take_energy(row: Session, weighed: Weighed) -> None:
    row.energy_wh, row.raw_energy = weighed.energy_wh, weighed.raw_energy[:40]
    row.energy_evidence = weighed.evidence
    row.save()


def _course_with_power(charge: Charge) -> Course:
    """A CDR's course, with the power that only its Session tells."""
    course = charge.facts.course
    sent = OcpiObject.objects.filter(
        party=charge.party, module=OcpiObject.Module.SESSIONS, uid=charge.uid.upper()
    ).first()
    if sent is None:
        return course
    return course_with_power(course, sent.body)


def _voided_before(charge: Charge) -> Session | None:
    """The record whose claim was taken back and that nothing replaced yet."""
    replaced = {row.replaces_id for row in charge.records}
    return next((row for row in reversed(charge.records) if row.pk not in replaced), None)
