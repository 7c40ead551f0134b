"""What the registry knows around many CDRs of one operator, in a few statements for all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Upper

from charging.domain.ocpi.charge import ChargeFacts, read_session
from charging.domain.ocpi.document import read_object
from charging.domain.session_rows import DAY_SECONDS
from charging.domain.split import Course
from charging.models import Cdr, Evse, Location, OcpiObject, Party, Session
from charging.models.sealing import unseal

LONGEST = timedelta(seconds=DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class Told:
    """A kept CDR and what it says of its charge."""

    cdr: Cdr
    facts: ChargeFacts

    @property
    def name(self) -> str:
        """The session's id, as charges are found by it; empty where none is named."""
        return self.facts.session_uid.upper()


def clear_ones(party: Party, told: Sequence[Told]) -> tuple[list[Told], dict[str, Session]]:
    """Those that are the first and only CDR of a charge with a session's id and no signed values.

    Beside them their provisional records, by session id in capitals. All others need a look
    of their own: at what they credit, repeat, replace or prove.
    """
    names = Counter(one.name for one in told)
    marks = Counter(bytes(one.cdr.fingerprint) for one in told)
    credited, recorded = _credited(party, told), _recorded(party, marks)
    records = _records(party, names)
    clear = [
        one
        for one in told
        if names[one.name] == 1
        and marks[bytes(one.cdr.fingerprint)] == 1
        and one.cdr.uid.upper() not in credited
        and bytes(one.cdr.fingerprint) not in recorded
        and all(is_provisional(row) for row in records[one.name])
        and len(records[one.name]) <= 1
        and _is_plain(one.facts)
    ]
    return clear, {one.name: row for one in clear for row in records[one.name]}


def is_provisional(row: Session) -> bool:
    """Whether a record stands until its CDR comes."""
    return not row.final and row.voided_at is None


def course_with_power(course: Course, session_body: bytes | memoryview) -> Course:
    """A CDR's course, with the power that only its Session (sealed) tells."""
    told = read_session(read_object(unseal(session_body))).course
    return replace(course, periods=course.periods or told.periods, power=told.power)


def courses(party: Party, told: Iterable[Told]) -> dict[str, Course]:
    """How each charge ran, by session id in capitals."""
    found = {one.name: one.facts.course for one in told}
    without = [name for name, course in found.items() if not course.power]
    sessions = OcpiObject.objects.filter(
        party=party, module=OcpiObject.Module.SESSIONS, uid__in=without
    )
    for name, body in sessions.values_list("uid", "body"):
        found[name] = course_with_power(found[name], body)
    return found


def sites(party: Party, told: Iterable[Told]) -> dict[str, Location]:
    """The party's sites of these charges, by id in capitals."""
    names = {one.facts.location_uid.upper() for one in told}
    rows = Location.objects.select_related("area").annotate(name_upper=Upper("uid"))
    return {row.name_upper: row for row in rows.filter(party=party, name_upper__in=names)}


def charge_points(places: Iterable[Location], told: Iterable[Told]) -> dict[tuple[int, str], Evse]:
    """The charge points of these charges, by site and id in capitals."""
    names = {one.facts.evse_uid.upper() for one in told}
    rows = Evse.objects.annotate(name_upper=Upper("uid")).order_by("-pk")  # the first one wins
    found = rows.filter(location__in=[place.pk for place in places], name_upper__in=names)
    return {(row.location_id, row.name_upper): row for row in found}


def in_files(party: Party, told: Sequence[Told]) -> set[tuple[str, datetime]]:
    """(charge point in capitals, start) of the operator's standing charges from files."""
    of_files = Session.objects.alias(country=Upper("country_code"), name=Upper("party_id")).filter(
        operator=party.organisation_id, country="", name="", voided_at__isnull=True
    )
    if not of_files.exists():
        return set()
    names = {one.facts.evse_uid.upper() for one in told}
    points = Evse.objects.alias(name_upper=Upper("uid")).filter(
        location__operator=party.organisation_id, name_upper__in=names
    )
    starts = {one.facts.started_at for one in told}
    found = of_files.filter(evse__in=list(points.values_list("pk", flat=True)))
    pairs = found.values_list("evse__uid", "started_at")
    return {(uid.upper(), start) for uid, start in pairs.iterator() if start in starts}


def _is_plain(facts: ChargeFacts) -> bool:
    return (
        bool(facts.session_uid)
        and not facts.signed
        and facts.site is not None
        and facts.ended_at is not None
        and facts.ended_at - facts.started_at <= LONGEST
    )


def _credited(party: Party, told: Iterable[Told]) -> set[str]:
    """Ids, in capitals, of those whose Credit CDR came first."""
    names = [one.cdr.uid.upper() for one in told]
    rows = Cdr.objects.alias(name=Upper("credits")).filter(party=party, name__in=names)
    return {credited.upper() for credited in rows.values_list("credits", flat=True)}


def _recorded(party: Party, marks: Iterable[bytes]) -> set[bytes]:
    """Marks of charges that a CDR was recorded for."""
    rows = Cdr.objects.filter(party=party, fingerprint__in=list(marks), status=Cdr.Status.RECORDED)
    return {bytes(mark) for mark in rows.values_list("fingerprint", flat=True)}


def _records(party: Party, names: Iterable[str]) -> dict[str, list[Session]]:
    """The records of these charges, voided ones included, by session id in capitals.

    Asked for in two parts, because an index knows those that stand.
    """
    rows = Session.objects.alias(country=Upper("country_code"), name=Upper("party_id")).annotate(
        key=Upper("uid")
    )
    rows = rows.filter(
        operator=party.organisation_id,
        country=party.country_code.upper(),
        name=party.party_id.upper(),
    )
    found: dict[str, list[Session]] = defaultdict(list)
    missing = set(names)
    for is_voided in (False, True):
        part = rows.filter(Q(voided_at__isnull=not is_voided), key__in=missing)
        for row in part:
            found[row.key].append(row)
        missing -= set(found)
    return found
