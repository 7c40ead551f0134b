"""A receipt as it stands now, gathered in a bounded number of queries."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings

from charging.domain import evidence
from charging.errors import UnknownSession
from charging.models import Receipt, Session
from charging.queries.grid import Intensity, grid_intensities
from charging.queries.receipts.allocations import Drawn, allocations_of, blocks_of, plants_of
from charging.queries.receipts.cost import cost_of
from charging.queries.receipts.deficits import deficits_of
from charging.queries.receipts.emissions import emissions_of
from charging.queries.receipts.facts import (
    AllocationFacts,
    ChargeFacts,
    EvidenceFacts,
    HourFacts,
    HourState,
    ReceiptFacts,
    ReceiptState,
)
from charging.queries.receipts.surroundings import Surroundings, surroundings_of
from charging.queries.receipts.versions import neighbours, versions_of
from charging.queries.receipts.void import void_of

CERTIFIED = "certified"


def receipt(public_id: str, now: datetime) -> ReceiptFacts:
    """Everything a receipt says. Raises: UnknownSession for a link that leads nowhere."""
    found = _under(public_id)
    session = found.session
    drawn = allocations_of(session)
    fallen = {(item.session_hour_id, item.run_id) for item in drawn if not item.stands}
    around = surroundings_of(session, fallen)
    grid = grid_intensities(
        session.area_id, around.first - timedelta(hours=24), around.last + timedelta(hours=24)
    )
    hours = _hours(session, drawn, around, grid)
    versions = versions_of(found)
    older, newer = neighbours(found, versions)
    matched = any(hour.tracked_wh for hour in hours)
    return ReceiptFacts(
        public_id=found.public_id,
        as_of=now,
        version=found.version,
        state=_state(session, hours, superseded=newer is not None),
        opened_at=found.opened_at,
        link_revoked=found.link_revoked_at is not None,
        charge=_charge(session),
        hours=hours,
        plants=plants_of(session, drawn),
        emissions=emissions_of(session, hours, grid),
        evidence=_evidence(session, hours),
        blocks=blocks_of(drawn),
        best_other_hour=around.best_other_hour(grid) if _has_gap(hours) else None,
        older=older,
        newer=newer,
        versions=versions if len(versions) > 1 else (),
        labels=_labels(drawn, matched=matched),
        deficits=deficits_of(session, now),
        void=void_of(session),
        cost=cost_of(session),
        claimed_note=session.claim.note if hasattr(session, "claim") else "",
    )


def _under(public_id: str) -> Receipt:
    """The receipt of a link, with what it is of. Raises: UnknownSession."""
    rows = Receipt.objects.select_related(
        "session__operator",
        "session__claimant",
        "session__evse__location",
        "session__area",
        "session__claim",
    )
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise UnknownSession("No receipt has this link. Check that it was copied whole.")
    return found


def find_receipt(name: str) -> Receipt:
    """The newest receipt of a session id (any case), or the receipt of a public id.

    Raises: UnknownSession, also when several operators have a session of this id.
    """
    by_link = Receipt.objects.filter(public_id=name).first()
    if by_link:
        return by_link
    named = Session.objects.filter(uid__iexact=name, replaced_by__isnull=True)
    sessions = named[:2]
    if len(sessions) > 1:
        raise UnknownSession(f"Several sessions are called {name!r}; use the receipt's link.")
    found = Receipt.objects.filter(session__in=list(sessions)).order_by("-version").first()
    if found is None:
        raise UnknownSession(f"No session or receipt is called {name!r}.")
    return found


def _hours(
    session: Session,
    drawn: list[Drawn],
    around: Surroundings,
    grid: dict[datetime, Intensity],
) -> tuple[HourFacts, ...]:
    by_hour: dict[tuple[int, bool], list[AllocationFacts]] = defaultdict(list)
    for item in drawn:
        by_hour[item.session_hour_id, item.stands].append(item.facts)
    facts = []
    for pk, starts_at, length, energy_wh, so_far_wh in around.hours:
        shares = tuple(by_hour[pk, True])
        tracked = sum(share.amount_wh for share in shares)
        intensity = grid.get(starts_at)
        is_closed = starts_at in around.closed
        facts.append(
            HourFacts(
                starts_at=starts_at,
                length_minutes=length,
                energy_wh=energy_wh,
                renewable_wh=sum(share.amount_wh for share in shares if share.renewable),
                carbon_free_wh=sum(share.amount_wh for share in shares if share.carbon_free),
                tracked_wh=tracked,
                grid_ug_per_wh=intensity.ug_per_wh if intensity else None,
                grid_estimated=bool(intensity and intensity.estimated),
                allocations=shares,
                state=HourState.CLOSED if is_closed else HourState.OPEN,
                why_unmatched=around.why_unmatched(starts_at) if tracked < energy_wh else "",
                fallen=tuple(by_hour[pk, False]),
                provisional_wh=0 if is_closed else so_far_wh,
            )
        )
    return tuple(facts)


def _state(session: Session, hours: tuple[HourFacts, ...], *, superseded: bool) -> ReceiptState:
    if superseded:
        return ReceiptState.SUPERSEDED
    if session.voided_at is not None:
        return ReceiptState.VOIDED
    if not session.final or any(hour.state == HourState.OPEN for hour in hours):
        return ReceiptState.WAITING
    states = {share.state for hour in hours for share in hour.allocations}
    if not states:
        return ReceiptState.CLOSED_WITHOUT_CERTIFICATES
    return ReceiptState.CERTIFIED if states == {CERTIFIED} else ReceiptState.PENDING


def _charge(session: Session) -> ChargeFacts:
    location = session.evse.location
    return ChargeFacts(
        uid=session.uid,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh,
        location_name=location.name,
        latitude=location.latitude,
        longitude=location.longitude,
        evse=session.evse.uid,
        connector=session.connector,
        operator_name=session.operator.name,
        claimant_name=session.claimant.name,
        timezone=session.area.timezone,
        area_name=session.area.name,
    )


def _evidence(session: Session, hours: tuple[HourFacts, ...]) -> EvidenceFacts:
    qualities = {share.quality for hour in hours for share in hour.allocations}
    found = evidence.grade(
        session.energy_evidence,
        session.timing_evidence,
        qualities,
        intervals=len(hours),
        demo=settings.IS_DEMO,
    )
    return EvidenceFacts(found.grade, found.summary, found.energy, found.timing, found.generation)


def _has_gap(hours: tuple[HourFacts, ...]) -> bool:
    return any(hour.tracked_wh < hour.energy_wh for hour in hours)


def _labels(drawn: list[Drawn], *, matched: bool) -> tuple[str, ...]:
    labels = ["Demo registry: nothing here is a claim."] if settings.IS_DEMO else []
    if matched and any(item.is_synthetic for item in drawn):
        labels.append("The plant's number is synthetic, made for the demo.")
    return tuple(labels)
