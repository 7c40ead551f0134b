"""Looking again at the days that data have touched, soon after they did."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from certificates.models import Organisation
from charging.domain.local_time import to_seconds
from charging.models import ClosedInterval, TouchedDay
from charging.queries.matching.closing import closing_at
from charging.queries.matching.touched import Ready
from charging.services.matching.apart import Apart
from charging.services.matching.provisional import renew_provisional
from charging.services.matching.runs import match_touched
from charging.services.matching.touching import nudge

MOST_DAYS = 3_660  # in one run; the next takes the rest
LONGEST = 31  # days looked at together
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rematched:
    """What a run came to: days looked at, late allocations booked, provisional hours changed."""

    days: int = 0
    allocations: int = 0
    provisional_hours: int = 0


def rematch(*, now: datetime) -> Rematched:
    """Book what came late for closed intervals of marked days; renew the figures of open ones.

    An interval is closed for the first time by the hourly round alone, once its grace is over,
    so that files which come one after the other are all there. Safe to run twice, by several
    workers, and to be killed: a day loses its mark only when it was looked at and not touched
    since. What fails for one company is raised once the others' days are looked at.
    Raises: MatchingNotProven, ledger.errors.Overdrawn.
    """
    run = uuid.uuid4()
    marks = TouchedDay.objects.order_by("organisation_id", "day")
    taken = list(marks.values_list("pk", flat=True)[:MOST_DAYS])
    for begin in range(0, len(taken), 500):
        TouchedDay.objects.filter(pk__in=taken[begin : begin + 500]).update(taken_by=run)
    days = list(TouchedDay.objects.filter(taken_by=run).order_by("organisation_id", "day"))
    allocations = changed = 0
    apart = Apart()
    for company, first, last in _stretches((row.organisation_id, row.day) for row in days):
        organisation = Organisation.objects.get(pk=company)
        with apart.of(organisation):
            late, differing = _look_at(organisation, first, last, now)
            allocations += late
            changed += differing
            TouchedDay.objects.filter(
                organisation=company, day__gte=first, day__lte=last, taken_by=run
            ).delete()
    apart.end()
    if TouchedDay.objects.exists():  # touched again meanwhile, or more than one run takes
        nudge()
    return Rematched(len(days), allocations, changed)


def _look_at(organisation: Organisation, first: date, last: date, now: datetime) -> tuple[int, int]:
    """Late allocations booked and provisional hours changed in a stretch of days."""
    starts_at, ends_at = _midnight(first), _midnight(last + DAY)
    booked = match_touched(
        organisation=organisation,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
        ready=_closed_before(organisation, starts_at, ends_at),
    )
    changed = renew_provisional(
        organisation=organisation, starts_at=starts_at, ends_at=ends_at, now=now
    )
    return booked.allocations, changed


def renew_open(*, organisation: Organisation, now: datetime) -> int:
    """Renew the figures of every interval that may still be open; returns how many differ.

    Finds what no mark told of.
    """
    starts_at = _midnight((closing_at(now).earliest - DAY).date())
    return sum(
        renew_provisional(organisation=organisation, starts_at=first, ends_at=first + DAY, now=now)
        for first in _days(starts_at, now)
    )


def _closed_before(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> Ready:
    rows = ClosedInterval.objects.filter(
        organisation=organisation, starts_at__gte=starts_at, starts_at__lt=ends_at
    ).values_list("area", "starts_at", "area__matching_minutes")
    ends = {(area, to_seconds(start) + minutes * 60) for area, start, minutes in rows}
    return lambda area, end: (area, to_seconds(end)) in ends


def _stretches(days: Iterable[tuple[int, date]]) -> Iterator[tuple[int, date, date]]:
    """Days of one company that follow each other, at most `LONGEST` together."""
    company, first, last = 0, date.min, date.min
    for owner, day in days:
        if owner == company and day == last + DAY and (day - first).days < LONGEST:
            last = day
            continue
        if company:
            yield company, first, last
        company, first, last = owner, day, day
    if company:
        yield company, first, last


def _days(starts_at: datetime, now: datetime) -> Iterator[datetime]:
    while starts_at <= now:
        yield starts_at
        starts_at += DAY


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
