"""A device whose market trades only whole MWh: issued, shared, moved, corrected and sold so."""

from datetime import UTC, datetime, timedelta

import pytest

from certificates.domain.selection import Criteria
from certificates.errors import AgreementRefused, ApplicationRefused, WholeCertificatesOnly
from certificates.models import Device, Lot, User
from certificates.queries.generator.home import progress
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.queries.readings.issuable import devices_waiting
from certificates.queries.readings.mass_balance import mass_balance
from certificates.queries.readings.tallies import open_debt_wh
from certificates.queries.readings.whole_waiting import issued_wh, waiting_wh
from certificates.services.holding.agreements import agree, agree_hourly
from certificates.services.holding.cancellations import cancel
from certificates.services.holding.holds import Change, change_state
from certificates.services.holding.offers import OfferRequest, accept, offer
from certificates.services.holding.transfer import transfer
from certificates.services.issuing import whole_issuance
from certificates.services.issuing.corrections import carry_out
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.applications import change
from certificates.services.plants.devices import register_device
from charging.queries.matching.supply import held_assets
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.services.holding.test_cancellations import ask

MWH = 1_000_000
START = datetime(2018, 1, 1, tzinfo=UTC)
YEAR = START, datetime(2019, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def whole(farm):
    return register_device(facts=facts(whole_certificates=True), now=NOW, approve=True)


@pytest.fixture
def produce(whole):
    """Import hours of a day of January 2018 (kWh) and issue; the Wh of each lot by time."""

    def make(*kwh, day=1, now=NOW):
        lines = [f"2018-01-{day:02}T{hour:02}:00:00Z,{value}" for hour, value in enumerate(kwh)]
        stream = meter_csv(*lines)
        import_readings(device=whole, stream=stream, name="m.csv", selection={}, now=now)
        issue(device=whole, now=now)
        return amounts(whole)

    return make


def amounts(device):
    rows = Lot.objects.standing().filter(device=device).order_by("starts_at", "sequence")
    return list(rows.values_list("amount_wh", flat=True))


def balanced(device):
    rows = mass_balance(device, *YEAR)
    assert all(row.is_balanced for row in rows)
    assert sum(row.waiting_wh for row in rows) == waiting_wh(device, NOW)
    return rows


def test_the_last_hour_is_issued_in_part_and_its_remainder_in_a_supplementary_lot(whole, produce):
    assert produce(600, 600, 100) == [600_000, 400_000]
    assert waiting_wh(whole, NOW) == 300_000
    assert [row.waiting_wh for row in balanced(whole)] == [0, 200_000, 100_000]
    assert produce(700, 0, day=2) == [600_000, 400_000, 200_000, 100_000, 700_000]
    assert waiting_wh(whole, NOW) == 0
    second = whole.lots.filter(starts_at=START + HOUR).order_by("sequence")
    assert list(second.values_list("sequence", "amount_wh")) == [(0, 400_000), (1, 200_000)]
    balanced(whole)


def test_less_than_a_mwh_issues_nothing_and_again_issues_nothing(whole, produce):
    assert produce(999, "0.999") == []
    assert issue(device=whole, now=NOW).lots == 0
    assert produce("0.001", 0, day=2) == [999_000, 999, 1]
    assert issue(device=whole, now=NOW).lots == 0


def test_late_data_go_before_what_waits_of_later_hours(whole, produce):
    produce(600, 600, day=2)
    assert produce(500, 500, day=1) == [500_000, 500_000, 600_000, 400_000]
    assert produce(300, 500, day=1) == [500_000, 500_000, 600_000, 400_000]


def test_runs_end_whole_however_few_readings_each_looks_at(monkeypatch, whole, produce):
    monkeypatch.setattr(whole_issuance, "FRESH", 2)
    assert sum(produce(*([130] * 24))) == 3 * MWH
    assert waiting_wh(whole, NOW) == 24 * 130_000 - 3 * MWH
    balanced(whole)


def test_a_small_plant_gets_its_mwh_from_many_readings(monkeypatch, whole, produce):
    monkeypatch.setattr(whole_issuance, "FRESH", 1)
    for day in range(1, 11):
        produce(*(["4.2"] * 24), day=day)
    assert sum(amounts(whole)) == MWH
    assert waiting_wh(whole, NOW) == 8_000


def test_the_remainder_follows_the_plant_that_is_sold(whole, farm, company, produce):
    produce(600, 300)
    whole.organisation = company
    whole.save()
    produce(200, 0, day=2)
    assert (held_wh(farm), held_wh(company)) == (0, MWH)


def test_whole_mwh_alone_are_moved_and_used(whole, farm, company, produce):
    produce(1_000, 1_000, 1_000)
    asset = holdings(farm)[0].asset_id
    acts = [
        lambda: transfer(key="t", source=farm, destination=company, amounts={asset: 1}, now=NOW),
        lambda: offer(request=OfferRequest(farm, company, Criteria(amount_wh=1), "o"), now=NOW),
        lambda: cancel(request=ask(farm, "c", Criteria(amount_wh=MWH + 1)), now=NOW),
        lambda: change_state(change=Change("reserve", farm, {asset: 1}), key="r", now=NOW),
    ]
    for act in acts:
        with pytest.raises(WholeCertificatesOnly, match="is certified in whole MWh"):
            act()
    assert held_wh(farm) == 3 * MWH
    transfer(key="t", source=farm, destination=company, amounts={asset: MWH}, now=NOW)
    made = offer(request=OfferRequest(farm, company, Criteria(amount_wh=MWH), "o"), now=NOW)
    accept(offer=made, by=company, now=NOW)
    cancel(request=ask(farm, "c", Criteria(amount_wh=MWH)), now=NOW)
    assert (held_wh(farm), held_wh(company)) == (0, 2 * MWH)


def test_the_refusal_names_the_plant_and_what_would_do(whole, farm, company, produce):
    produce(1_500, 1_500)
    request = OfferRequest(farm, company, Criteria(amount_wh=2_500_000), "o")
    with pytest.raises(WholeCertificatesOnly) as error:
        offer(request=request, now=NOW)
    assert str(error.value) == (
        f"Turbine 2 ({whole.gsrn}) is certified in whole MWh, and 2,500,000 Wh of it are asked "
        "for. Ask for 2,000,000 Wh or 3,000,000 Wh of it, or leave it out."
    )


def test_a_share_gets_whole_mwh_as_it_earns_them(whole, farm, company, produce):
    agree(device=whole, to=company, share_ppm=250_000, now=NOW)
    for day in (1, 2, 3, 4):
        produce(500, 500, 500, 500, day=day)
        assert held_wh(company) == day // 2 * MWH
    assert held_wh(farm) == 6 * MWH
    balanced(whole)


def test_what_was_issued_before_the_agreement_earns_nothing(whole, company, produce):
    produce(1_000, 1_000)
    later = NOW + HOUR
    agree(device=whole, to=company, share_ppm=500_000, now=later)
    produce(1_000, 0, day=2, now=later)
    assert held_wh(company) == 0
    produce(1_000, 0, day=3, now=later)
    assert held_wh(company) == MWH


def test_wh_of_every_hour_cannot_be_agreed_on(whole, company):
    with pytest.raises(AgreementRefused, match="Agree on a share"):
        agree_hourly(device=whole, to=company, wh_per_hour=500, now=NOW)


def test_a_correction_takes_whole_mwh_and_the_rest_is_owed_and_kept_back(whole, farm, produce):
    produce(1_500, 1_500, 200)
    assert (held_wh(farm), waiting_wh(whole, NOW)) == (3 * MWH, 200_000)
    produce(200, 1_500, 200)
    assert held_wh(farm) == 2 * MWH
    assert open_debt_wh(whole) == 100_000  # 300 kWh, less the 200 kWh that waited
    assert waiting_wh(whole, NOW) == 0
    balanced(whole)
    assert sum(produce(1_100, 0, day=2)) == 4 * MWH
    assert (open_debt_wh(whole), held_wh(farm)) == (0, 3 * MWH)
    balanced(whole)


def test_a_small_correction_is_owed_alone(whole, farm, produce):
    produce(1_000, 500)
    produce(900, 500)
    assert held_wh(farm) == MWH
    assert (open_debt_wh(whole), waiting_wh(whole, NOW)) == (0, 400_000)
    produce("1000.0", 500)
    assert (open_debt_wh(whole), waiting_wh(whole, NOW)) == (0, 500_000)
    balanced(whole)


def test_a_correction_of_another_plant_takes_nothing_in_part_from_a_whole_one(
    whole, farm, device, produce, company
):
    produce(1_000, 500)
    lines = ["2018-01-01T00:00Z,300", "2018-01-01T01:00Z,0"]
    import_readings(device=device, stream=meter_csv(*lines), name="n", selection={}, now=NOW)
    issue(device=device, now=NOW)
    mine = {r.asset_id: r.amount_wh for r in holdings(farm) if r.device_id == device.pk}
    transfer(key="t", source=farm, destination=company, amounts=mine, now=NOW)
    lines = ["2018-01-01T00:00Z,100", "2018-01-01T01:00Z,0"]
    import_readings(device=device, stream=meter_csv(*lines), name="n2", selection={}, now=NOW)
    assert open_debt_wh(device) == 200_000
    assert held_wh(farm) == MWH
    assert issued_wh(whole) == MWH


def test_a_trader_s_mixed_offer_names_only_the_whole_plant(whole, farm, produce, company):
    produce(1_000, 500)
    trader = register_organisation(name="T", slug="t", roles=["trader"], now=NOW)
    criteria = Criteria(gsrns=(whole.gsrn,))
    made = offer(request=OfferRequest(farm, trader, criteria, "k"), now=NOW)
    assert made.amount_wh == MWH


def test_nothing_to_correct_is_nothing_to_take(whole):
    assert carry_out(device=whole, corrections=[], now=NOW).owed_wh == 0


def test_whether_mwh_are_whole_stays_as_it_was_once_something_was_issued(whole, produce):
    produce(1_000, 0)
    Device.objects.filter(pk=whole.pk).update(status="draft")
    with pytest.raises(ApplicationRefused, match="stays as it was"):
        change(device=whole, changes={"whole_certificates": False}, now=NOW, actor="t")
    assert Device.objects.get(pk=whole.pk).status == "draft"


def test_a_remainder_alone_is_no_work_for_the_sweep(whole, produce):
    produce(1_000, 600)
    later = NOW + HOUR
    whole.meter_files.update(uploaded_by=User.objects.create(email="p@x.example"))
    assert not devices_waiting(NOW, later).exists()
    assert progress(whole.meter_files.get(), NOW).is_done
    more = meter_csv("2018-01-02T00:00Z,500", "2018-01-02T01:00Z,0")
    import_readings(device=whole, stream=more, name="n.csv", selection={}, now=NOW)
    whole.meter_files.update(uploaded_by=User.objects.get())
    assert list(devices_waiting(NOW, later)) == [whole]
    issue(device=whole, now=NOW)
    assert not devices_waiting(NOW, later).exists()


def test_hourly_matching_leaves_whole_certificates_alone(whole, farm, company, produce):
    produce(1_000, 1_000)
    amounts_ = {row.asset_id: row.amount_wh for row in holdings(farm)}
    transfer(key="t", source=farm, destination=company, amounts=amounts_, now=NOW)
    assert held_wh(company) == 2 * MWH
    assert held_assets(company, *YEAR) == []
