"""Setting how long intervals stay open for late data."""

from datetime import datetime

from django.db import transaction

from certificates.models import Area
from charging.errors import InvalidPeriod
from charging.models import ClosingPolicy
from ledger.services import audit

LONGEST_MINUTES = 366 * 24 * 60


@transaction.atomic
def set_grace(
    *,
    area: Area | None,
    grace_minutes: int,
    valid_from: datetime,
    reason: str,
    actor: object,
    now: datetime,
) -> ClosingPolicy:
    """From an instant on, intervals of an area (or of all) close so long after their end.

    What is closed stays closed. Twice is as once. Raises: InvalidPeriod.
    """
    if not 0 <= grace_minutes <= LONGEST_MINUTES:
        raise InvalidPeriod(
            f"A grace of {grace_minutes} minutes is none: give 0 to {LONGEST_MINUTES}."
        )
    row, is_new = ClosingPolicy.objects.get_or_create(
        area=area,
        valid_from=valid_from,
        defaults={"grace_minutes": grace_minutes, "reason": reason[:200]},
    )
    if row.grace_minutes != grace_minutes:
        raise InvalidPeriod(
            f"From {valid_from:%Y-%m-%dT%H:%MZ} on a grace of {row.grace_minutes} minutes is set "
            "already. Choose a later instant for the new one."
        )
    if is_new:
        audit.record(
            actor=actor,
            action="closing.set",
            subject=row,
            now=now,
            detail={"area": area.code if area else "", "grace_minutes": grace_minutes},
        )
    return row
