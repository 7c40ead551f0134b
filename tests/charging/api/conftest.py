"""The charging company calls."""

import pytest

from tests.fixtures.api import Caller, other, trail

__all__ = ["call", "other", "trail"]


@pytest.fixture
def call(client, trail):
    return Caller(client, trail.company)
