"""The API's document in docs/ is the one that the registry serves."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

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


def operations(document):
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield f"{method.upper()} {path}", operation


def test_every_write_carries_a_key_and_every_operation_can_refuse(document):
    for operations in document["paths"].values():
        for method, operation in operations.items():
            assert {"400", "4XX"} <= operation["responses"].keys()
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


def test_every_operation_says_in_words_what_it_does_and_who_may(document):
    for name, operation in operations(document):
        assert operation.get("summary"), name
        words = operation["description"]
        keyless = {} in operation.get("security", [{}])
        assert ("without a key" in words) if keyless else ("Scope: `" in words), name
        assert "visible()" not in words, name


def test_every_refusal_is_described_as_a_problem(document):
    for answer in document["components"]["responses"].values():
        (schema,) = [each["schema"] for each in answer["content"].values()]
        assert schema == {"$ref": "#/components/schemas/Problem"}
        assert answer["description"].endswith(".")


def test_examples_are_of_their_schemas(document):
    """What went over the wire once is still what the document says."""
    checked = 0
    for name, operation in operations(document):
        told = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (each.get("content", {}).get("application/json", {}) for each in told):
            if "example" in content:
                schema = content["schema"] | {"components": document["components"]}
                found = list(Draft202012Validator(schema).iter_errors(content["example"]))
                assert found == [], name
                checked += 1
    assert checked > 100


def test_what_an_example_answers_has_every_field_of_its_schema(document):
    """And no other: fields that came or went since are found here."""
    for name, operation in operations(document):
        for answer in operation["responses"].values():
            content = answer.get("content", {}).get("application/json", {})
            if "example" in content:
                assert not list(strangers(content["schema"], content["example"], document)), name


def strangers(schema, value, document):
    """Fields of a value that its schema does not name."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/")[-1]]
    if isinstance(value, list):
        for each in value:
            yield from strangers(schema.get("items", {}), each, document)
    elif isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        yield from value.keys() - known.keys()
        for name in known.keys() & value.keys():
            yield from strangers(known[name], value[name], document)


@pytest.mark.parametrize("operation", ["POST /api/v1/offers/", "POST /api/v1/certificates/cancel/"])
def test_the_acts_show_what_is_sent(document, operation):
    method, path = operation.split()
    shown = document["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]
    assert "select" in shown["example"]
