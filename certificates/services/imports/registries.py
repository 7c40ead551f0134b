"""The registries from which certificates may be brought in; the registrar keeps the list."""

import re
from datetime import datetime

from django.db import transaction

from certificates.errors import ImportRefused, RegistryUnknown
from certificates.models import ExternalRegistry
from ledger.services import audit

OWN_NAME = "renewable energy registry"
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@transaction.atomic
def register_registry(
    *, code: str, name: str, country: str, now: datetime, actor: object = "registry"
) -> ExternalRegistry:
    """A registry that certificates may come from; the same again answers with the first.

    All its serials count as one series. Raises: ImportRefused.
    """
    check_registry(code=code, name=name, country=country)
    found, is_new = ExternalRegistry.objects.get_or_create(
        code=code, defaults={"name": name, "country": country, "registered_at": now}
    )
    if (found.name, found.country) != (name, country):
        raise ImportRefused(f"{code} is registered as {found.name} ({found.country}).")
    if is_new:
        audit.record(
            actor=actor,
            action="external_registry.registered",
            subject=found,
            now=now,
            detail={"code": code, "name": name, "country": country},
        )
    return found


def check_registry(*, code: str, name: str, country: str) -> None:
    """Raises: ImportRefused with what is wrong."""
    if not _CODE.fullmatch(code):
        raise ImportRefused(f"A short name is letters a-z, digits and hyphens, not {code[:60]!r}.")
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise ImportRefused("A registry's name has 1 to 200 characters.")
    if not _COUNTRY.fullmatch(country):
        raise ImportRefused(f"A country is two capital letters such as DK, not {country[:40]!r}.")
    if " ".join(name.lower().split()) == OWN_NAME:
        raise ImportRefused("That is this registry; its own certificates never leave it that way.")


def find_registry(code: str) -> ExternalRegistry:
    """Raises: RegistryUnknown."""
    found = ExternalRegistry.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(ExternalRegistry.objects.order_by("code").values_list("code", flat=True))
        raise RegistryUnknown(
            f"No external registry has the short name {code[:60]!r}. "
            f"Known: {known or 'none yet'}. The registrar adds others."
        )
    return found
