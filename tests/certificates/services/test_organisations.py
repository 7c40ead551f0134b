"""Registering who takes part."""

import pytest

from certificates.errors import InvalidOrganisation
from certificates.models import Organisation, User
from certificates.services.organisations import add_member, register_organisation
from ledger.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_registering_again_adds_roles_and_keeps_the_account(now):
    first = register_organisation(name="Acme", slug="acme", roles=["producer"], now=now)
    again = register_organisation(name="Acme", slug="acme", roles=["trader"], now=now)
    assert again.account_id == first.account_id
    assert set(first.roles.values_list("role", flat=True)) == {"producer", "trader"}
    assert AuditEvent.objects.filter(action="organisation.registered").count() == 1


@pytest.mark.parametrize(
    ("name", "slug", "roles"),
    [
        ("", "acme", ["producer"]),
        ("Acme", "a c", ["producer"]),
        ("Acme", "a" * 51, ["producer"]),
        ("Acme", "acme", ["king"]),
        ("Acme", "acme", []),
    ],
)
def test_an_impossible_organisation_is_refused(name, slug, roles, now):
    with pytest.raises(InvalidOrganisation):
        register_organisation(name=name, slug=slug, roles=roles, now=now)
    assert not Organisation.objects.exists()


def test_a_short_name_belongs_to_one_organisation(now):
    register_organisation(name="Acme", slug="acme", roles=["producer"], now=now)
    with pytest.raises(InvalidOrganisation, match="already the short name of Acme"):
        register_organisation(name="Other", slug="acme", roles=["producer"], now=now)


def test_a_member_acts_in_a_role_of_the_organisation_only(farm, now):
    user = User.objects.create_user("a@example.org")
    assert add_member(organisation=farm, user=user, role="producer", now=now).pk
    with pytest.raises(InvalidOrganisation, match="has no role auditor"):
        add_member(organisation=farm, user=user, role="auditor", now=now)
