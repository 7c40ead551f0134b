"""Organisations over the API: anyone with a key looks one up, a registrar registers more."""

import json

import pytest

from certificates.models import Organisation, OrganisationRole
from certificates.services.organisations import register_organisation
from tests.fixtures.api import NOW

BODY = {"name": "New trader", "slug": "new", "roles": ["trader"]}


@pytest.fixture
def registrar(call):
    office = register_organisation(name="Office", slug="office", roles=["registrar"], now=NOW)
    return call.key(office)


def post(call, secret="", key="k", **changes):
    data = json.dumps(BODY | changes)
    return call("post", "organisations/", key=key, secret=secret, data=data)


def test_a_registrar_registers_one_once_and_lists_all(call, registrar):
    first = post(call, registrar)
    assert (first.status_code, first.json()["slug"]) == (201, "new")
    assert post(call, registrar, "k2", roles=["producer"]).status_code == 201
    roles = OrganisationRole.objects.filter(organisation__slug="new")
    assert sorted(roles.values_list("role", flat=True)) == ["producer", "trader"]
    slugs = [r["slug"] for r in call("get", "organisations/", secret=registrar).json()["results"]]
    assert sorted(slugs) == sorted(Organisation.objects.values_list("slug", flat=True))


def test_nobody_else_registers_or_lists(call):
    for answer in (post(call), call("get", "organisations/")):
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert not Organisation.objects.filter(slug="new").exists()


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"slug": "a b"}, {"roles": []}, {"roles": ["king"]}]
)
def test_a_wrong_one_is_explained(call, registrar, changes):
    assert post(call, registrar, **changes).status_code == 400


def test_a_short_name_taken_by_another_is_refused(call, registrar, trail):
    answer = post(call, registrar, slug=trail.company.slug)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_organisation")


def test_a_short_name_is_looked_up(call, trail):
    found = call("get", f"organisations/{trail.company.slug}/").json()
    assert found["name"] == trail.company.name
    assert call("get", "organisations/ghost/").status_code == 404
