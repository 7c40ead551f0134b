"""The hours of one charge. The one place that decides how its Wh are spread over them."""

from certificates.models import Area
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.ocpi.charge import ChargeFacts
from charging.domain.split import split_evenly
from charging.models import Session, SessionHour


def timing_evidence(charge: ChargeFacts) -> Session.TimingEvidence:
    """How well is known when the energy flowed: only start and end are read so far."""
    return Session.TimingEvidence.UNIFORM


def write_hours(session: Session, area: Area, *, is_new: bool = False) -> None:
    """Put the hours of a session in place of those it had, none of which was ever matched."""
    if not is_new:
        session.hours.all().delete()
    spread = split_evenly(
        to_seconds(session.started_at),
        to_seconds(session.ended_at),
        session.energy_wh,
        area.matching_minutes * 60,
    )
    SessionHour.objects.bulk_create(
        SessionHour(
            session=session,
            starts_at=to_utc(start),
            length_minutes=area.matching_minutes,
            energy_wh=wh,
            method=session.timing_evidence,
        )
        for start, wh in spread
    )
