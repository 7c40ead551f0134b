"""What storage gives back keeps its plant and its factor, and is never more than went in."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from certificates.errors import LossIntervalClosed, StorageRefused, StorageUnbalanced
from certificates.models import ChargeAllocation, DischargePart, Lot, StoredPart
from certificates.queries.certificate_number import odometer_wh
from certificates.queries.holding.holdings import held_wh
from certificates.queries.lot_data import public_facts
from certificates.services.holding.agreements import agree
from certificates.services.storage.closing import close_interval
from certificates.services.storage.devices import register_storage
from certificates.services.storage.lots import issue_again
from ledger.domain.lot_data import data_leaf
from ledger.domain.token_id import TokenId
from ledger.models import OutboxItem
from ledger.services.reconciliation import compare
from tests.certificates.conftest import NOW
from tests.certificates.stored import charge, line, settle_losses, storage_facts, take

FEBRUARY = datetime(2018, 2, 1, tzinfo=UTC)


@pytest.fixture
def stored(battery, produce, certify):
    """1,000 Wh of wind in hour 0, certified as retired for the battery; 800 Wh out in hour 1."""
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    return battery


def storage_lots(battery) -> list[Lot]:
    return list(Lot.objects.standing().filter(device=battery).order_by("starts_at", "sequence"))


def test_a_discharge_becomes_a_lot_of_kind_2_with_the_plant_s_factor(stored, device):
    settle_losses(stored)
    (lot,) = storage_lots(stored)
    original = device.lots.order_by("starts_at").first()
    assert TokenId.from_number(int(lot.code, 16) | lot.mask).kind == 2
    assert (lot.amount_wh, lot.generated_by, lot.source) == (800, device, device)
    assert (lot.factor, lot.factor_ug_per_wh, lot.mask, lot.quality) == (
        original.factor,
        original.factor_ug_per_wh,
        original.mask,
        original.quality,
    )
    assert lot.reading is None
    assert held_wh(stored.organisation) == 2000 + 800


def test_the_leaf_on_the_chain_binds_the_plant_and_the_charges_behind_the_lot(stored, device):
    settle_losses(stored)
    (lot,) = storage_lots(stored)
    found = public_facts(lot)
    assert bytes(OutboxItem.objects.get(entry=lot.entry).digest) == data_leaf(found)
    assert (found["gsrn"], found["generated_by"]) == (stored.gsrn, device.gsrn)
    assert found["energy_source"] == device.energy_source_code
    assert found["file"] == stored.storage_records.get(direction="discharge").sha256


def test_the_chain_takes_the_lot_and_numbers_it_on_the_storage_s_own_odometer(stored, certify):
    settle_losses(stored)
    chain = certify()
    (lot,) = storage_lots(stored)
    assert lot.first_wh == 0
    assert odometer_wh(stored) == 800
    assert compare(chain).differences == ()


def test_settling_twice_answers_with_the_first_and_another_level_is_refused(stored):
    first = settle_losses(stored)
    assert settle_losses(stored) == first
    assert len(storage_lots(stored)) == 1
    with pytest.raises(LossIntervalClosed, match="with 0 Wh stored"):
        settle_losses(stored, stored_wh=100)


def test_the_balance_of_the_interval_says_what_was_lost(stored):
    interval = settle_losses(stored, stored_wh=50)
    assert (interval.input_wh, interval.output_wh, interval.lost_wh) == (1000, 800, 150)
    (part,) = interval.parts.all()
    assert (part.amount_wh, part.given_wh, part.left_wh) == (1000, 800, 50)
    assert interval.given_wh == 800


def test_what_is_stored_comes_back_in_the_next_interval_once(stored, device, certify):
    settle_losses(stored, stored_wh=100)
    take(stored, line(31 * 24, 90))
    settle_losses(stored, starts_at=FEBRUARY)
    old, new = storage_lots(stored)
    assert (old.amount_wh, new.amount_wh, new.generated_by) == (800, 90, device)
    assert not StoredPart.objects.filter(interval__starts_at=FEBRUARY, left_wh__gt=0).exists()
    assert compare(certify()).differences == ()


def test_energy_of_unknown_origin_never_comes_out_as_a_certificate(battery):
    take(battery, line(0, -1000), line(1, 900))
    assert settle_losses(battery).given_wh == 0
    assert not storage_lots(battery)


def test_what_was_stored_at_the_start_is_of_unknown_origin(farm, produce, certify):
    produce("1", "2")
    battery = register_storage(
        facts=storage_facts(name="Full", opening_wh=1000), now=NOW, approve=True
    )
    take(battery, line(0, -1000), line(1, 1000))
    charge(battery)
    certify()
    interval = settle_losses(battery, stored_wh=1000)
    assert (interval.opening_wh, interval.given_wh) == (1000, 0)  # first in, first out


def test_nothing_is_settled_while_a_retirement_is_on_its_way(battery, produce):
    produce("1", "2")
    take(battery, line(0, -500))
    charge(battery)
    with pytest.raises(StorageRefused, match=r"1 retirements .* not yet certified"):
        settle_losses(battery)


@pytest.mark.parametrize("stored_wh", [-1, 2_000_001])
def test_a_level_that_does_not_fit_the_storage_is_refused(stored, stored_wh):
    with pytest.raises(StorageRefused, match="room for 0 to 2000000"):
        settle_losses(stored, stored_wh=stored_wh)


def test_an_interval_that_is_not_over_or_not_the_next_is_refused(stored):
    with pytest.raises(StorageRefused, match="one after the other"):
        settle_losses(stored, starts_at=FEBRUARY)
    early = datetime(2018, 1, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(StorageRefused, match="ends 2018-02-01"):
        close_interval(
            device=stored,
            starts_at=datetime(2018, 1, 1, tzinfo=UTC),
            stored_wh=0,
            now=early,
            actor="test",
        )


def test_more_out_than_in_is_refused_and_nothing_is_written(battery):
    take(battery, line(0, -500), line(1, 600))
    with pytest.raises(StorageUnbalanced):
        settle_losses(battery)
    assert not battery.loss_intervals.exists()


def test_a_charge_corrected_downwards_counts_less_of_what_was_retired_for_it(
    battery, produce, certify
):
    produce("1", "2")
    take(battery, line(0, -1000))
    charge(battery)
    certify()
    take(battery, line(0, -600), line(1, 600), replace=True)
    assert settle_losses(battery).given_wh == 600


def test_a_standing_agreement_of_the_storage_shares_what_it_gives_back(stored, company):
    agree(device=stored, to=company, share_ppm=250_000, now=NOW)
    settle_losses(stored)
    assert held_wh(company) == 200


def test_a_refused_lot_is_written_again_under_the_next_sequence(stored, certify):
    settle_losses(stored)
    (lot,) = storage_lots(stored)
    from ledger.services.book import post_reversal

    OutboxItem.objects.filter(entry=lot.entry).update(status="failed")
    post_reversal(entry=lot.entry, key="refused", now=NOW)
    assert issue_again(device=stored, now=NOW) == 1
    (again,) = storage_lots(stored)
    assert (again.sequence, again.amount_wh) == (1, 800)
    assert DischargePart.objects.get().lot == again
    assert issue_again(device=stored, now=NOW) == 0
    assert data_leaf(public_facts(again)) == bytes(OutboxItem.objects.get(entry=again.entry).digest)


def test_certificates_that_came_from_storage_may_be_stored_again(stored, device, certify):
    settle_losses(stored)
    certify()
    other = register_storage(facts=storage_facts(name="Second"), now=NOW, approve=True)
    take(other, line(1, -700), line(2, 700))
    # Of hour 1 there are both wind and what came out of the first battery.
    charge(other)
    certify()
    settle_losses(other)
    lots = storage_lots(other)
    assert sum(lot.amount_wh for lot in lots) == 700
    assert {lot.source for lot in lots} == {device}


def test_the_database_refuses_parts_that_do_not_add_up(stored):
    settle_losses(stored)
    for model, change in (
        (StoredPart, {"left_wh": F("left_wh") + 1}),
        (StoredPart, {"given_wh": F("drawn_wh") + 1}),
        (StoredPart, {"allocation": None}),
        (DischargePart, {"given_wh": F("drawn_wh") + 1}),
        (DischargePart, {"lot": None}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        stored.loss_intervals.update(output_wh=F("output_wh") + 500)


def test_the_retirement_names_the_storage_and_its_hour(stored):
    row = ChargeAllocation.objects.select_related("retirement").get().retirement
    assert (row.beneficiary, row.purpose, row.country) == ("Battery", "Charging of storage", "GB")
    assert row.reference == f"storage:{stored.gsrn}:2018-01-01T00:00Z"


def test_listeners_are_told_of_the_days_of_what_came_back(stored, told):
    settle_losses(stored)
    account = stored.organisation.account_id
    assert told == {account: {lot.starts_at.date() for lot in storage_lots(stored)}}
    assert len(told[account]) == 1
