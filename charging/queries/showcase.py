"""A receipt worth showing first."""

from datetime import datetime

from django.db.models import Count, QuerySet

from certificates.models import Organisation
from charging.errors import UnknownSession
from charging.models import Receipt

HOURS = 3


def showcase(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> Receipt:
    """A company's receipt that tells most: several hours, more than one with generation, the
    largest charge among those; always the same one for the same data.

    Raises: UnknownSession when the company has no receipt in the period.
    """
    rows: QuerySet[Receipt] = Receipt.objects.filter(
        session__claimant=organisation,
        session__started_at__gte=starts_at,
        session__started_at__lt=ends_at,
        version=1,
    ).order_by("-session__energy_wh", "session__uid")
    counted = rows.annotate(matched=Count("session__hours__allocations"))
    told = counted.filter(matched__gte=2).annotate(hours=Count("session__hours", distinct=True))
    found = told.filter(hours__gt=2, hours__lte=HOURS + 2).first() or counted.first()
    if found is None:
        raise UnknownSession(f"{organisation.name} has no receipt in this period.")
    return found
