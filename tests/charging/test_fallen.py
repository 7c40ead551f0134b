"""A charge whose retirement or lot fell: the receipt says so, and the hour is open again."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from certificates.models import Lot, Retirement
from certificates.services.issuing.issuance import issue
from charging.models import ClosedInterval, MatchingRun
from charging.queries.company.coverage import coverage
from charging.queries.driver.timeline import charges_of
from charging.queries.front import registry_now
from charging.queries.matching.supply import supply_from_agreements, supply_received
from charging.queries.receipts.facts import ReceiptState
from charging.queries.receipts.receipt import find_receipt, receipt
from charging.queries.showcase import showcase
from charging.queries.story import story
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from charging.tasks import match_closed_intervals
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, B
from tests.refusal import WAYS


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def fall(request, now):
    return lambda entry: request.param(entry, now)


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [B], now)
    generate(device, TEN, ["8"], now)
    run(company, now)
    return device


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def facts(now):
    return receipt(find_receipt("b").public_id, now)


def test_the_receipt_names_what_fell_counts_it_not_and_waits(plant, company, now, fall):
    fall(Retirement.objects.get().entry)
    found = facts(now)
    assert found.state == ReceiptState.WAITING
    assert found.renewable_wh == found.tracked_wh == 0
    assert found.plants == ()
    (hour,) = found.hours
    assert hour.allocations == ()
    (fallen,) = hour.fallen
    assert fallen.amount_wh == 8_000
    assert fallen.state in ("failed", "undone")
    assert "not closed" in hour.why_unmatched
    assert found.evidence.generation.startswith("No generation")


def test_the_receipt_s_page_says_so_in_plain_words(plant, now, fall, client):
    fall(Retirement.objects.get().entry)
    page = client.get(f"/r/{find_receipt('b').public_id}/").content.decode()
    assert "it does not count" in page
    assert "No plant generated for this charge" in page


def test_the_hour_is_matched_in_a_new_round_and_the_old_match_stays_visible(
    plant, company, now, fall
):
    fall(Retirement.objects.get().entry)
    assert [row.matched_wh for row in coverage(company, *DAY)] == [0]
    report = run(company, now)
    assert (report.matched_wh, report.retirements) == (8_000, 1)
    assert ClosedInterval.objects.get().rounds == 2
    found = facts(now)
    assert found.state == ReceiptState.PENDING
    assert found.renewable_wh == 8_000
    assert len(found.hours[0].fallen) == 1
    assert run(company, now).retirements == 0
    assert MatchingRun.objects.count() == 2


def test_an_hour_whose_lot_fell_too_is_closed_without_certificates_by_the_next_match(
    plant, company, now, fall
):
    fall(Retirement.objects.get().entry)
    fall(Lot.objects.get().entry)
    assert facts(now).state == ReceiptState.WAITING
    assert run(company, now).matched_wh == 0
    found = facts(now)
    assert found.state == ReceiptState.CLOSED_WITHOUT_CERTIFICATES
    assert len(found.hours[0].fallen) == 1
    assert run(company, now).retirements == 0
    assert MatchingRun.objects.count() == 2
    issue(device=plant, now=now)
    assert run(company, now).matched_wh == 8_000


def test_supply_and_stories_forget_what_fell(plant, company, now, fall, django_user_model):
    driver = django_user_model.objects.create_user("driver@example.org")
    claim_receipt(public_id=find_receipt("b").public_id, driver=driver, now=now)
    assert charges_of(driver)[0].renewable_wh == 8_000
    assert story().by_hour.matched_wh == 8_000
    place = (plant.area_id, int(TEN.timestamp()))
    fall(Retirement.objects.get().entry)
    assert charges_of(driver)[0].renewable_wh == 0
    assert supply_received(company, *DAY) == {place: 8_000}
    fall(Lot.objects.get().entry)
    assert supply_received(company, *DAY) == {}
    assert supply_from_agreements(company, *DAY, 1_000_000) == {}
    assert story().by_hour.matched_wh == 0
    assert registry_now().issued_lots == 0


def test_the_receipt_to_show_is_chosen_by_what_stands(company, producer, now, fall):
    device = register_plant(producer, now)
    share_all(device, company, now)
    big = "big,X,1,2018-06-01T10:00Z,2018-06-01T13:00Z,30,Mill Street"
    small = "small,X,2,2018-06-01T16:00Z,2018-06-01T19:00Z,12,Mill Street"
    charge(company, [big, small], now)
    generate(device, TEN, ["9", "9", "9", "0", "0", "0", "3", "4", "4"], now)
    run(company, now)
    assert showcase(company, *DAY).session.uid == "BIG"
    for retirement in Retirement.objects.filter(reference__contains="BIG"):
        fall(retirement.entry)
    assert showcase(company, *DAY).session.uid == "SMALL"


def test_the_clock_finds_a_fallen_hour_however_old_it_is(plant, company, now, fall, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 1, tzinfo=UTC))
    assert match_closed_intervals() == 0
    fall(Retirement.objects.get().entry)
    assert match_closed_intervals() == 1
    assert match_closed_intervals() == 0
    assert facts(now).renewable_wh == 8_000
