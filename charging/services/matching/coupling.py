"""Coupling two areas for a time: generation of one may serve charges of the other."""

from datetime import datetime

from django.db import transaction

from certificates.models import Area
from charging.errors import InvalidPeriod
from charging.models import CoupledArea
from ledger.services import audit


@transaction.atomic
def couple(
    *,
    generation: Area,
    charge: Area,
    starts_at: datetime,
    ends_at: datetime | None,
    actor: object,
    now: datetime,
) -> CoupledArea:
    """Enter a coupling, in one direction, for intervals that are not matched yet. Twice is once.

    Raises: InvalidPeriod.
    """
    if generation.pk == charge.pk:
        raise InvalidPeriod("An area needs no coupling with itself.")
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidPeriod("The coupling ends before it starts.")
    row, is_new = CoupledArea.objects.get_or_create(
        generation=generation, charge=charge, starts_at=starts_at, defaults={"ends_at": ends_at}
    )
    if row.ends_at != ends_at:
        raise InvalidPeriod("These areas are coupled from then on with another end.")
    if is_new:
        detail = {"generation": generation.code, "charge": charge.code}
        audit.record(actor=actor, action="areas.coupled", subject=row, now=now, detail=detail)
    return row
