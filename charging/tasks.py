"""Work that nobody waits for. Each task is safe to run twice."""

from datetime import UTC, datetime, timedelta

from celery import shared_task
from django.utils import timezone

from certificates.models import Organisation, Role
from charging.models import Session, TouchedDay
from charging.queries.matching.closing import closing_at
from charging.queries.matching.demand import reopened
from charging.services import challenges
from charging.services.matching import rematching
from charging.services.matching.apart import Apart
from charging.services.matching.runs import match_touched
from charging.services.matching.touching import TASK as REMATCH
from charging.services.ocpi.cdr_batches import place_all
from charging.services.ocpi.cdr_placing import retry_without_area
from charging.services.receipts import open_receipts
from charging.services.reconciling import reconcile_waiting
from charging.services.sessions.drafts import drop_old, import_draft, unfinished

BACK = timedelta(days=31)  # how far back late data are looked for every time
HOUR = timedelta(hours=1)
LONG_AGO = datetime(1970, 1, 3, tzinfo=UTC)


@shared_task(name="charging.match_closed_intervals")
def match_closed_intervals() -> int:
    """Match what ended longer ago than its area's grace, for every company; returns retirements.

    Only intervals that new readings, sessions or corrections touched are matched; what came
    late for one that was closed gets what is still there, in a new round. An hour that lost a
    retirement is matched again however old it is. What is not closed yet gets its provisional
    figures anew. What fails for one company is raised once all others are done.
    """
    now = timezone.now()
    ends_at = closing_at(now).latest
    starts_at = _hour(ends_at) - BACK
    lost = {
        (company, _hour(start))
        for company in _companies()
        for _, start in reopened(company, LONG_AGO, starts_at)
    }
    apart = Apart()
    booked = _match_touched(starts_at, ends_at, now, apart)
    for company, hour in sorted(lost, key=lambda one: (one[1], one[0].pk)):
        with apart.of(company):
            again = match_touched(
                organisation=company, starts_at=hour, ends_at=hour + HOUR, now=now
            )
            booked += again.allocations
    for company in _companies():
        with apart.of(company):
            rematching.renew_open(organisation=company, now=now)
    apart.end()
    return booked


@shared_task(name="charging.match_late_data")
def match_late_data() -> int:
    """The same for everything older, however old; returns retirements."""
    now = timezone.now()
    apart = Apart()
    booked = _match_touched(LONG_AGO, _hour(closing_at(now).latest) - BACK, now, apart)
    apart.end()
    return booked


@shared_task(name=REMATCH)
def rematch() -> int:
    """Look at what data touched since the last time; returns how many days."""
    return rematching.rematch(now=timezone.now()).days


@shared_task(name="charging.place_cdrs")
def place_cdrs() -> int:
    """Give the CDRs of a burst their place; returns how many."""
    return place_all(now=timezone.now())


@shared_task(name="charging.import_draft")
def import_session_draft(draft_id: int) -> None:
    """Import a file that a person confirmed; its draft says what came of it."""
    import_draft(draft_id=draft_id, now=timezone.now())


@shared_task(name="charging.sweep")
def sweep() -> int:
    """Place the CDRs that a burst left or whose site got an area; open missing receipts.

    Touched days whose run was lost get another, and so do imports whose task was lost; uploads
    that nobody said yes to are dropped, and announced charges decided whose time has come.
    Returns how many receipts.
    """
    now = timezone.now()
    place_all(now=now)
    challenges.decide_due(now=now)
    if TouchedDay.objects.exists():
        rematch.delay()
    for draft in unfinished(now):
        import_session_draft.delay(draft)
    drop_old(now=now)
    retry_without_area(now=now)
    claimants = Session.objects.filter(receipts__isnull=True).values("claimant")
    return sum(
        open_receipts(organisation=company, now=now)
        for company in Organisation.objects.filter(pk__in=claimants)
    )


@shared_task(name="charging.reconcile")
def reconcile() -> int:
    """Hold new CDRs and files against everything else said of their charges; how many."""
    now = timezone.now()
    place_all(now=now)
    return reconcile_waiting(now=now)


def _match_touched(starts_at: datetime, ends_at: datetime, now: datetime, apart: Apart) -> int:
    ready, booked = closing_at(now).is_closed, 0
    for company in _companies():
        with apart.of(company):
            booked += match_touched(
                organisation=company, starts_at=starts_at, ends_at=ends_at, now=now, ready=ready
            ).allocations
    return booked


def _companies() -> list[Organisation]:
    return list(Organisation.objects.filter(roles__role=Role.CHARGING_COMPANY).order_by("pk"))


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
