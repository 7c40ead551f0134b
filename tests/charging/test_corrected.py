"""A meter is corrected after a charge: its receipt says so at once, in a new version."""

import pytest
from django.urls import reverse

from charging.models import Receipt
from charging.queries.receipts.facts import ReceiptState
from charging.queries.receipts.receipt import receipt
from charging.services.matching.runs import match
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [B], now)
    generate(device, TEN, ["8"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    return device


def versions(now):
    return [receipt(row.public_id, now) for row in Receipt.objects.order_by("version")]


def test_the_receipt_shows_old_and_new_side_by_side_in_a_new_version(plant, now, client):
    generate(plant, TEN, ["5"], now)
    old, new = versions(now)
    assert old.state == ReceiptState.SUPERSEDED
    assert (new.version, new.older.version) == (2, 1)
    (deficit,) = new.deficits
    assert (deficit.before_wh, deficit.after_wh) == (8_000, 5_000)
    assert (deficit.deficit_wh, deficit.claimed_wh) == (3_000, 8_000)
    assert deficit.affected_wh == 3_000
    assert new.renewable_wh == 8_000
    page = client.get(reverse("receipt", args=[new.public_id])).content.decode()
    assert "A meter was corrected" in page
    assert "5\u202f000" in page or "5,000" in page or "5000" in page
    assert "corrected" in client.get(reverse("receipt", args=[old.public_id])).content.decode()


def test_a_correction_that_takes_nothing_from_a_charge_leaves_its_receipt_alone(plant, now):
    generate(plant, TEN, ["9"], now)
    (only,) = versions(now)
    assert only.deficits == ()


def test_a_correction_back_is_a_further_version_without_the_deficit(plant, now):
    generate(plant, TEN, ["5"], now)
    generate(plant, TEN, ["8", "0", "0"], now)
    assert [len(facts.deficits) for facts in versions(now)] == [0, 0, 0]
    assert versions(now)[-1].version == 3


def test_two_charges_share_the_deficit_by_what_they_use(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A, B], now)
    generate(device, TEN, ["9"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    generate(device, TEN, ["0"], now)
    latest = [facts for facts in versions(now) if facts.version == 2]
    assert sum(f.deficits[0].affected_wh for f in latest) == 9_000
