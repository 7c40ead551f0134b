"""Reference tables are loaded once."""

import pytest

from certificates.models import Area
from certificates.services import reference


@pytest.mark.django_db
def test_loading_again_adds_nothing():
    first = reference.load()
    assert first["areas"] == Area.objects.count() > 40
    assert reference.load() == {"areas": 0, "factors": 0}
