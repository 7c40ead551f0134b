"""What is held of each plant is what its certificates add up to."""

from datetime import timedelta

from certificates.domain.selection import Criteria
from certificates.queries.holding.held_plants import held_plants
from certificates.queries.holding.selecting import device_sums, select
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants.devices import register_device
from ledger.models import Asset, Balance
from tests.certificates.conftest import NOW, facts, meter_csv


def another_plant(*kwh):
    plant = register_device(facts=facts(name="Turbine 3"), now=NOW, approve=True)
    lines = [f"2018-02-01T{hour:02}:00:00Z,{value}" for hour, value in enumerate(kwh)]
    import_readings(device=plant, stream=meter_csv(*lines), name="m.csv", selection={}, now=NOW)
    issue(device=plant, now=NOW)
    return plant


def test_plants_are_summed_as_their_certificates_one_by_one(device, produce):
    produce("1", "2", "3")
    other = another_plant("7", "0.5")
    found = held_plants(device.organisation)
    assert found == device_sums(select(device.organisation, Criteria()))
    assert [line.device for line in found] == [other, device]
    assert [(line.lots, line.amount_wh) for line in found] == [(2, 7_500), (3, 6_000)]
    assert found[1].ends_at - found[1].first == timedelta(hours=3)


def test_what_was_passed_on_counts_where_it_is(device, produce, company):
    first, *_ = produce("1", "2")
    asset = first.assets.get().asset_id
    move = {"source": device.organisation, "destination": company, "now": NOW}
    transfer(key="t", amounts={asset: 1_000}, **move)
    assert [line.amount_wh for line in held_plants(device.organisation)] == [2_000]
    (line,) = held_plants(company)
    assert (line.lots, line.amount_wh, line.first) == (1, 1_000, first.starts_at)


def test_who_holds_nothing_or_only_money_holds_of_no_plant(company):
    euro = Asset.objects.create(kind="currency", code="EUR", unit="cent")
    Balance.objects.create(account=company.account, asset=euro, amount=500)
    assert held_plants(company) == []


def test_plants_take_two_queries(device, produce, django_assert_num_queries):
    produce("1", "2", "3")
    with django_assert_num_queries(2):
        held_plants(device.organisation)
