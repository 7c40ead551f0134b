"""A company shows its score to everyone, or no longer does."""

from datetime import datetime

from django.db import transaction

from certificates.models import Organisation, Role
from charging.errors import NotAChargingCompany
from charging.models import PublishedScore
from charging.queries.company.published_scores import in_force
from ledger.services import audit


@transaction.atomic
def publish(*, organisation: Organisation, actor: object, now: datetime) -> PublishedScore:
    """Show the score from now on. Twice is as once. Raises: NotAChargingCompany."""
    if not organisation.roles.filter(role=Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(
            f"{organisation.name} is no charging company; only those have a score of charges."
        )
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if known := in_force(organisation):
        return known
    row = PublishedScore.objects.create(organisation=organisation, published_at=now)
    audit.record(actor=actor, action="score.published", subject=organisation, now=now)
    return row


@transaction.atomic
def withdraw(*, organisation: Organisation, actor: object, now: datetime) -> bool:
    """Show it no longer; false where it was not shown. That it was stays on record."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    row = in_force(organisation)
    if row is None:
        return False
    row.withdrawn_at = max(now, row.published_at)
    row.save(update_fields=["withdrawn_at"])
    audit.record(actor=actor, action="score.withdrawn", subject=organisation, now=now)
    return True
