"""What a receipt says, in every state, in a bounded number of queries."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from certificates.models import GridIntensity, Retirement
from charging.errors import UnknownSession
from charging.models import Receipt
from charging.queries.receipts.facts import HourState, ReceiptState
from charging.queries.receipts.receipt import find_receipt, receipt
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt, open_receipts
from ledger.models import Batch, Block, OutboxItem
from tests.charging.plant import charge, generate, register_plant, share_all

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))
A = "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street"


@pytest.fixture
def plant(producer, company, now, great_britain):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A], now)
    for hour, figure in ((10, 200), (11, 300), (12, 100)):
        GridIntensity.objects.create(
            area=device.area,
            starts_at=TEN.replace(hour=hour),
            emissions_ug_per_wh=figure,
            source="made",
            scope="lifecycle",
            gas="CO2e",
        )
    return device


def book(company, now) -> None:
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def certify() -> None:
    """As if the chain had sealed everything: numbers from 1,999,000 on."""
    block = Block.objects.create(
        height=7,
        block_hash=b"\x07" * 32,
        state_root=b"\x01" * 32,
        sealed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    batch = Batch.objects.create(
        nonce=1,
        sequence=1,
        kind=Batch.Kind.SETTLE,
        status=Batch.Status.SEALED,
        raw_transaction=b"",
        transaction_hash=b"\x02" * 32,
        block=block,
        prepared_at=block.sealed_at,
    )
    OutboxItem.objects.filter(kind="settle").update(status="certified", batch=batch)
    Retirement.objects.update(first_renewable_wh=1_999_000, first_emissions_wh=1_999_000)


def facts(now):
    return receipt(find_receipt("A").public_id, now)


def test_an_open_hour_keeps_the_receipt_waiting(plant, company, now):
    found = facts(now)
    assert found.state == ReceiptState.WAITING
    assert {hour.state for hour in found.hours} == {HourState.OPEN}
    assert found.energy_wh == 10_000
    assert found.tracked_wh == 0


def test_a_charge_without_generation_ends_as_closed_without_certificates(plant, company, now):
    book(company, now)
    found = facts(now)
    assert found.state == ReceiptState.CLOSED_WITHOUT_CERTIFICATES
    assert found.is_final
    assert all("No generation" in hour.why_unmatched for hour in found.hours)
    assert found.emissions.charge_ug == found.emissions.grid_ug == 5_000 * 500


def test_matched_but_not_sealed_is_pending(plant, company, now):
    generate(plant, TEN, ["2", "100"], now)
    book(company, now)
    found = facts(now)
    assert found.state == ReceiptState.PENDING
    assert found.renewable_wh == found.carbon_free_wh == found.tracked_wh == 7_000
    assert not found.blocks
    assert found.hours[0].allocations[0].certificate_numbers is None


def test_a_sealed_receipt_prints_numbers_block_and_exact_emissions(plant, company, now):
    generate(plant, TEN, ["2", "100"], now)
    book(company, now)
    certify()
    found = facts(now)
    assert found.state == ReceiptState.CERTIFIED
    assert [block.height for block in found.blocks] == [7]
    share = found.hours[0].allocations[0]
    assert (share.first_wh, share.last_wh) == (1_999_000, 2_000_999)
    assert share.certificate_numbers == (1, 2)
    assert found.emissions.charge_ug == 7_000 * share.factor_ug_per_wh + 3_000 * 200
    assert found.emissions.grid_ug == 5_000 * 200 + 5_000 * 300
    assert found.emissions.distance_km == Decimal("50.0")
    assert found.plants[0].amount_wh == 7_000
    assert "shared in proportion" in found.hours[0].why_unmatched
    assert found.hours[1].why_unmatched == ""


def test_the_hour_with_most_generation_left_would_have_been_greener(plant, company, now):
    generate(plant, TEN, ["2", "6", "30", "20"], now)
    book(company, now)
    best = facts(now).best_other_hour
    assert best.starts_at == TEN.replace(hour=12)
    assert best.spare_wh == 30_000
    assert best.grid_ug_per_wh == 100


def test_without_the_grid_s_figures_the_receipt_says_so(plant, company, now):
    GridIntensity.objects.all().delete()
    found = facts(now)
    assert found.emissions.charge_ug is None
    assert found.emissions.grid_ug is None
    assert "No figure" in found.emissions.grid_source


def test_a_newer_version_supersedes_the_older_one(plant, company, now):
    old = find_receipt("a")
    new = Receipt.objects.create(session=old.session, version=2, reason="less", opened_at=now)
    assert receipt(old.public_id, now).state == ReceiptState.SUPERSEDED
    assert receipt(old.public_id, now).newer.public_id == new.public_id
    assert receipt(new.public_id, now).older.version == 1
    assert find_receipt("a") == new


def test_a_failed_retirement_is_shown_and_not_counted(plant, company, now):
    generate(plant, TEN, ["2", "100"], now)
    book(company, now)
    certify()
    OutboxItem.objects.filter(entry__retirement__amount_wh=2_000).update(status="failed")
    found = facts(now)
    assert found.renewable_wh == 5_000
    assert not found.hours[0].allocations
    assert [share.state for share in found.hours[0].fallen] == ["failed"]


def test_the_demo_is_grade_d_and_says_that_it_is_a_demo(plant, company, now, settings):
    settings.IS_DEMO = True
    assert facts(now).evidence.grade == "D"
    assert "Demo" in facts(now).labels[0]
    settings.IS_DEMO = False
    assert facts(now).evidence.grade == "C"
    assert not facts(now).labels


def test_the_number_of_queries_does_not_grow_with_the_charge(
    plant, company, now, django_assert_max_num_queries
):
    long = "l,X,1,2018-06-01T00:10Z,2018-06-01T23:50Z,20,Mill Street"
    charge(company, [long], now)
    generate(plant, DAY[0], ["1"] * 24, now)
    book(company, now)
    with django_assert_max_num_queries(17):
        found = receipt(find_receipt("L").public_id, now)
    assert len(found.hours) == 24


def test_an_unknown_link_or_session_is_an_error_of_its_own(db, now):
    with pytest.raises(UnknownSession):
        receipt("nothing", now)
    with pytest.raises(UnknownSession):
        find_receipt("nothing")


def test_whoever_holds_the_link_keeps_the_charge_the_first_one(
    plant, company, now, django_user_model
):
    first = django_user_model.objects.create_user("one@example.org")
    second = django_user_model.objects.create_user("two@example.org")
    link = find_receipt("a").public_id
    claim = claim_receipt(public_id=link, driver=first, now=now, note="mine")
    assert claim_receipt(public_id=link, driver=first, now=now) == claim
    with pytest.raises(UnknownSession):
        claim_receipt(public_id=link, driver=second, now=now)
    assert facts(now).claimed_note == "mine"


def test_missing_receipts_are_opened_once(plant, company, now):
    Receipt.objects.all().delete()
    assert open_receipts(organisation=company, now=now) == 1
    assert open_receipts(organisation=company, now=now) == 0
