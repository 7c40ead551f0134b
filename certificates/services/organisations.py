"""Organisations and the people who act for them."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from certificates.errors import InvalidOrganisation
from certificates.models import Membership, Organisation, OrganisationRole, Role, User
from ledger.services import audit
from ledger.services.accounts import open_account


@transaction.atomic
def register_organisation(
    *, name: str, slug: str, roles: Collection[str], now: datetime, actor: object = "registry"
) -> Organisation:
    """An organisation with an account in the book. Registering the same one again adds roles.

    Raises: InvalidOrganisation.
    """
    _check(name, slug, roles)
    organisation = Organisation.objects.select_for_update().filter(slug=slug).first()
    if organisation is None:
        organisation = Organisation.objects.create(
            name=name.strip(), slug=slug, account=open_account(name=name.strip()), registered_at=now
        )
        audit.record(actor=actor, action="organisation.registered", subject=organisation, now=now)
    elif organisation.name != name.strip():
        raise InvalidOrganisation(
            f"{slug!r} is already the short name of {organisation.name}. Choose another."
        )
    for role in roles:
        OrganisationRole.objects.get_or_create(organisation=organisation, role=role)
    return organisation


@transaction.atomic
def add_member(
    *, organisation: Organisation, user: User, role: str, now: datetime, actor: object = "registry"
) -> Membership:
    """Let a person act for an organisation in one of its roles.

    Raises: InvalidOrganisation when the organisation has no such role.
    """
    if not organisation.roles.filter(role=role).exists():
        raise InvalidOrganisation(f"{organisation.name} has no role {role}. Register it first.")
    membership, is_new = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role
    )
    if is_new:
        audit.record(
            now=now,
            actor=actor,
            action="member.added",
            subject=organisation,
            detail={"user": user.pk, "role": role},
        )
    return membership


def _check(name: str, slug: str, roles: Collection[str]) -> None:
    if not name.strip() or len(name) > 200:
        raise InvalidOrganisation("An organisation needs a name of at most 200 characters.")
    try:
        validate_slug(slug)
    except ValidationError:
        raise InvalidOrganisation(
            f"The short name {slug!r} may hold letters, digits, - and _ only."
        ) from None
    if len(slug) > 50:
        raise InvalidOrganisation("The short name may have at most 50 characters.")
    unknown = sorted(set(roles) - set(Role.values))
    if unknown or not roles:
        raise InvalidOrganisation(
            f"Unknown role {', '.join(unknown) or '(none)'}; choose from {', '.join(Role.values)}."
        )
