"""What the charging tests stand on: an area, companies, a plant with lots in the book."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache

from certificates.models import Area, Organisation, OrganisationRole, Role
from certificates.services import reference
from charging.api.ocpi.cdrs import PACE
from charging.services.ocpi import memory as ocpi_memory
from ledger.services.accounts import open_account

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch) -> None:
    """Neither what other tests sent in this second nor a slow machine makes a burst of CDRs, and
    nobody and no figure of another test is remembered."""
    cache.clear()
    monkeypatch.setattr(PACE, "share", timedelta.max)
    PACE.forget()
    ocpi_memory.forget()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def great_britain(db) -> Area:
    reference.load()
    return Area.objects.get(code="10YGB----------A", valid_to__isnull=True)


def make_organisation(name: str, slug: str, role: str) -> Organisation:
    organisation = Organisation.objects.create(
        name=name, slug=slug, account=open_account(name=name), registered_at=LONG_AGO
    )
    OrganisationRole.objects.create(organisation=organisation, role=role)
    return organisation


@pytest.fixture
def company(db) -> Organisation:
    return make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)


@pytest.fixture
def producer(db) -> Organisation:
    return make_organisation("Wind Ltd", "wind", Role.PRODUCER)
