"""Only certificates of the charge's own time, area and owner are retired for it, once."""

import pytest

from certificates.errors import LinesRefused, WholeCertificatesOnly
from certificates.models import ChargeAllocation, Retirement
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants.devices import register_device
from certificates.services.storage.charging import ChargeLine, charge_with
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.stored import charge, line, take


def with_lines(battery, *rows):
    lines = [ChargeLine(n, *row) for n, row in enumerate(rows, start=1)]
    return charge_with(device=battery, lines=lines, now=NOW, actor="test")


def refusals(battery, *rows):
    with pytest.raises(LinesRefused) as caught:
        with_lines(battery, *rows)
    return [(one.line, one.field) for one in caught.value.lines]


@pytest.fixture
def charges(battery, produce):
    """Wind of hours 0 to 2, charged in hours 0 and 1."""
    produce("1", "1", "1")
    take(battery, line(0, -600), line(1, -1500))
    return list(battery.storage_records.order_by("starts_at"))


def test_what_is_held_of_a_charge_s_hour_is_retired_for_it_and_for_no_other(battery, charges):
    report = charge(battery)
    assert (report.retirements, report.amount_wh, report.unknown_wh) == (2, 1600, 500)
    assert held_wh(battery.organisation) == 3000 - 1600


def test_charging_twice_retires_nothing_more(battery, charges):
    charge(battery)
    again = charge(battery)
    assert (again.retirements, again.unknown_wh) == (0, 500)
    assert Retirement.objects.count() == 2


def test_certificates_bought_later_fill_what_was_unknown(battery, charges, company):
    row = holdings(battery.organisation)[1]
    sides = {"source": battery.organisation, "destination": company}
    transfer(key="t", **sides, amounts={row.asset_id: 1000}, now=NOW)
    assert charge(battery).unknown_wh == 1500
    back = {"source": company, "destination": battery.organisation}
    transfer(key="b", **back, amounts={row.asset_id: 700}, now=NOW)
    assert charge(battery).amount_wh == 700


def test_single_certificates_can_be_named_for_single_charges(battery, charges):
    first, second, _ = holdings(battery.organisation)
    report = with_lines(
        battery, (charges[0].pk, first.code, 100), (charges[1].pk, second.code, 900)
    )
    assert report.amount_wh == 1000
    assert ChargeAllocation.objects.standing().count() == 2


def test_every_line_that_cannot_be_is_named_and_nothing_is_retired(battery, charges):
    first, second, third = holdings(battery.organisation)
    assert refusals(
        battery,
        (charges[0].pk, second.code, 10),  # of another hour
        (charges[0].pk, first.code, 601),  # more than was charged
        (charges[1].pk, second.code, 1001),  # more than is held
        (charges[1].pk, third.code, 10),  # of an hour in which nothing was charged
        (charges[1].pk + 50, second.code, 10),  # no charge of this storage
    ) == [(1, "asset"), (2, "amount_wh"), (3, "amount_wh"), (4, "asset"), (5, "record")]
    assert not Retirement.objects.exists()


def test_one_certificate_is_not_given_to_two_lines_beyond_what_is_held(battery, charges):
    _, second, _ = holdings(battery.organisation)
    rows = [(charges[1].pk, second.code, 600)] * 2
    assert refusals(battery, *rows) == [(2, "amount_wh")]
    assert refusals(battery) == [(0, "allocations")]


def test_a_discharge_cannot_be_charged(battery, charges):
    take(battery, line(2, 100))
    third = holdings(battery.organisation)[2]
    discharge = battery.storage_records.get(direction="discharge")
    assert refusals(battery, (discharge.pk, third.code, 10)) == [(1, "record")]


def test_another_s_certificates_are_out_of_reach(battery, charges, company):
    first = holdings(battery.organisation)[0]
    sides = {"source": battery.organisation, "destination": company}
    transfer(key="t", **sides, amounts={first.asset_id: 1000}, now=NOW)
    assert refusals(battery, (charges[0].pk, first.code, 10)) == [(1, "asset")]


def test_a_plant_of_whole_mwh_gives_no_parts_of_one_to_charges(battery, farm):
    whole = register_device(facts=facts(whole_certificates=True), now=NOW, approve=True)
    file = {"name": "m.csv", "selection": {}, "now": NOW}
    lines = meter_csv("2018-01-01T00:00Z,1500", "2018-01-01T01:00Z,0")
    import_readings(device=whole, stream=lines, **file)
    issue(device=whole, now=NOW)
    take(battery, line(0, -600_000))
    assert charge(battery).retirements == 0
    (row,) = holdings(farm)
    record = battery.storage_records.get().pk
    with pytest.raises(WholeCertificatesOnly, match="600,000 Wh of it are asked for"):
        with_lines(battery, (record, row.code, 600_000))
    assert held_wh(farm) == 1_000_000
