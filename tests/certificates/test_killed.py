"""Issuance that is killed in the middle goes on where it was, and no Wh is issued twice."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db.models import Sum

from certificates.models import Lot, LotAsset
from certificates.services import reference
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from ledger.models import Asset, Balance, Entry
from ledger.services.consistency import balances, conservation
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.fixtures.database import database_url

HOURS = 700


@pytest.fixture
def plant(transactional_db, data_dir):
    reference.load()
    register_organisation(name="Farm", slug="farm", roles=["producer"], now=NOW)
    device = register_device(facts=facts(), now=NOW, approve=True)
    lines = [f"2018-01-{n // 24 + 1:02}T{n % 24:02}:00Z,{n * 37 % HOURS + 1}" for n in range(HOURS)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW)
    return device


def kill_in_the_middle(device) -> int:
    """Start issuance in a process of its own and kill it once it has issued something more."""
    before = Lot.objects.count()
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.certificates.slow_issue", str(device.pk), NOW.isoformat()],
        cwd=settings.BASE_DIR,
        env=env,
    )
    deadline = time.monotonic() + 60
    while Lot.objects.count() == before and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait(timeout=20)
    return Lot.objects.count()


def test_issuance_killed_twice_goes_on_and_ends_with_each_wh_once(plant):
    first = kill_in_the_middle(plant)
    second = kill_in_the_middle(plant)
    assert 0 < first < second < HOURS
    report = issue(device=plant, now=NOW)
    assert report.lots == HOURS - second
    whole = 1_000 * HOURS * (HOURS + 1) // 2
    assert Lot.objects.aggregate(wh=Sum("amount_wh"))["wh"] == whole
    counts = {model.objects.count() for model in (Lot, LotAsset, Asset, Entry)}
    assert counts == {HOURS}
    held = Balance.objects.filter(account__system="").aggregate(wh=Sum("amount"))["wh"]
    assert held == whole
    assert [*balances(), *conservation()] == []
    assert issue(device=plant, now=NOW).lots == 0
