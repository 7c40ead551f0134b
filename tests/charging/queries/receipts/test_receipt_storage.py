"""A car charged from storage: the receipt names the plant that generated, and proves it."""

from datetime import timedelta

import pytest

from certificates.domain.storage.facts import read_storage_facts
from certificates.domain.storage.flows import read_lines
from certificates.queries.readings.tallies import open_debt_wh
from certificates.services.storage.charging import charge_with_held
from certificates.services.storage.closing import close_interval
from certificates.services.storage.devices import register_storage
from certificates.services.storage.records import record
from charging.queries.company.claims_check import _charges
from charging.queries.company.covered import of_company
from charging.queries.company.evidence_pack import _statements
from charging.queries.receipts.proof import receipt_proof
from charging.queries.receipts.receipt import find_receipt
from charging.queries.receipts.receipt import receipt as receipt_facts
from charging.services.matching.runs import match
from ledger.chain.opening import open_chain
from ledger.domain.proof import files
from ledger.domain.proof.verification import verify
from ledger.services.reconciliation import compare
from ledger.services.settlement import settle
from ledger.services.trust import registry_trust
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.proven import DAY, FIRST, TEN
from tests.ledger.chain.chains import Clock

HOUR = timedelta(hours=1)
JUNE, JULY = TEN.replace(hour=0), TEN.replace(month=7, hour=0)
FACTS = {
    "name": "Battery",
    "capacity_w": 1_000_000,
    "capacity_wh": 2_000_000,
    "method": "fifo",
    "loss_months": 1,
    "area": "10YGB----------A",
    "commissioned_on": "2018-06-01",
}


def flow(start, wh):
    times = {"flow_start_datetime": start.isoformat()}
    return times | {"flow_end_datetime": (start + HOUR).isoformat(), "flow_energy": wh}


@pytest.fixture
def charged(data_dir, quick_keys, producer, company, now, great_britain):
    """10 kWh charged over two hours; 4 kWh of the first are wind that was stored at nine."""
    plant, clock = register_plant(producer, now), Clock()
    generate(plant, TEN - HOUR, ["5"], now)
    facts = read_storage_facts(FACTS | {"organisation": producer.slug})
    battery = register_storage(facts=facts, now=now, approve=True)
    share_all(battery, company, now)
    flows = read_lines([flow(TEN - HOUR, -5000), flow(TEN, 4000)])
    act = {"device": battery, "now": now, "actor": "test"}
    record(**act, flows=flows)
    charge_with_held(**act, starts_at=JUNE, ends_at=JULY)
    settle(clock=clock)
    close_interval(**act, starts_at=JUNE, stored_wh=0)
    charge(company, [FIRST], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    settle(clock=clock)
    return plant, battery, find_receipt("A")


def test_the_receipt_of_a_charge_from_storage_names_the_plant_and_verifies(charged, now):
    plant, battery, receipt = charged
    facts = receipt_facts(receipt.public_id, now)
    (share,) = [share for hour in facts.hours for share in hour.allocations]
    assert (share.amount_wh, share.gsrn, share.renewable) == (4000, battery.gsrn, True)
    assert (share.energy_source, share.technology) == ("Wind", "Wind, Onshore")
    assert share.device_name == f"{plant.name}, stored in Battery"
    assert share.factor_ug_per_wh == plant.lots.get().factor_ug_per_wh
    (source,) = facts.plants
    assert (source.gsrn, source.energy_source) == (battery.gsrn, "Wind")
    verdict = verify(files.parse(files.dump(receipt_proof(receipt))), registry_trust())
    assert verdict.valid
    assert verdict.authenticated
    shown = {(s.device, s.first, s.end) for s in verdict.statement.stretches}
    assert shown == {(battery.gsrn, 0, 4000)}


def test_book_and_chain_agree_when_storage_gave_back(charged):
    chain = open_chain(writable=False)
    try:
        assert compare(chain).differences == ()
    finally:
        chain.close()


def test_a_company_s_figures_count_the_source_that_was_stored(charged, company):
    plant, battery, _ = charged
    ((_, rows),) = _charges(company, *DAY).retired.items()
    assert [row[0] for row in rows] == [plant.energy_source_code]
    first = of_company(company, *DAY)[0]
    assert (first.renewable_wh, first.carbon_free_wh) == (4000, 4000)
    (statement,) = _statements(company, *DAY)
    assert (statement["plant_gsrn"], statement["generated_by"]) == (battery.gsrn, plant.gsrn)
    assert statement["energy_source"] == plant.energy_source_code


def test_a_corrected_plant_gives_the_charge_from_storage_a_new_receipt_that_says_so(charged, now):
    plant, _, receipt = charged
    generate(plant, TEN - HOUR, ["2"], now)  # the meter had said 5 kWh; 3 were never made
    assert receipt_facts(receipt.public_id, now).newer is not None
    facts = receipt_facts(find_receipt("A").public_id, now)
    (deficit,) = facts.deficits
    assert (deficit.gsrn, deficit.starts_at) == (plant.gsrn, TEN - HOUR)
    assert (deficit.before_wh, deficit.after_wh, deficit.deficit_wh) == (5000, 2000, 3000)
    # Of the 4,000 Wh that came back, as many in a thousand as of what was stored.
    assert (deficit.claimed_wh, deficit.affected_wh) == (4000, 2400)
    assert open_debt_wh(plant) == 3000
    (share,) = [share for hour in facts.hours for share in hour.allocations]
    assert share.amount_wh == 4000  # what is retired stays retired
