"""Charges corrected after they were matched: upward goes on, downward starts anew."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db.models import Sum

from certificates.models import Retirement, User
from charging.errors import UnknownSession
from charging.models import Receipt, Session, SupersededAllocation
from charging.queries.driver.timeline import charges_of
from charging.queries.receipts.receipt import find_receipt, receipt
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from charging.services.sessions.corrections import Correction, correct_session
from ledger.services.settlement import settle
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_superseding import covered
from tests.ledger.chain.chains import Clock

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 2, tzinfo=UTC))
MORE = Correction(TEN, TEN.replace(hour=12), 14_000, "14", "The meter was read again")
LESS = replace(MORE, energy_wh=6_000, raw_energy="6")


@pytest.fixture
def settled(producer, company, great_britain, now, data_dir, quick_keys):
    """10 kWh over two hours, 30 generated in each, matched and settled."""
    device = register_plant(producer, now)
    share_all(device, company, now)
    generate(device, TEN, ["30", "30"], now)
    charge(company, ["a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street"], now)
    run(company, now)
    settle(clock=Clock())
    return Session.objects.get()


def run(company, now):
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


def retired() -> int:
    return Retirement.objects.standing().aggregate(wh=Sum("amount_wh"))["wh"]


def test_more_energy_gets_further_retirements(settled, company, now):
    row = correct_session(session=settled, correction=MORE, actor="test", now=now)
    run(company, now)
    assert row == settled
    assert (covered(row), retired()) == (14_000, 14_000)
    assert not SupersededAllocation.objects.exists()
    newest = receipt(find_receipt("A").public_id, now)
    assert (newest.version, newest.energy_wh, newest.older.version) == (2, 14_000, 1)


def test_less_energy_voids_the_claim_and_uses_other_wh(settled, company, now):
    row = correct_session(session=settled, correction=LESS, actor="test", now=now)
    run(company, now)
    assert row.replaces == settled
    assert (covered(settled), covered(row), retired()) == (0, 6_000, 16_000)
    assert SupersededAllocation.objects.count() == 2
    assert list(Receipt.objects.order_by("version").values_list("version", flat=True)) == [1, 2, 3]
    assert find_receipt("A").session == row


def test_the_driver_keeps_the_charge_whichever_version_they_hold(settled, now):
    first = find_receipt("A").public_id
    driver = User.objects.create_user("driver@example.org", "correct horse battery")
    claim_receipt(public_id=first, driver=driver, now=now)
    row = correct_session(session=settled, correction=LESS, actor="test", now=now)
    (charge_kept,) = charges_of(driver)
    assert (charge_kept.energy_wh, charge_kept.public_id) == (6_000, find_receipt("A").public_id)
    assert claim_receipt(public_id=first, driver=driver, now=now).session == row
    other = User.objects.create_user("other@example.org", "correct horse battery")
    with pytest.raises(UnknownSession, match="another account"):
        claim_receipt(public_id=first, driver=other, now=now)


def test_energy_moved_between_hours_is_no_growth(settled, now):
    moved = replace(MORE, ended_at=TEN.replace(hour=11), energy_wh=10_000)
    row = correct_session(session=settled, correction=moved, actor="test", now=now)
    assert row.replaces == settled
    assert list(row.hours.values_list("energy_wh", flat=True)) == [10_000]


def test_the_same_correction_twice_is_once_and_a_voided_record_is_not_corrected(settled, now):
    row = correct_session(session=settled, correction=LESS, actor="test", now=now)
    assert correct_session(session=row, correction=LESS, actor="test", now=now) == row
    with pytest.raises(UnknownSession):
        correct_session(session=settled, correction=MORE, actor="test", now=now)
    assert Session.objects.count() == 2


def test_a_correction_that_is_no_charge_changes_nothing(settled, now):
    with pytest.raises(ValueError, match="energy"):
        correct_session(
            session=settled, correction=replace(LESS, energy_wh=0), actor="test", now=now
        )
    assert Session.objects.get().voided_at is None
