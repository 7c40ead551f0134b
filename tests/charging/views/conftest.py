"""A person of the company, at its desk."""

import pytest

from certificates.models import Membership, Role, User


@pytest.fixture
def desk(client, company, great_britain):
    user = User.objects.create_user("company@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(user)
    return client
