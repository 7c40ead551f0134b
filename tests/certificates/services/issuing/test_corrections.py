"""A corrected reading: both versions stay, and certificates follow in the set order."""

from datetime import UTC, datetime, timedelta

import pytest

from certificates.models import Correction, CorrectionPart, DebtMove, Notice, Reading
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.readings.mass_balance import mass_balance
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services.holding.agreements import agree
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.retirement import RetirementRequest, retire_many
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.meters import readings
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device, suspend
from certificates.signals import readings_corrected
from ledger.models import AuditEvent, OutboxItem
from tests.certificates.conftest import NOW, facts, meter_csv

NEW_YEAR = datetime(2018, 1, 1, tzinfo=UTC)
YEAR = NEW_YEAR, datetime(2019, 1, 1, tzinfo=UTC)


def upload(device, *kwh, first=0, then_issue=True):
    lines = [f"2018-01-01T{first + n:02}:00Z,{value}" for n, value in enumerate(kwh)]
    report = import_readings(
        device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW
    )
    if then_issue:
        issue(device=device, now=NOW)
    return report


def rows(device):
    found = mass_balance(device, *YEAR)
    assert all(row.is_balanced for row in found)
    return found


def retire(holder, amount, key="r", hour=0, account=None):
    at = NEW_YEAR + timedelta(hours=hour)
    row = next(row for row in holdings(holder) if row.starts_at == at)
    request = RetirementRequest(
        key=key,
        holder=holder.pk,
        account=account or holder.account_id,
        asset=row.asset_id,
        lot=row.lot_id,
        mask=row.mask,
        amount_wh=amount,
        claimant=holder.pk,
        beneficiary_type="public_charging",
        beneficiary="",
        purpose="EV charging",
        country="GB",
        consumption_starts_at=at,
        consumption_ends_at=at + timedelta(hours=1),
        reference=key,
        commitment=bytes(32),
    )
    retire_many(requests=[request], now=NOW)


def sources():
    return {(part.source, part.amount_wh) for part in CorrectionPart.objects.standing()}


def test_both_versions_stay_visible_and_the_later_states_the_new_total(device, produce):
    produce("1", "2")
    upload(device, "1.5", "2")
    old, new = Reading.objects.filter(starts_at=NEW_YEAR).order_by("version")
    assert (old.energy_wh, new.energy_wh, new.version) == (1_000, 1_500, 2)
    assert new.replaces == old
    correction = Correction.objects.get()
    assert (correction.before_wh, correction.after_wh) == (1_000, 1_500)
    assert AuditEvent.objects.filter(action="readings.corrected").count() == 1


def test_the_preview_shows_old_and_new_and_stores_nothing(device, produce):
    produce("1", "2")
    report = readings.preview(
        device=device,
        stream=meter_csv("2018-01-01T00:00Z,1.5", "2018-01-01T01:00Z,0.5"),
        selection={},
        now=NOW,
    )
    assert (report["accepted"], report["corrections"]) == (2, 2)
    assert (report["corrected_up_wh"], report["corrected_down_wh"]) == (500, 1_500)
    assert report["diff"][0] == {
        "line": 2,
        "start": "2018-01-01T00:00Z",
        "before_wh": 1_000,
        "after_wh": 1_500,
        "held": False,
    }
    assert not Correction.objects.exists()


def test_the_same_correction_again_changes_nothing(device, produce):
    produce("1", "2")
    upload(device, "1.5", "2")
    report = upload(device, "1.5", "2", "3")
    assert (report["corrections"], report["same"]) == (0, 2)
    assert Correction.objects.count() == 1


def test_upwards_a_supplementary_lot_follows_under_the_next_sequence(device, company, produce):
    agree(device=device, to=company, share_ppm=500_000, now=NOW)
    produce("1", "2")
    upload(device, "1.4", "2")
    lots = device.lots.filter(starts_at=NEW_YEAR).order_by("sequence")
    assert [(lot.sequence, lot.amount_wh) for lot in lots] == [(0, 1_000), (1, 400)]
    assert held_wh(company) == 500 + 1_000 + 200
    assert rows(device)[0].waiting_wh == 0


def test_downwards_the_owner_s_balance_of_the_lot_goes_first(device, company, produce):
    agree(device=device, to=company, share_ppm=500_000, now=NOW)
    produce("1", "2")
    upload(device, "0.6", "2")
    assert sources() == {("lot", 400)}
    assert held_wh(company) == 1_500
    (first, _) = rows(device)
    assert (first.generated_wh, first.issued_wh, first.corrected_wh) == (600, 1_000, 400)
    assert (first.held_wh, first.withdrawn_wh, first.deficit_wh) == (600, 400, 0)


def test_then_the_owner_s_other_lots_of_the_same_interval_and_area(device, farm, company, produce):
    produce("1", "2")
    other = register_device(facts=facts(name="Turbine 3"), now=NOW, approve=True)
    upload(other, "5", "5")
    lot = next(row for row in holdings(farm) if row.device_id == device.pk)
    amounts = {lot.asset_id: 1_000}
    transfer(key="sold", source=farm, destination=company, amounts=amounts, now=NOW)
    upload(device, "0.6", "2")
    assert sources() == {("other_lot", 400)}
    assert rows(device)[0].deficit_wh == 400
    assert rows(other)[0].held_wh == 4_600


def test_then_the_owner_s_reserve(device, farm, company, produce):
    produce("1", "2")
    first, second = holdings(farm)
    change_state(change=Change("reserve", farm, {second.asset_id: 300}), key="k", now=NOW)
    transfer(key="t", source=farm, destination=company, amounts={first.asset_id: 1_000}, now=NOW)
    upload(device, "0.6", "2")
    assert sources() == {("reserve", 300)}
    assert open_debt_wh(device) == 100


def test_then_the_holders_by_standing_agreement_pro_rata_and_they_are_told(device, farm, produce):
    partners = [
        register_organisation(name=f"P{n}", slug=f"p{n}", roles=["charging_company"], now=NOW)
        for n in (1, 2)
    ]
    for partner, share in zip(partners, (200_000, 600_000), strict=True):
        agree(device=device, to=partner, share_ppm=share, now=NOW)
    produce("1", "2")
    upload(device, "0.5", "2")
    assert sources() == {("lot", 200), ("agreement", 75), ("agreement", 225)}
    told = Notice.objects.order_by("amount_wh")
    assert [(n.organisation, n.amount_wh) for n in told] == [(partners[0], 75), (partners[1], 225)]
    assert "75 Wh of certificates of Turbine 2 were withdrawn" in told[0].message


def test_a_buyer_keeps_what_was_bought_even_of_an_agreement_s_holder(device, company, produce):
    agree(device=device, to=company, share_ppm=500_000, now=NOW)
    produce("1", "2")
    row = holdings(device.organisation)[0]
    transfer(
        key="t",
        source=device.organisation,
        destination=company,
        amounts={row.asset_id: 500},
        now=NOW,
    )
    upload(device, "0.2", "2")
    assert sources() == {("agreement", 500)}
    assert open_debt_wh(device) == 300
    assert held_wh(company) == 500 + 1_000


def test_the_rest_is_owed_and_withheld_from_the_next_issuance(device, company, produce):
    agree(device=device, to=company, share_ppm=1_000_000, now=NOW)
    produce("1", "2")
    retire(company, 1_000)
    upload(device, "0.7", "2")
    assert open_debt_wh(device) == 300
    assert Notice.objects.get().kind == Notice.Kind.DEBT
    upload(device, "0.2", "1", first=2)
    assert open_debt_wh(device) == 0
    found = rows(device)
    assert [row.withheld_wh for row in found] == [0, 0, 200, 100]
    assert [row.issued_wh for row in found] == [1_000, 2_000, 0, 900]
    assert [row.deficit_wh for row in found] == [300, 0, 0, 0]
    assert found[0].retired_wh == 1_000
    assert issue(device=device, now=NOW).lots == 0


def test_what_is_corrected_back_lowers_the_debt_and_gives_back_what_was_withheld(
    device, company, produce
):
    agree(device=device, to=company, share_ppm=1_000_000, now=NOW)
    produce("1", "2")
    retire(company, 1_000)
    upload(device, "0.7", "2")
    upload(device, "0.2", "1", first=2)
    upload(device, "0.9", "2")
    found = rows(device)
    assert [row.deficit_wh for row in found] == [100, 0, 0, 0]
    assert sum(row.withheld_wh for row in found) == 100
    assert sum(row.issued_wh for row in found) == 1_000 + 2_000 + 1_100
    assert open_debt_wh(device) == 0


def test_a_correction_below_what_was_withheld_owes_that_again(device, company, produce):
    agree(device=device, to=company, share_ppm=1_000_000, now=NOW)
    produce("1", "2")
    retire(company, 1_000)
    upload(device, "0.5", "2")
    upload(device, "0.8", "0", first=2)
    upload(device, "0.3", "0", first=2)
    found = rows(device)
    assert (found[2].withheld_wh, found[2].issued_wh, found[2].corrected_wh) == (300, 300, 300)
    assert open_debt_wh(device) == 200


def test_a_correction_of_a_reading_not_issued_yet_issues_the_new_total_only(device):
    upload(device, "1", "2", then_issue=False)
    upload(device, "0.4", "2")
    assert [lot.amount_wh for lot in device.lots.order_by("starts_at")] == [400, 2_000]


def test_a_correction_that_is_held_changes_nothing_yet(device, produce):
    produce("1", "2")
    report = upload(device, "9999", "2")
    assert (report["held"], report["corrections"]) == (1, 1)
    assert rows(device)[0].generated_wh == 1_000
    assert not Correction.objects.exists()
    upload(device, "1.2", "2")
    versions = Reading.objects.filter(starts_at=NEW_YEAR).order_by("version")
    assert [each.status for each in versions] == ["accepted", "ended", "accepted"]
    assert rows(device)[0].generated_wh == 1_200


def test_whoever_listens_hears_of_a_correction_in_its_transaction(device, produce):
    heard = []
    readings_corrected.connect(receiver := lambda correction_ids, **_: heard.extend(correction_ids))
    produce("1", "2")
    upload(device, "0.5", "2")
    readings_corrected.disconnect(receiver)
    assert heard == [Correction.objects.get().pk]


def test_what_is_withdrawn_is_on_its_way_to_the_chain(device, produce):
    produce("1", "2")
    upload(device, "0.5", "2")
    item = OutboxItem.objects.get(kind="withdraw")
    assert item.entry.key == f"correct:{device.gsrn}:2018-01-01T00:00Z:60:2:1"


def test_a_suspended_device_is_corrected_too(device, produce):
    produce("1", "2")
    suspend(device=device, now=NOW, actor="auditor", reason="check")
    upload(device, "0.5", "2", then_issue=False)
    assert rows(device)[0].corrected_wh == 500


@pytest.fixture
def netting(farm):
    return register_device(facts=facts(negative_policy="net"), now=NOW, approve=True)


def test_under_net_own_consumption_is_carried_against_what_comes_next(netting):
    upload(netting, "1", "-0.7", "0.5", "0.9")
    assert [lot.amount_wh for lot in netting.lots.order_by("starts_at")] == [1_000, 700]
    found = rows(netting)
    assert [row.withheld_wh for row in found] == [0, 0, 500, 200]
    assert open_debt_wh(netting) == 0


def test_under_net_a_corrected_consumption_gives_back_what_it_took(netting):
    upload(netting, "1", "-0.7", "0.5", "0.9")
    upload(netting, "-0.1", first=1)
    upload(netting, "-0.1", "0.5", first=1)
    total = sum(netting.lots.values_list("amount_wh", flat=True))
    assert total == 1_000 + 500 + 900 - 100
    assert {m.kind for m in DebtMove.objects.all()} == {"consumption", "withheld", "released"}


def test_under_clip_a_negative_interval_takes_nothing_from_others(device):
    upload(device, "1", "-0.7", "0.5")
    assert [lot.amount_wh for lot in device.lots.order_by("starts_at")] == [1_000, 500]
