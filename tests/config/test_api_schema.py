"""The API keeps its own schema's word, whatever is sent."""

import json

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings

from certificates.domain.scopes import SCOPES
from certificates.models import OrganisationRole
from certificates.services.api_keys import create_api_key
from tests.trail import START, make_trail

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def api(db, data_dir):
    trail = make_trail(0)
    OrganisationRole.objects.get_or_create(organisation=trail.producer, role="producer")
    _, secret = create_api_key(
        organisation=trail.producer, label="fuzz", scopes=list(SCOPES), actor="test", now=START
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    document = json.loads(client.get("/api/v1/schema/?format=json").content)
    return schemathesis.openapi.from_dict(document), client


def test_no_request_of_the_schema_breaks_the_api(api):
    schema, client = api
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def send(case):
            answer = client.generic(
                case.method.upper(),
                case.formatted_path,
                data=json.dumps(case.body) if isinstance(case.body, dict | list) else "",
                content_type="application/json",
                query_params={k: v for k, v in (case.query or {}).items() if v is not None},
                headers={
                    k: str(v) for k, v in (case.headers or {}).items() if str(v).isprintable()
                },
            )
            assert answer.status_code < 500, (case.method, case.formatted_path)
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json"
                assert answer.json()["status"] == answer.status_code

        given(case=operation.as_strategy())(send)()
