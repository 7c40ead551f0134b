"""A generator who is logged in."""

import pytest

from certificates.models import OrganisationRole
from certificates.services import reference
from tests.trail import make_trail


@pytest.fixture
def trail(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    trail = make_trail(0)
    reference.load()
    OrganisationRole.objects.get_or_create(organisation=trail.producer, role="producer")
    client.force_login(trail.user)
    return trail
