"""Charge and discharge records: once, never edited, withdrawn while nothing came of them."""

import pytest
from django.db import IntegrityError, transaction

from certificates.errors import LinesRefused, StorageRefused
from certificates.models import ChargeAllocation, StorageRecord
from certificates.queries.holding.holdings import held_wh
from certificates.services.plants.devices import suspend
from certificates.services.storage.records import withdraw
from tests.certificates.conftest import NOW
from tests.certificates.stored import charge, hour, line, settle_losses, take


def refusals(battery, *lines, **how):
    with pytest.raises(LinesRefused) as caught:
        take(battery, *lines, **how)
    return [(one.line, one.message) for one in caught.value.lines]


def test_records_sent_twice_are_there_once(battery):
    lines = [line(0, -500), line(1, 400), line(2, 0)]
    first, again = take(battery, *lines), take(battery, *lines)
    assert (first.recorded, first.empty, first.duplicates) == (2, 1, 0)
    assert (again.recorded, again.duplicates) == (0, 2)
    assert StorageRecord.objects.count() == 2


def test_another_value_is_refused_and_nothing_of_the_file_is_kept(battery):
    take(battery, line(0, -500))
    ((number, message),) = refusals(battery, line(1, -100), line(0, -600))
    assert (number, "500 Wh already" in message) == (2, True)
    assert StorageRecord.objects.count() == 1


def test_a_replaced_record_stays_as_it_was_beside_its_new_version(battery):
    take(battery, line(0, -500, validator_id="grid"))
    assert take(battery, line(0, -600), replace=True).replaced == 1
    old, new = StorageRecord.objects.order_by("version")
    assert (old.energy_wh, old.status, old.validator) == (500, "replaced", "grid")
    assert (new.energy_wh, new.status, new.version) == (600, "in_force", 2)


def test_overlapping_records_are_refused_naming_the_other(battery):
    take(battery, line(0, -500))
    half = line(0, -100) | {"flow_end_datetime": "2018-01-01T00:30Z"}
    ((_, message),) = refusals(battery, half, replace=True)
    assert "Overlaps the charge from 2018-01-01 00:00 to 01:00" in message


def test_what_cannot_have_been_measured_is_refused_line_by_line(battery):
    future = line(24 * 900, -10)
    before = line(-1, -10)
    assert [n for n, _ in refusals(battery, line(0, -1_050_001), future, before)] == [1, 2, 3]
    assert take(battery, line(0, -1_050_000)).recorded == 1


def test_a_plant_or_suspended_storage_takes_no_records(battery, device):
    with pytest.raises(StorageRefused, match="Name a storage device"):
        take(device, line(0, -500))
    suspend(device=battery, now=NOW, actor="test", reason="meter")
    with pytest.raises(StorageRefused, match="suspended"):
        take(battery, line(0, -500))


def test_withdrawing_a_charge_gives_its_certificates_back(battery, produce):
    produce("1", "2")
    take(battery, line(0, -800))
    charge(battery)
    pk = battery.storage_records.get().pk
    report = withdraw(device=battery, record_ids=[pk], now=NOW, actor="test")
    assert (report.records, report.returned_wh, report.kept_wh) == (1, 800, 0)
    assert held_wh(battery.organisation) == 3000
    assert not ChargeAllocation.objects.standing().exists()


def test_what_is_on_the_chain_stays_retired_and_a_new_record_takes_it_over(
    battery, produce, certify
):
    produce("1", "2")
    take(battery, line(0, -800))
    charge(battery)
    certify()
    pk = battery.storage_records.get().pk
    assert withdraw(device=battery, record_ids=[pk], now=NOW, actor="test").kept_wh == 800
    assert held_wh(battery.organisation) == 2200
    take(battery, line(0, -900))
    report = charge(battery)
    assert (report.amount_wh, report.unknown_wh) == (100, 0)


def test_a_record_that_is_not_in_force_or_another_s_cannot_be_withdrawn(battery):
    take(battery, line(0, -500))
    pk = battery.storage_records.get().pk
    withdraw(device=battery, record_ids=[pk], now=NOW, actor="test")
    with pytest.raises(LinesRefused) as caught:
        withdraw(device=battery, record_ids=[pk, pk + 1], now=NOW, actor="test")
    assert [one.line for one in caught.value.lines] == [1, 2]
    with pytest.raises(LinesRefused):
        withdraw(device=battery, record_ids=[], now=NOW, actor="test")


def test_a_settled_interval_takes_and_gives_up_no_record(battery):
    take(battery, line(0, -500), line(1, 300))
    settle_losses(battery)
    pk = battery.storage_records.first().pk
    with pytest.raises(LinesRefused, match="settled"):
        withdraw(device=battery, record_ids=[pk], now=NOW, actor="test")
    assert [n for n, _ in refusals(battery, line(5, -10), line(0, -9), replace=True)] == [1, 2]
    # What is known already is known still.
    assert take(battery, line(0, -500)).duplicates == 1


@pytest.mark.parametrize(
    "change",
    [
        {"energy_wh": 0},
        {"ends_at": hour(0)},
        {"version": 1},
        {"version": 2},
        {"version": 2, "status": "withdrawn"},
    ],
)
def test_the_database_refuses_records_that_contradict_each_other(battery, change):
    take(battery, line(0, -500))
    row = battery.storage_records.get()
    row.pk = None
    for name, value in ({"version": 2} | change).items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
