"""Use and what was matched to it in its intervals: of a company, a site or a driver."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When

from certificates.models import Organisation, User
from certificates.queries.plants.origins import source_is
from charging.domain.coverage import Covered
from charging.models import Allocation, Location, SessionHour
from ledger.models import OutboxItem

NUCLEAR = "F03"
RENEWABLE_MASKS = (1, 3)
IS_RENEWABLE = Q(retirement__mask__in=RENEWABLE_MASKS)
CERTIFIED: dict[str, Any] = {
    "retirement__entry__outbox_item__status": OutboxItem.Status.CERTIFIED,
}
ANY = Q()
IS_CARBON_FREE = IS_RENEWABLE | source_is("retirement__lot", energy_source_code__startswith=NUCLEAR)


def of_company(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> list[Covered]:
    """Every interval of the period in which a company's charges took energy."""
    return _covered(Q(session__claimant=organisation), starts_at, ends_at)


def certified_of_company(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[Covered]:
    """The same for final charges, and only by what sealed blocks hold."""
    whose = Q(session__claimant=organisation, session__final=True)
    return _covered(whose, starts_at, ends_at, Q(**CERTIFIED))


def of_site(location: Location, starts_at: datetime, ends_at: datetime) -> list[Covered]:
    """Every interval of the period in which cars charged at a site."""
    return _covered(Q(session__evse__location=location), starts_at, ends_at)


def of_driver(driver: User, starts_at: datetime, ends_at: datetime) -> list[Covered]:
    """Every interval of the period in which a driver's claimed charges took energy."""
    return _covered(Q(session__claim__driver=driver), starts_at, ends_at)


def _covered(
    whose: Q, starts_at: datetime, ends_at: datetime, matched_by: Q = ANY
) -> list[Covered]:
    period = Q(starts_at__gte=starts_at, starts_at__lt=ends_at, session__voided_at__isnull=True)
    hours = SessionHour.objects.filter(whose & period).order_by()
    used = dict(hours.values_list("starts_at").annotate(wh=Sum("energy_wh")))
    matched = {start: tuple(figures) for start, *figures in _matched(hours, matched_by)}
    nothing = (0, 0, 0)
    return [Covered(start, used[start], *matched.get(start, nothing)) for start in sorted(used)]


def _matched(
    hours: QuerySet[SessionHour], matched_by: Q
) -> Sequence[tuple[datetime, int, int, int]]:
    amount = F("retirement__amount_wh")

    def where(condition: Q) -> Sum:
        return Sum(Case(When(condition, then=amount), default=0, output_field=BigIntegerField()))

    return list(
        Allocation.objects.standing()
        .filter(matched_by, session_hour__in=hours)
        .order_by()
        .values_list("session_hour__starts_at")
        .annotate(
            renewable=where(IS_RENEWABLE), carbon_free=where(IS_CARBON_FREE), tracked=Sum(amount)
        )
    )
