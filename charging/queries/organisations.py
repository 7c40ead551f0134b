"""Charging companies by name."""

from certificates.models import Organisation
from charging.errors import UnknownOrganisation


def organisation_of(slug: str) -> Organisation:
    """The organisation of this slug. Raises: UnknownOrganisation."""
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        raise UnknownOrganisation(f"No organisation has the slug {slug!r}.")
    return organisation
