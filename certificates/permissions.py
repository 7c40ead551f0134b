"""What a person may see, from their memberships."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet

from certificates.models import Device, Membership, Organisation, Role, User


class AuditorBackend(BaseBackend):
    """Staff who are members as auditor may view everything and change nothing."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """True for `app.view_model` when the person is an auditor."""
        name = perm.partition(".")[2]
        return name.startswith("view_") and is_auditor(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """True for every app when the person is an auditor."""
        return is_auditor(user_obj)


def is_auditor(user: Any) -> bool:
    """True for active staff with an auditor's membership; read once per request's user."""
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return False
    if not hasattr(user, "_is_auditor"):
        user._is_auditor = user.memberships.filter(role=Role.AUDITOR).exists()  # type: ignore[attr-defined]
    return bool(user._is_auditor)  # type: ignore[attr-defined]


def organisations_of(user: Any, role: str) -> QuerySet[Organisation]:
    """The organisations this person acts for in the role."""
    ids = Membership.objects.filter(user=user, role=role).values("organisation_id")
    return Organisation.objects.filter(pk__in=ids)


def produced_by(user: Any) -> QuerySet[Device]:
    """The devices of every organisation that the person acts for as a producer."""
    mine = organisations_of(user, Role.PRODUCER)
    return Device.objects.filter(organisation__in=mine).select_related("organisation", "area")
