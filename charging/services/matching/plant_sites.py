"""A plant that stands at a charging site: what it makes goes first to charges there."""

from datetime import datetime

from django.db import transaction

from certificates.models import Device
from charging.errors import InvalidPeriod
from charging.models import DeviceSite, Location
from ledger.services import audit


@transaction.atomic
def link_plant(
    *,
    device: Device,
    location: Location,
    starts_at: datetime,
    ends_at: datetime | None,
    actor: object,
    now: datetime,
) -> DeviceSite:
    """Enter that a plant stands at a site, for intervals not matched yet. Twice is once.

    Raises: InvalidPeriod.
    """
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidPeriod("The plant leaves the site before it comes.")
    row, is_new = DeviceSite.objects.get_or_create(
        device=device, location=location, starts_at=starts_at, defaults={"ends_at": ends_at}
    )
    if row.ends_at != ends_at:
        raise InvalidPeriod("This plant stands at the site from then on with another end.")
    if is_new:
        detail = {"device": device.gsrn, "location": location.pk}
        audit.record(actor=actor, action="plant.linked", subject=row, now=now, detail=detail)
    return row
