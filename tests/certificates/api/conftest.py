"""A caller with a key, and two organisations that must not see each other's rows."""

from datetime import UTC, datetime

import pytest

from certificates.domain.scopes import SCOPES
from certificates.models import OrganisationRole
from certificates.services.api_keys import create_api_key
from tests.trail import make_trail

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def trail(db):
    return make_trail(0)


@pytest.fixture
def other(trail):
    return make_trail(1)


@pytest.fixture
def call(client, trail):
    """Sends a request with the key of an organisation; `call.key(...)` makes the key."""

    class Call:
        def key(self, organisation, scopes=tuple(SCOPES)):
            return create_api_key(
                organisation=organisation, label="test", scopes=scopes, actor="test", now=NOW
            )[1]

        def __call__(self, method, path, *, secret=None, key=None, **more):
            headers = {"Authorization": f"Bearer {secret or self.secret}"}
            if key:
                headers["Idempotency-Key"] = key
            sender = getattr(client, method)
            if method == "post" and "content_type" not in more and not more.pop("multipart", False):
                more["content_type"] = "application/json"
            return sender(f"/api/v1/{path}", headers=headers, **more)

    call = Call()
    call.secret = call.key(trail.producer)
    OrganisationRole.objects.get_or_create(organisation=trail.producer, role="producer")
    return call
