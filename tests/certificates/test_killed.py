"""Issuance that is killed in the middle goes on where it was, and no Wh is issued twice."""

import pytest
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
from tests.certificates.slow_issue import CHUNK
from tests.processes import kill_once_it_says, start

HOURS = 120


@pytest.fixture
def plant(transactional_db, data_dir):
    reference.load()
    register_organisation(name="Farm", slug="farm", roles=["producer"], now=NOW)
    device = register_device(facts=facts(), now=NOW, approve=True)
    lines = [f"2018-01-{n // 24 + 1:02}T{n % 24:02}:00Z,{n * 37 % HOURS + 1}" for n in range(HOURS)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW)
    return device


def kill_in_the_middle(device) -> int:
    """Issue in a process of its own and kill it in its second transaction; the lots there are."""
    process = start("tests.certificates.slow_issue", device.pk, NOW.isoformat(), "halt")
    kill_once_it_says(process, "written")
    return Lot.objects.count()


def test_issuance_killed_twice_goes_on_and_ends_with_each_wh_once(plant):
    first = kill_in_the_middle(plant)
    second = kill_in_the_middle(plant)
    assert 0 < first < second <= 2 * CHUNK
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
