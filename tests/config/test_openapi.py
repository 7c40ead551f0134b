"""The API's document in docs/ is the one that the registry serves."""

import json
import re
from pathlib import Path

import pytest

from certificates.models import OrganisationRole
from tests.fixtures.api import Caller, trail

__all__ = ["trail"]

COMMITTED = Path(__file__).parents[2] / "docs/openapi.json"
REMEDY = "run: manage.py spectacular --format openapi-json --file docs/openapi.json"
VERBS = ["transfer", "reserve", "release", "lock", "unlock", "withdraw"]


@pytest.fixture(scope="module")
def document():
    return json.loads(COMMITTED.read_text())


def test_the_committed_document_is_what_is_served(client, db, document):
    served = json.loads(client.get("/api/v1/schema/?format=json").content)
    changed = sorted(
        path
        for path in served["paths"].keys() | document["paths"].keys()
        if served["paths"].get(path) != document["paths"].get(path)
    )
    assert not changed, REMEDY
    assert served == document, REMEDY


def test_every_write_carries_a_key_and_every_operation_can_refuse(document):
    for operations in document["paths"].values():
        for method, operation in operations.items():
            assert "4XX" in operation["responses"]
            names = [each["name"] for each in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method in ("post", "patch"))


@pytest.mark.parametrize("verb", VERBS)
def test_the_verbs_over_certificates_are_there(document, verb):
    assert "post" in document["paths"][f"/api/v1/certificates/{verb}/"]


def test_no_write_is_taken_without_its_key(client, trail, document):
    for role in ("producer", "registrar", "charging_company"):
        OrganisationRole.objects.get_or_create(organisation=trail.producer, role=role)
    call = Caller(client, trail.producer)
    for path, operations in document["paths"].items():
        short = re.sub(r"\{[^}]+\}", "1", path.removeprefix("/api/v1/"))
        for method in {"post", "patch"} & set(operations):
            if short == "signed-acts/":  # its signature is its key
                continue
            sent = {"data": "{}", "content_type": "application/json"}
            answer = call(method, short, **sent)
            assert answer.json()["code"] == "idempotency_key_missing", path
