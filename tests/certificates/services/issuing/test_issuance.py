"""Readings become lots: each Wh once, shared by agreement, bound by a digest."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum

from certificates.errors import DeviceNotApproved, FactorMissing
from certificates.models import EmissionFactor, Lot, LotAsset
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.lot_data import public_facts
from certificates.services.holding.agreements import agree
from certificates.services.issuing.issuance import CHUNK, issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants import devices
from ledger.domain.lot_data import data_leaf
from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE, TokenId
from ledger.models import Asset, Balance, Entry, OutboxItem
from tests.certificates.conftest import facts, meter_csv
from tests.certificates.domain.test_meter_file import KELMARSH

NEW_YEAR = datetime(2018, 1, 1, tzinfo=UTC)


def test_a_lot_s_code_names_plant_hour_and_attributes(device, produce):
    (lot,) = produce("1.5", "-3")
    token = TokenId.from_code(lot.assets.get().asset.code)
    assert token.device == int(device.gsrn)
    assert (token.starts_at, token.length, token.mask) == (NEW_YEAR, 60, BOTH)
    assert int(lot.code, 16) == token.lot
    assert lot.amount_wh == 1500
    assert lot.entry.key == f"issue:{device.gsrn}:2018-01-01T00:00Z:60:0"
    assert lot.first_wh is None


def test_the_factor_is_frozen_in_the_lot(produce):
    (lot,) = produce("1", "0")
    EmissionFactor.objects.filter(pk=lot.factor_id).update(emissions_ug_per_wh=1)
    lot.refresh_from_db()
    assert lot.factor_ug_per_wh == 11_000


def test_the_digest_in_the_outbox_binds_the_lot_s_public_facts(produce):
    (lot,) = produce("1", "0")
    item = OutboxItem.objects.get(entry=lot.entry)
    assert bytes(item.digest) == data_leaf(public_facts(lot))
    assert public_facts(lot)["file"] == lot.reading.file.sha256


def test_shares_go_to_the_holders_and_the_rest_to_the_owner(device, company, produce, now):
    agree(device=device, to=company, share_ppm=46_300, now=now)
    produce("1.234", "0.001", "2")
    assert held_wh(company) == 57 + 0 + 92
    assert held_wh(company) + held_wh(device.organisation) == 3235
    assert [row.amount_wh for row in holdings(company)] == [57, 92]


def test_an_agreement_counts_for_its_period_of_production_only(device, company, produce, now):
    period = (NEW_YEAR + timedelta(hours=1), NEW_YEAR + timedelta(hours=2))
    agree(device=device, to=company, share_ppm=500_000, period=period, now=now)
    produce("1", "1", "1")
    assert [row.starts_at for row in holdings(company)] == [period[0]]


def test_issuing_again_issues_only_what_is_new(device, produce, now):
    produce("1", "2")
    assert issue(device=device, now=now).lots == 0
    lots = produce("1", "2", "3")
    assert [lot.amount_wh for lot in lots] == [1000, 2000, 3000]


def test_held_negative_zero_and_estimated_readings_issue_nothing(device, produce, now):
    lots = produce("99999", "-1", "0", "4")
    assert [lot.amount_wh for lot in lots] == [4000]
    lots[0].device.readings.filter(energy_wh=0).update(energy_wh=5, quality="estimated")
    assert issue(device=device, now=now).lots == 0


def test_a_period_can_be_issued_first(device, now):
    lines = [f"2018-01-01T{hour:02}:00Z,1" for hour in range(4)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    one = NEW_YEAR + timedelta(hours=1), NEW_YEAR + timedelta(hours=3)
    assert issue(starts_at=one[0], ends_at=one[1], now=now).lots == 2
    assert issue(now=now).lots == 2


def test_a_suspended_device_waits(device, produce, now):
    produce("1", "1")
    devices.suspend(device=device, now=now, actor="auditor", reason="check")
    with pytest.raises(DeviceNotApproved):
        issue(device=device, now=now)
    assert issue(now=now).devices == 0


def produce_with(technology: str, source: str, now):
    stated = facts(technology_code=technology, energy_source_code=source)
    device = devices.register_device(facts=stated, now=now, approve=True)
    lines = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,1")
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    return device


def test_renewable_generation_without_a_factor_proves_its_source_only(farm, now):
    device = produce_with("T050501", "F01030100", now)
    issue(device=device, now=now)
    assert {(lot.mask, lot.factor_ug_per_wh) for lot in device.lots.all()} == {(RENEWABLE, None)}
    lot = device.lots.first()
    assert public_facts(lot)["factor"] == ""
    assert bytes(OutboxItem.objects.get(entry=lot.entry).digest) == data_leaf(public_facts(lot))


def test_what_would_prove_nothing_is_not_issued_and_the_reason_is_told(farm, now):
    device = produce_with("T050501", "F02020307", now)
    with pytest.raises(FactorMissing):
        issue(device=device, now=now)
    assert "T050501" in issue(now=now).waiting[device.gsrn]


def test_nuclear_generation_is_tracked_by_its_emissions_only(farm, now):
    device = produce_with("T060200", "F03010100", now)
    issue(device=device, now=now)
    assert {lot.mask for lot in device.lots.all()} == {EMISSIONS}


def test_several_transactions_issue_each_reading_once(device, now, monkeypatch):
    monkeypatch.setattr("certificates.services.issuing.issuance.CHUNK", 3)
    assert CHUNK > 3
    lines = [f"2018-01-01T{hour:02}:00Z,{hour + 1}" for hour in range(10)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    seen = []
    report = issue(device=device, now=now, progress=lambda *pair: seen.append(pair))
    assert (report.lots, report.issued_wh) == (10, 55_000)
    assert seen[-1] == (10, 10)
    assert Lot.objects.count() == LotAsset.objects.count() == Asset.objects.count() == 10


def test_the_sample_year_issues_its_known_lots_and_share(farm, company, now):
    device = devices.register_device(facts=facts(), now=now, approve=True)
    agree(device=device, to=company, share_ppm=46_300, now=now)
    with KELMARSH.open("rb") as stream:
        report = import_readings(
            device=device,
            stream=stream,
            name=KELMARSH.name,
            selection={"turbine": "Kelmarsh 2"},
            now=now,
        )
    assert (report["accepted"], report["unobserved"], report["negative"]) == (8_470, 290, 532)
    issued = issue(device=device, now=now)
    assert (issued.lots, issued.issued_wh) == (7_938, 5_663_514_360)
    assert held_wh(company) == 262_216_744
    assert held_wh(company) + held_wh(farm) == 5_663_514_360
    assert Balance.objects.aggregate(Sum("amount"))["amount__sum"] == 0
    assert Entry.objects.filter(kind="issue").count() == 7_938


def test_listeners_are_told_of_whose_days_lots_were_issued(device, farm, company, now, told):
    agree(device=device, to=company, share_ppm=1, now=now)  # no Wh of the first day
    lines = ["2018-01-01T23:00Z,500", "2018-01-02T00:00Z,1500"]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    issue(device=device, now=now)
    first, second = date(2018, 1, 1), date(2018, 1, 2)
    assert told == {farm.account_id: {first, second}, company.account_id: {second}}
