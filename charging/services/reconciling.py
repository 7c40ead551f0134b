"""Everything said of a charge, held side by side; what contradicts is kept and shown."""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Q

from charging.domain.meters.findings import Weight
from charging.domain.ocpi.charge import read_cdr
from charging.domain.ocpi.document import read_object
from charging.domain.reconciling import ocpi
from charging.domain.reconciling.charge import Evidence, reconcile
from charging.domain.reconciling.charges import compare
from charging.domain.reconciling.facts import DEFAULT, Place, Statement
from charging.domain.reconciling.findings import Finding
from charging.domain.tariff.rating import Rating
from charging.domain.tariff.records import rate_cdr
from charging.errors import InvalidCharge, InvalidTariff
from charging.models import Cdr, CdrRating, ChargeFinding, OcpiObject, Session, SessionFile
from charging.models.sealing import unseal
from charging.queries.connectors import Connector, connectors_of
from charging.services.evidence import Weighed, weigh
from ledger.models.bulk import insert

AT_ONCE = 200  # CDRs in one transaction
LOOK_UP = 500  # ids in one query
CENT = Decimal("0.0001")
Code = ChargeFinding.Code
ACROSS = (Code.DUPLICATE, Code.OVERLAP)  # of two charges, kept with both
Found = Mapping[int, Iterable[tuple[str, Finding | str]]]
logger = logging.getLogger(__name__)


def reconcile_waiting(*, now: datetime) -> int:
    """Look at every CDR and file that nobody looked at yet; returns how many. Safe twice.

    A CDR that cannot be looked at is logged and hinders no other.
    """
    waiting = Cdr.objects.filter(status=Cdr.Status.RECORDED, reconciled_at__isnull=True)
    cdrs = list(waiting.order_by("received_at", "pk").values_list("pk", flat=True))
    for start in range(0, len(cdrs), AT_ONCE):
        _together_or_alone(cdrs[start : start + AT_ONCE], now)
    unseen = SessionFile.objects.filter(
        status=SessionFile.Status.IMPORTED, reconciled_at__isnull=True
    )
    files = list(unseen.order_by("pk").values_list("pk", flat=True))
    for pk in files:
        reconcile_file(file_id=pk, now=now)
    return len(cdrs) + len(files)


def _together_or_alone(cdrs: Sequence[int], now: datetime) -> None:
    try:
        reconcile_cdrs(cdr_ids=cdrs, now=now)
    except OperationalError:
        raise  # the database is busy: the next round looks at them
    except Exception:
        logger.exception("%d CDRs could not be reconciled, from CDR %d", len(cdrs), cdrs[0])
        if len(cdrs) > 1:
            for pk in cdrs:
                _together_or_alone([pk], now)


@transaction.atomic
def reconcile_cdrs(*, cdr_ids: Sequence[int], now: datetime) -> None:
    """Hold recorded CDRs against their sessions, signed values, tariffs and neighbours.

    At most `AT_ONCE`; those that are not recorded are left alone.
    """
    rows = Cdr.objects.select_for_update(of=("self",)).select_related(
        "party__organisation", "session__evse__location", "session__area"
    )
    recorded = rows.filter(pk__in=cdr_ids, status=Cdr.Status.RECORDED).order_by("pk")
    charges = {cdr: cdr.session for cdr in recorded if cdr.session is not None}
    connectors, told = connectors_of(list(charges.values())), _told_by_sessions(charges)
    found: dict[int, list[tuple[str, Finding | str]]] = defaultdict(list)
    ratings: list[CdrRating] = []
    for cdr, session in charges.items():
        wrong, rated = _examine(cdr, connectors[session.pk], told)
        found[session.pk] += wrong
        ratings += [] if rated is None else [_rating(cdr, rated, now)]
    _keep_ratings(ratings)
    store_findings(found, now, codes=set(Code.values) - set(ACROSS))
    _store_pairs(_pairs(_neighbours(charges.values())), found, now)
    Cdr.objects.filter(pk__in=[cdr.pk for cdr in charges]).update(reconciled_at=now)


def _examine(
    cdr: Cdr, connector: Connector, told: Mapping[tuple[int, str], Statement]
) -> tuple[list[tuple[str, Finding | str]], Rating | None]:
    """What is wrong with a charge by itself, and what it costs under its own tariffs."""
    document = read_object(unseal(cdr.body))
    facts = read_cdr(document).charge
    weighed = weigh(facts, operator=cdr.party.organisation, uid=cdr.session_uid)
    found: list[tuple[str, Finding | str]] = [(Code.METER, words) for words in _against(weighed)]
    rated, why = _rate(document, connector)
    if why:
        found.append((Code.NOT_RATED, why))
    try:
        evidence = Evidence(
            session=told.get((cdr.party_id, cdr.session_uid.upper())),
            cdr=ocpi.of_cdr(document),
            meter=ocpi.of_verdict(weighed.verdict) if weighed.verdict else None,
            rated=ocpi.of_rating(rated) if rated else None,
            max_power_w=connector.max_power_w,
        )
        found += [(str(each.code), each) for each in reconcile(evidence)]
    except InvalidCharge as error:
        found.append((Code.TIME, str(error)))
    return found, rated


@transaction.atomic
def reconcile_file(*, file_id: int, now: datetime) -> None:
    """Hold the charges of a file against each other, their neighbours and their connectors."""
    file = SessionFile.objects.select_for_update().get(pk=file_id)
    sessions = list(
        Session.objects.filter(file=file, voided_at__isnull=True).select_related("evse")
    )
    over: dict[int, list[tuple[str, Finding | str]]] = {row.pk: [] for row in sessions}
    for row in sessions:
        if row.evse.power_w:
            evidence = Evidence(session=_statement(row), max_power_w=row.evse.power_w)
            over[row.pk] = [(str(each.code), each) for each in reconcile(evidence)]
    store_findings(over, now, codes={Code.OVER_POWER})
    _store_pairs(_pairs(_neighbours(sessions)), over, now)
    file.reconciled_at = now
    file.save(update_fields=["reconciled_at"])


def _against(weighed: Weighed) -> list[str]:
    """Why signed values that came along prove nothing."""
    if not weighed.refusal:
        return []
    verdict = weighed.verdict
    objections = [] if verdict is None else [
        each.sentence for each in verdict.findings if each.weight == Weight.AGAINST
    ]  # fmt: skip
    return list(dict.fromkeys([weighed.refusal, *objections]))


def _rate(document: dict[str, Any], connector: Connector) -> tuple[Rating | None, str]:
    """The CDR's cost under its own tariffs, or why it cannot be known."""
    if not document.get("tariffs"):
        return None, ""  # it names none, which is no contradiction
    try:
        return rate_cdr(document, connector.time_zone), ""
    except (InvalidCharge, InvalidTariff) as error:
        return None, str(error)


def _rating(cdr: Cdr, rated: Rating, now: datetime) -> CdrRating:
    return CdrRating(
        cdr=cdr,
        currency=rated.currency,
        cost_excl=_money(rated.total_excl),
        cost_incl=_money(rated.total_incl),
        rated_at=now,
    )


def _keep_ratings(ratings: Sequence[CdrRating]) -> None:
    """The newest rating of a CDR stands in place of an earlier one."""
    CdrRating.objects.bulk_create(
        ratings,
        update_conflicts=True,
        unique_fields=["cdr"],
        update_fields=["currency", "cost_excl", "cost_incl", "rated_at"],
    )


def _money(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(CENT)


def _told_by_sessions(cdrs: Iterable[Cdr]) -> dict[tuple[int, str], Statement]:
    """What the Sessions of these charges said, by party and id in capitals."""
    names = {(cdr.party_id, cdr.session_uid.upper()) for cdr in cdrs}
    sent = OcpiObject.objects.filter(
        party__in={party for party, _ in names},
        module=OcpiObject.Module.SESSIONS,
        uid__in={uid for _, uid in names},
    )
    told = {}
    for row in sent:
        with suppress(InvalidCharge):  # it was refused or remarked on when it came
            told[row.party_id, row.uid] = ocpi.of_session(read_object(unseal(row.body)))
    return told


def _statement(row: Session) -> Statement:
    place = Place(row.evse.uid, row.connector)
    return Statement(row.uid, place, row.started_at, row.ended_at, row.energy_wh)


def _neighbours(sessions: Iterable[Session]) -> dict[int, list[Session]]:
    """The standing charges at the same charge points around the same times, by charge point."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for row in sessions:
        first, last = spans.get(row.evse_id, (row.started_at, row.ended_at))
        spans[row.evse_id] = min(first, row.started_at), max(last, row.ended_at)
    found = {}
    for evse, (first, last) in spans.items():
        rows = Session.objects.filter(
            Q(started_at__lte=last) & Q(ended_at__gte=first),
            evse=evse,
            voided_at__isnull=True,
        )
        found[evse] = list(rows.select_related("evse"))
    return found


def _pairs(by_evse: Mapping[int, list[Session]]) -> dict[int, list[tuple[str, Finding | str]]]:
    """Duplicates and overlaps, with both charges of each pair."""
    found: dict[int, list[tuple[str, Finding | str]]] = defaultdict(list)
    for rows in by_evse.values():
        by_uid = {row.uid: row.pk for row in rows}
        for each in compare([_statement(row) for row in rows], DEFAULT):
            for side in ("first", "second"):
                found[by_uid[str(each.figures[side])]].append((str(each.code), each))
    return found


def _store_pairs(found: Found, looked_at: Iterable[int], now: datetime) -> None:
    """Findings of two charges: kept with both, settled only where everything was looked at."""
    whole = {pk: found.get(pk, ()) for pk in looked_at}
    store_findings(whole, now, codes=set(ACROSS))
    store_findings({pk: each for pk, each in found.items() if pk not in whole}, now, codes=set())


def store_findings(found: Found, now: datetime, *, codes: set[str]) -> None:
    """Keep what is new; settle open findings of these codes that are not found any more."""
    ids = sorted(found)
    known: dict[tuple[int, str], ChargeFinding] = {}
    for start in range(0, len(ids), LOOK_UP):
        rows = ChargeFinding.objects.filter(
            session__in=ids[start : start + LOOK_UP], settled_at__isnull=True
        )
        known.update({(row.session_id, row.digest): row for row in rows})
    fresh: dict[tuple[int, str], list[Any]] = {}
    seen = set()
    for pk, findings in found.items():
        for code, each in findings:
            sentence = each if isinstance(each, str) else each.sentence
            figures = {} if isinstance(each, str) else dict(each.figures)
            digest = hashlib.sha256(f"{code}\n{sentence}".encode()).hexdigest()
            seen.add((pk, digest))
            if (pk, digest) not in known:
                values = [pk, str(code), sentence, json.dumps(figures), digest, now]
                fresh[pk, digest] = values
    insert(
        ChargeFinding,
        ["session", "code", "sentence", "figures", "digest", "found_at"],
        list(fresh.values()),
    )
    gone = [row.pk for key, row in known.items() if key not in seen and row.code in codes]
    for start in range(0, len(gone), LOOK_UP):
        ChargeFinding.objects.filter(pk__in=gone[start : start + LOOK_UP]).update(settled_at=now)
