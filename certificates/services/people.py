"""People who log in: registered for an organisation, with a first password, and let go again."""

import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from certificates.errors import InvalidPerson
from certificates.models import Membership, Organisation, Role, User
from certificates.services.organisations import add_member
from ledger.services import audit

PASSWORD_BYTES = 12  # of chance: 16 characters, shown once
IN_THE_ADMIN = {Role.AUDITOR, Role.REGISTRAR}


@transaction.atomic
def register_person(
    *, email: str, organisation: Organisation, role: str, now: datetime, actor: object = "registry"
) -> tuple[User, str]:
    """Let somebody act for an organisation; whoever is new gets a log-in.

    Returns the person and their first password, which is kept nowhere; empty for somebody who
    logs in already. Auditors and registrars may enter the admin from then on.
    Raises: InvalidPerson, InvalidOrganisation when the organisation has no such role.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidPerson(
            f"{email!r} is no e-mail address. It is what the person logs in with."
        ) from None
    person = User.objects.select_for_update().filter(email__iexact=email).first()
    password = ""
    if person is None:
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        person = User.objects.create_user(email, password)
        audit.record(actor=actor, action="person.registered", subject=person, now=now)
    add_member(organisation=organisation, user=person, role=role, now=now, actor=actor)
    if role in IN_THE_ADMIN and not person.is_staff:
        person.is_staff = True
        person.save(update_fields=["is_staff"])
    return person, password


@transaction.atomic
def end_membership(
    *, email: str, organisation: Organisation, role: str, now: datetime, actor: object = "registry"
) -> User:
    """Somebody acts for an organisation no longer. What they did stays, and so does their log-in.

    Raises: InvalidPerson for somebody who does not act for it in that role.
    """
    person = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    held = Membership.objects.filter(user=person, organisation=organisation, role=role)
    if person is None or not held.exists():
        raise InvalidPerson(
            f"Nobody acts for {organisation.name} as {role} with the address {email!r}. "
            "Compare the whole address."
        )
    held.delete()
    audit.record(
        actor=actor,
        action="member.removed",
        subject=organisation,
        detail={"user": person.pk, "role": role},
        now=now,
    )
    if person.is_staff and not person.memberships.filter(role__in=IN_THE_ADMIN).exists():
        person.is_staff = person.is_superuser
        person.save(update_fields=["is_staff"])
    return person
