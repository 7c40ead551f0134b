"""Browser tests stand on what the charging tests do."""

from types import SimpleNamespace

import pytest

from certificates.models import Membership, OrganisationRole, Role, User
from certificates.services import reference
from tests.charging.conftest import company, great_britain, now, producer, unhurried
from tests.trail import make_trail

__all__ = ["company", "great_britain", "now", "producer", "unhurried"]


@pytest.fixture
def desk(page, enter, company):
    """The page, with somebody of the charging company logged in."""
    reference.load()
    user = User.objects.create_user("company@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    enter(user)
    return page


@pytest.fixture
def trail(data_dir) -> SimpleNamespace:
    """One of everything, of a producer."""
    trail = make_trail(0)
    reference.load()
    OrganisationRole.objects.get_or_create(organisation=trail.producer, role="producer")
    return trail
