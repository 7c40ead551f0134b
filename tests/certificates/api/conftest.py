"""The producer calls."""

import pytest

from certificates.models import OrganisationRole
from tests.fixtures.api import Caller, other, trail

__all__ = ["call", "other", "trail"]


@pytest.fixture
def call(client, trail):
    OrganisationRole.objects.get_or_create(organisation=trail.producer, role="producer")
    return Caller(client, trail.producer)
