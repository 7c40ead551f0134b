"""Stored CDRs, placed many at a time: in a burst a sender is answered before its charges count.

Whatever ends a process between storing and placing, the next round finds what is left.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, OperationalError, connection, transaction

from certificates.models import Area
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.split import Course, Split
from charging.models import Cdr, Evse, Location, Party, Session, SessionHour
from charging.queries.areas import Areas
from charging.queries.ocpi.cdr_batch import (
    Told,
    charge_points,
    clear_ones,
    courses,
    in_files,
    sites,
)
from charging.queries.ocpi.cdr_lookup import parties_to_place, to_place
from charging.services.matching.touching import touch
from charging.services.ocpi.cdr_placing import facts_of, is_credited, place, withdraw
from charging.services.ocpi.charges import marks_of
from charging.services.ocpi.sites import evse_of, site_of
from charging.services.receipts import open_for
from charging.services.sessions.hours import spread_over
from charging.services.sessions.records import HOUR_FIELDS
from ledger.domain.commitment import KEY_BYTES
from ledger.models.bulk import insert, reserve_ids, update

AT_ONCE = 500  # CDRs in one transaction
FEW = 4  # are placed one by one: a batch asks ten things before its first row
SESSION_FIELDS = [
    "id", "disclosure_key", "operator", "claimant", "country_code", "party_id", "uid", "evse",
    "connector", "area", "started_at", "ended_at", "energy_wh", "raw_energy", "energy_evidence",
    "timing_evidence", "final", "green_tariff", "content_hash", "token_hmac",
    "contract_hmac", "tariff_hmac",
]  # fmt: skip
OWN_FIELDS = 2  # of these, what a record keeps that stood already: its id and its key
COMPLETED = (
    "UPDATE charging_cdr SET status = 'recorded', hold = '', session_id = %s "  # noqa: S608
    f"WHERE id = %s AND hold = '{Cdr.TO_PLACE}'"
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clear:
    """A charge that nothing hinders, and the provisional record that it completes, if any."""

    told: Told
    evse: Evse
    area: Area
    parts: Split
    record: Session | None


def place_all(*, now: datetime) -> int:
    """Place every stored CDR that waits for it; returns how many."""
    return sum(place_waiting(party_id=party, now=now) for party in parties_to_place())


def place_waiting(*, party_id: int, now: datetime, most: int | None = None) -> int:
    """Place a party's stored CDRs in the order they came; returns how many. Safe twice.

    `most` ends it soon after that many, for a caller whom somebody waits for. One that cannot
    be placed is logged, left as it is, and hinders no other.
    """
    placed, last, ids = 0, 0, [0]
    while ids and (most is None or placed < most):
        with transaction.atomic():
            party = _locked(party_id)
            ids = to_place(party_id, last, AT_ONCE)
            placed += _place(party, ids, now)
        last = ids[-1] if ids else last
    return placed


def _locked(party_id: int) -> Party:
    """The operator, for one act on its charges at a time; new CDRs of it may be stored."""
    rows = Party.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("organisation").get(pk=party_id)


def _place(party: Party, ids: Sequence[int], now: datetime) -> int:
    told = _told(party, ids)
    left = told
    if len(told) > FEW:
        try:
            with transaction.atomic():
                done = {one.cdr.pk for one in _record(party, told, now)}
            left = [one for one in told if one.cdr.pk not in done]
        except OperationalError:
            raise
        except DatabaseError:
            logger.exception("%d CDRs of %s could not be recorded together", len(told), party)
    return len(told) - sum(not _place_one(one, now) for one in left)


def _told(party: Party, ids: Sequence[int]) -> list[Told]:
    """The stored CDRs with what they say; one that cannot be read is logged and left out."""
    told = []
    for cdr in Cdr.objects.filter(pk__in=ids).select_related("claimant").order_by("pk"):
        cdr.party = party
        try:
            told.append(Told(cdr, facts_of(cdr)))
        except Exception:
            logger.exception("CDR %d cannot be read any more", cdr.pk)
    return told


def _place_one(one: Told, now: datetime) -> bool:
    """Place a CDR by itself; whether that went well."""
    try:
        with transaction.atomic():
            if is_credited(one.cdr):
                withdraw(one.cdr, one.facts, now=now)
            else:
                place(one.cdr, one.facts, now=now)
    except OperationalError:
        raise  # the database is busy: all of them wait for the next round
    except Exception:
        logger.exception("CDR %d could not be placed", one.cdr.pk)
        return False
    return True


def _record(party: Party, told: Sequence[Told], now: datetime) -> list[Told]:
    """Record those that are clear, all together; returns them."""
    candidates, records = clear_ones(party, told)
    charges = _charges(party, candidates, records)
    fresh = [one for one in charges if one.record is None]
    ids = reserve_ids(Session, len(fresh))
    by_name = {one.told.name: pk for one, pk in zip(fresh, ids, strict=True)}
    by_name |= {one.told.name: one.record.pk for one in charges if one.record is not None}
    insert(Session, SESSION_FIELDS, [
        (by_name[one.told.name], secrets.token_bytes(KEY_BYTES), *_figures(party, one))
        for one in fresh
    ])  # fmt: skip
    _complete(party, charges)
    insert(SessionHour, HOUR_FIELDS, [
        (by_name[one.told.name], to_utc(start), one.area.matching_minutes, wh, one.parts.method)
        for one in charges for start, wh in one.parts.parts
    ])  # fmt: skip
    for one in charges:
        touch(one.told.cdr.claimant_id, (to_utc(start) for start, _ in one.parts.parts))
    open_for(session_ids=ids, now=now)
    with connection.cursor() as cursor:
        cursor.executemany(
            COMPLETED, [(by_name[one.told.name], one.told.cdr.pk) for one in charges]
        )
    return [one.told for one in charges]


def _charges(party: Party, candidates: Sequence[Told], records: dict[str, Session]) -> list[Clear]:
    """Those with a place in a known area that no file tells of."""
    places, areas = _places(party, candidates), Areas()
    points = charge_points(places.values(), candidates)
    filed, ran = in_files(party, candidates), courses(party, candidates)
    charges = []
    for one in candidates:
        facts, place_ = one.facts, places[one.facts.location_uid.upper()]
        area = _area(place_, areas, facts.started_at)
        point = facts.evse_uid.upper()
        if area is None or (point, facts.started_at) in filed:
            continue
        if (place_.pk, point) not in points:
            points[place_.pk, point] = evse_of(place_, facts.evse_uid)
        parts = _spread(facts, area, ran[one.name])
        charges.append(Clear(one, points[place_.pk, point], area, parts, records.get(one.name)))
    return charges


def _places(party: Party, told: Sequence[Told]) -> dict[str, Location]:
    """The sites of these charges, by id in capitals; new ones are made."""
    found = sites(party, told)
    for one in told:
        name = one.facts.location_uid.upper()
        if name not in found and one.facts.site is not None:
            found[name] = site_of(party, one.facts.site)
    return found


def _area(site: Location, areas: Areas, at: datetime) -> Area | None:
    if site.area is not None or not site.country:
        return site.area
    return areas.only_one_of(site.country, at)


def _spread(facts: ChargeFacts, area: Area, course: Course) -> Split:
    ended = facts.ended_at or facts.started_at
    return spread_over(facts.started_at, ended, facts.energy_wh, area, course)


def _figures(party: Party, one: Clear) -> tuple[object, ...]:
    """What the record of a charge holds, in the order of the fields after its own."""
    facts, ended = one.told.facts, one.told.facts.ended_at or one.told.facts.started_at
    return (
        party.organisation_id,
        one.told.cdr.claimant_id,
        facts.party.country_code,
        facts.party.party_id,
        facts.session_uid,
        one.evse.pk,
        facts.connector,
        one.area.pk,
        facts.started_at,
        ended,
        facts.energy_wh,
        facts.raw_energy[:40],
        Session.EnergyEvidence.STATEMENT.value,
        one.parts.method,
        True,
        facts.green_tariff,
        content_hash(to_seconds(ended), facts.energy_wh, facts.location_uid.upper()),
        *marks_of(party.organisation, one.told.cdr.claimant, facts),
    )


def _complete(party: Party, charges: Sequence[Clear]) -> None:
    """Provisional records take their CDR's figures; nothing was ever matched to their hours."""
    standing = {one.record.pk: one for one in charges if one.record is not None}
    if standing:
        update(Session, SESSION_FIELDS[OWN_FIELDS:], [
            (*_figures(party, one), pk) for pk, one in standing.items()
        ])  # fmt: skip
        hours = SessionHour.objects.filter(session__in=list(standing))
        for claimant, start in hours.values_list("session__claimant", "starts_at"):
            touch(claimant, [start])
        hours.delete()
