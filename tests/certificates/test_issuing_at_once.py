"""Two processes issue at the same time: of two plants side by side, of one after the other."""

import pytest
from django.db.models import Sum

from certificates.models import Lot
from certificates.services import reference
from certificates.services.holding.agreements import agree
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from ledger.models import Balance, Entry
from ledger.services.consistency import balances, conservation
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.processes import end_of, start

HOURS = 120


@pytest.fixture
def plants(transactional_db, data_dir):
    reference.load()
    register_organisation(name="Farm", slug="farm", roles=["producer"], now=NOW)
    company = register_organisation(
        name="Company", slug="company", roles=["charging_company"], now=NOW
    )
    found = [register_device(facts=facts(name=f"T{n}"), now=NOW, approve=True) for n in (1, 2)]
    lines = [f"2018-01-{n // 24 + 1:02}T{n % 24:02}:00Z,{n * 37 % HOURS + 1}" for n in range(HOURS)]
    for device in found:
        agree(device=device, to=company, share_ppm=500_000, now=NOW)
        import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW)
    return found


def start_issuing(devices):
    return [
        start("tests.certificates.slow_issue", device.pk, NOW.isoformat()) for device in devices
    ]


def issue_together(devices) -> None:
    assert [end_of(worker) for worker in start_issuing(devices)] == [0, 0]


@pytest.mark.parametrize("places", [(0, 1), (0, 0)], ids=["two plants", "one plant"])
def test_each_wh_is_issued_once(plants, places):
    issue_together([plants[n] for n in places])
    count = len(set(places))
    assert Lot.objects.count() == Entry.objects.count() == count * HOURS
    whole = count * 1_000 * HOURS * (HOURS + 1) // 2
    assert Lot.objects.aggregate(wh=Sum("amount_wh"))["wh"] == whole
    held = Balance.objects.filter(account__system="").values("account").annotate(wh=Sum("amount"))
    assert [each["wh"] for each in held] == [whole // 2, whole // 2]
    assert [*balances(), *conservation()] == []
