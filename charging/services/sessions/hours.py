"""The hours of one charge. The one place that decides how its Wh are spread over them."""

from datetime import datetime

from certificates.models import Area
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.split import Charged, Course, Split, split
from charging.models import Session, SessionHour
from charging.services.matching.touching import touch

EVENLY = Course()


def spread(session: Session, area: Area, course: Course = EVENLY) -> Split:
    """The Wh of a session by the area's intervals, by the best evidence of its course."""
    return spread_over(session.started_at, session.ended_at, session.energy_wh, area, course)


def spread_over(
    started_at: datetime, ended_at: datetime, energy_wh: int, area: Area, course: Course
) -> Split:
    """The same for a charge that has no session yet: [started_at, ended_at), Wh."""
    started = to_seconds(started_at)
    ended = max(to_seconds(ended_at), started + 1)  # fractions are cut off
    return split(Charged(started, ended, energy_wh, area.matching_minutes * 60), course)


def write_hours(
    session: Session, area: Area, *, is_new: bool = False, course: Course = EVENLY
) -> None:
    """Put the hours of a session in place of those it had, none of which was ever matched.

    The method that put them there is kept with each, and as the session's timing evidence.
    """
    if not is_new:
        touch(session.claimant_id, session.hours.values_list("starts_at", flat=True))
        session.hours.all().delete()
    parts = spread(session, area, course)
    if session.timing_evidence != parts.method:
        session.timing_evidence = parts.method
        session.save(update_fields=["timing_evidence"])
    SessionHour.objects.bulk_create(
        SessionHour(
            session=session,
            starts_at=to_utc(start),
            length_minutes=area.matching_minutes,
            energy_wh=wh,
            method=parts.method,
        )
        for start, wh in parts.parts
    )
    touch(session.claimant_id, (to_utc(start) for start, _ in parts.parts))
