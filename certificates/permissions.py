"""What a person may see, from their memberships."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet

from certificates.models import Device, Membership, Organisation, Role, User


class AuditorBackend(BaseBackend):
    """Staff who are members as auditor or registrar may view everything."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """True for `app.view_model` when the person works for the registry."""
        name = perm.partition(".")[2]
        return name.startswith("view_") and works_for_registry(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """True for every app when the person works for the registry."""
        return works_for_registry(user_obj)


def is_auditor(user: Any) -> bool:
    """True for active staff with an auditor's membership; read once per request's user."""
    return Role.AUDITOR in _registry_roles(user)


def is_registrar(user: Any) -> bool:
    """True for active staff with a registrar's membership."""
    return Role.REGISTRAR in _registry_roles(user)


def works_for_registry(user: Any) -> bool:
    """True for active staff with a membership as auditor or registrar."""
    return bool(_registry_roles(user))


def _registry_roles(user: Any) -> frozenset[str]:
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return frozenset()
    if not hasattr(user, "_registry_roles"):
        rows = user.memberships.filter(role__in=(Role.AUDITOR, Role.REGISTRAR))
        user._registry_roles = frozenset(rows.values_list("role", flat=True))  # type: ignore[attr-defined]
    return user._registry_roles  # type: ignore[attr-defined,no-any-return]


def organisations_of(user: Any, role: str) -> QuerySet[Organisation]:
    """The organisations this person acts for in the role."""
    ids = Membership.objects.filter(user=user, role=role).values("organisation_id")
    return Organisation.objects.filter(pk__in=ids)


def produced_by(user: Any) -> QuerySet[Device]:
    """The plants of every organisation that the person acts for as a producer."""
    return owned_by(user).exclude(kind=Device.Kind.STORAGE)


def stored_by(user: Any) -> QuerySet[Device]:
    """The storage of every organisation that the person acts for as a producer."""
    return owned_by(user).filter(kind=Device.Kind.STORAGE).select_related("storage_terms")


def owned_by(user: Any) -> QuerySet[Device]:
    """Plants and storage of every organisation that the person acts for as a producer."""
    mine = organisations_of(user, Role.PRODUCER)
    return Device.objects.filter(organisation__in=mine).select_related("organisation", "area")


HOLDERS = (Role.PRODUCER, Role.TRADER, Role.CHARGING_COMPANY)


def held_by(user: Any) -> QuerySet[Organisation]:
    """The organisations whose certificates this person may pass on and use."""
    ids = Membership.objects.filter(user=user, role__in=HOLDERS).values("organisation_id")
    return Organisation.objects.filter(pk__in=ids)
