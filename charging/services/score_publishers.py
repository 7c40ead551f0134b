"""Who may speak for a charging company in public."""

from datetime import datetime

from django.contrib.auth.models import Permission
from django.db import transaction

from certificates.models import Role, User
from certificates.permissions import organisations_of
from charging.errors import NotAChargingCompany
from charging.permissions import PUBLISH_SCORE
from ledger.services import audit


@transaction.atomic
def let_publish(*, person: User, now: datetime, actor: object = "registry") -> bool:
    """Let a person publish the scores of the companies they act for; false if they could already.

    Raises: NotAChargingCompany for somebody who acts for none.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if not organisations_of(person, Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(
            f"{person.email} acts for no charging company. Add them to one first."
        )
    if person.user_permissions.filter(pk=_permission().pk).exists():
        return False
    person.user_permissions.add(_permission())
    audit.record(actor=actor, action="score.publisher_added", subject=person, now=now)
    return True


@transaction.atomic
def let_publish_no_more(*, person: User, now: datetime, actor: object = "registry") -> bool:
    """Take that back; false where it was not given. What they published stays published."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.user_permissions.filter(pk=_permission().pk).exists():
        return False
    person.user_permissions.remove(_permission())
    audit.record(actor=actor, action="score.publisher_removed", subject=person, now=now)
    return True


def _permission() -> Permission:
    app, _, codename = PUBLISH_SCORE.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
