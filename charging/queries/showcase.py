"""A receipt worth showing first."""

from datetime import datetime

from django.db.models import Count, F, Q, Sum

from certificates.models import Organisation
from charging.errors import UnknownSession
from charging.models import Receipt

HOURS = (3, 5)  # enough to see a picture
RETIREMENT = "session__hours__allocations__retirement"
STANDS = Q(**{f"{RETIREMENT}__entry__reversal__isnull": True})


def showcase(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> Receipt:
    """A company's receipt that tells most: a few hours, more matched than not, yet not all.

    The largest such charge; always the same one for the same data.
    Raises: UnknownSession when the company has no receipt in the period.
    """
    every = Receipt.objects.filter(
        session__claimant=organisation,
        session__started_at__gte=starts_at,
        session__started_at__lt=ends_at,
        version=1,
    ).order_by("-session__energy_wh", "session__uid")
    told = (
        every.annotate(
            hours=Count("session__hours", distinct=True),
            covered=Count("session__hours__allocations", distinct=True, filter=STANDS),
            matched=Sum(f"{RETIREMENT}__amount_wh", filter=STANDS),
        )
        .filter(hours__gte=HOURS[0], hours__lte=HOURS[1], covered__gte=2)
        .filter(matched__lt=F("session__energy_wh"), matched__gt=F("session__energy_wh") / 2)
    )
    found = told.first() or every.first()
    if found is None:
        raise UnknownSession(f"{organisation.name} has no receipt in this period.")
    return found
