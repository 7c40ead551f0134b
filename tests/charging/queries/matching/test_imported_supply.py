"""Certificates of another registry serve a charge, settle and are proven as others are."""

from datetime import timedelta

import pytest

from certificates.domain.device_facts import DeviceFacts
from certificates.models import Retirement
from certificates.queries.holding.holdings import holdings
from certificates.services import reference
from certificates.services.holding.transfer import transfer
from certificates.services.imports.imports import Request, hand_in_file
from certificates.services.imports.registries import register_registry
from certificates.services.plants.devices import register_device
from charging.queries.receipts.proof import receipt_proof
from charging.queries.receipts.receipt import find_receipt
from charging.queries.receipts.receipt import receipt as receipt_facts
from charging.services.matching.runs import match
from ledger.chain.opening import STORE_NAME
from ledger.chain.store import SQLiteStore
from ledger.chain.verify import verify as verify_chain
from ledger.domain.proof import files
from ledger.domain.proof.verification import verify
from ledger.domain.token_id import IMPORTED, TokenId
from ledger.services.reconciliation import reconcile
from ledger.services.settlement import settle
from ledger.services.trust import registry_trust
from tests.certificates.accepting import accept
from tests.certificates.domain.external.files import gc_csv, hours
from tests.charging.plant import charge
from tests.charging.proven import DAY, FIRST, TEN
from tests.ledger.chain.chains import Clock


@pytest.fixture
def abroad(producer, now, great_britain):
    reference.load()
    facts = DeviceFacts(
        name="Abroad",
        organisation=producer.slug,
        technology_code="T020001",
        energy_source_code="F01050100",
        capacity_w=10_000_000,
        area=great_britain.code,
        commissioned_on=TEN.date() - timedelta(days=700),
        kind="external",
    )
    return register_device(facts=facts, now=now, approve=True)


def bring_in(plant, now):
    registry = register_registry(code="other", name="The other registry", country="DK", now=now)
    rows = hours(2, wh=6_000)
    for hour, row in enumerate(rows):
        row["production_starting_interval"] = f"{TEN + timedelta(hours=hour):%Y-%m-%dT%H:%MZ}"
        row["production_ending_interval"] = f"{TEN + timedelta(hours=hour + 1):%Y-%m-%dT%H:%MZ}"
        row["emissions_factor_production_device"] = "7.5"
    request = Request(plant, registry, "gc.csv", "Statement 4711", {"factors": "file"})
    brought = hand_in_file(request=request, stream=gc_csv(*rows), now=now, actor="owner")
    accept(brought=brought, now=now, actor="auditor")


def test_a_charge_is_matched_with_them_and_its_receipt_proves_their_numbers(
    data_dir, quick_keys, abroad, producer, company, now, settings
):
    bring_in(abroad, now)
    amounts = {row.asset_id: row.amount_wh for row in holdings(producer)}
    transfer(source=producer, destination=company, amounts=amounts, key="t", now=now)
    charge(company, [FIRST], now)
    match(organisation=company, starts_at=TEN, ends_at=DAY[1], now=now)
    settle(clock=Clock())
    receipt = find_receipt("A")
    shares = [
        share for hour in receipt_facts(receipt.public_id, now).hours for share in hour.allocations
    ]
    assert sum(share.amount_wh for share in shares) == 10_000
    assert {share.gsrn for share in shares} == {abroad.gsrn}
    assert {share.factor_ug_per_wh for share in shares} == {7_500}
    assert {share.factor_source for share in shares} == {"Stated by The other registry"}
    verdict = verify(files.parse(files.dump(receipt_proof(receipt))), registry_trust())
    assert verdict.authenticated
    codes = Retirement.objects.values_list("entry__postings__asset__code", flat=True)
    assert {TokenId.from_code(code).kind for code in codes} == {IMPORTED}
    assert reconcile().differences == ()
    store = SQLiteStore(data_dir / "chain" / STORE_NAME, writable=False)
    try:
        assert verify_chain(store, chain_id=settings.CHAIN_ID, sealers=None).deviation is None
    finally:
        store.close()
