"""Work that nobody waits for. Each task is safe to run twice."""

from datetime import UTC, datetime, timedelta

from celery import shared_task
from django.utils import timezone

from certificates.models import Organisation, Role
from charging.models import Session
from charging.queries.demand import reopened
from charging.services.matching import match
from charging.services.receipts import open_receipts

GRACE = timedelta(hours=48)  # readings and CDRs may still come
BACK = timedelta(days=31)  # how far back late data are looked for
HOUR = timedelta(hours=1)
LONG_AGO = datetime(1970, 1, 3, tzinfo=UTC)


@shared_task(name="charging.match_closed_intervals")
def match_closed_intervals() -> int:
    """Match what ended long enough ago, for every charging company; returns retirements.

    What came late for the last month is matched in a new round; an hour that lost a
    retirement is matched again however old it is.
    """
    now = timezone.now()
    return sum(
        match(organisation=company, starts_at=starts_at, ends_at=ends_at, now=now).retirements
        for company in _companies()
        for starts_at, ends_at in _periods(company, now)
    )


@shared_task(name="charging.sweep")
def sweep() -> int:
    """Open the receipts that are missing; returns how many."""
    now = timezone.now()
    claimants = Session.objects.filter(receipts__isnull=True).values("claimant")
    return sum(
        open_receipts(organisation=company, now=now)
        for company in Organisation.objects.filter(pk__in=claimants)
    )


def _periods(company: Organisation, now: datetime) -> list[tuple[datetime, datetime]]:
    ends_at = _hour(now - GRACE)
    starts_at = _hour(ends_at - BACK)
    lost = {_hour(start) for _, start in reopened(company, LONG_AGO, starts_at)}
    return [*((hour, hour + HOUR) for hour in sorted(lost)), (starts_at, ends_at)]


def _companies() -> list[Organisation]:
    return list(Organisation.objects.filter(roles__role=Role.CHARGING_COMPANY).order_by("pk"))


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
