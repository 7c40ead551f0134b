"""Storage passes to another owner where a loss interval begins, with what is left in it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from certificates.domain.storage.flows import read_lines
from certificates.errors import HandoverRefused, StorageRefused
from certificates.models import ChargeAllocation, Handover, Lot, Notice, StorageAct
from certificates.queries.generator.handover_effect import effect_of, record_of
from certificates.queries.holding.holdings import held_wh
from certificates.queries.storage.records import in_force
from certificates.services.handovers import handovers
from certificates.services.holding.agreements import agree
from certificates.services.holding.retirement import undo
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from certificates.services.storage import acts as storage_acts
from certificates.services.storage import undoing as storage_undoing
from certificates.services.storage.lots import issue_again
from certificates.services.storage.records import withdraw
from ledger.models import OutboxItem
from ledger.services.book import post_reversal
from ledger.services.reconciliation import compare
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.certificates.stored import START, charge, line, settle_losses, take
from tests.fixtures.lists import listed

FEBRUARY = date(2018, 2, 1)
AT = datetime(2018, 2, 1, tzinfo=UTC)
ACT = {"now": NOW, "actor": "owner@example.org"}
FIRST_HOUR = (AT - START) // timedelta(hours=1)  # of February
pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(db):
    return register_organisation(name="Buyer", slug="buyer", roles=["producer"], now=NOW)


@pytest.fixture
def used(battery, produce, certify):
    """2,000 Wh in with certificates, 800 Wh out, in January."""
    produce("1", "1")
    take(battery, line(0, -1_000), line(1, -1_000), line(5, 800))
    charge(battery)
    certify()
    return battery


@pytest.fixture
def settled(used):
    """The same, settled with 1,000 Wh left in it: 800 Wh are the seller's certificates."""
    settle_losses(used, stored_wh=1_000)
    return used


@pytest.fixture
def propose(battery, buyer):
    def make(on=FEBRUARY):
        return handovers.propose(device=battery, to=buyer, effective_on=on, now=NOW)

    return make


@pytest.fixture
def hand_over(propose, buyer):
    def make():
        made = handovers.accept(handover=propose(), by=buyer, debt_wh=0, now=NOW)
        return handovers.approve(handover=made, now=NOW, actor="auditor")

    return make


def test_what_is_left_in_it_comes_out_as_the_new_owners(
    farm, buyer, settled, certify, hand_over, device
):
    assert held_wh(farm) == 800
    done = hand_over()
    settled.refresh_from_db()
    assert (done.status, settled.organisation) == (Handover.Status.DONE, buyer)
    take(settled, line(FIRST_HOUR, 900))
    settle_losses(settled, starts_at=AT)
    assert (held_wh(farm), held_wh(buyer)) == (800, 900)
    assert Lot.objects.filter(device=settled).values_list("generated_by").distinct().get() == (
        device.pk,
    )
    certify()
    assert compare(certify()).differences == ()


def test_the_seller_keeps_its_lots_in_sight_and_the_sums_of_its_time(
    farm, buyer, settled, hand_over
):
    done = hand_over()
    take(settled, line(FIRST_HOUR, 900))
    settled.refresh_from_db()
    settle_losses(settled, starts_at=AT)
    record = record_of(done)
    assert (record.produced_wh, record.certified_wh, record.held_wh) == (800, 800, 800)
    mine = [row for row in listed("lots", farm) if row["gsrn"] == settled.gsrn]
    theirs = [row for row in listed("lots", buyer) if row["gsrn"] == settled.gsrn]
    assert (len(mine), len(theirs)) == (1, 2)


def test_what_is_left_is_told_with_its_plants_once_it_is_settled(farm, buyer, used):
    found = effect_of(used, AT, NOW).content
    assert not found.is_settled
    settle_losses(used, stored_wh=1_000)
    found = effect_of(used, AT, NOW).content
    assert found.is_settled
    assert [(one.plant.name, one.amount_wh) for one in found.origins] == [("Turbine 2", 1_000)]


def test_nobody_accepts_what_is_not_settled_and_seen(buyer, used, propose):
    made = propose()
    with pytest.raises(HandoverRefused, match="settles them until 2018-02-01 first"):
        handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)
    settle_losses(used, stored_wh=1_000)
    assert handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW).status == "accepted"


def test_a_seller_that_settles_on_after_the_acceptance_stops_the_approval(buyer, settled, propose):
    made = handovers.accept(handover=propose(), by=buyer, debt_wh=0, now=NOW)
    settle_losses(settled, stored_wh=1_000, starts_at=AT)
    with pytest.raises(HandoverRefused, match="Choose one of these days: 2018-03-01"):
        handovers.approve(handover=made, now=NOW, actor="auditor")


@pytest.mark.parametrize("day", [date(2018, 2, 2), date(2018, 1, 1), date(2017, 12, 1)])
def test_another_day_than_the_start_of_an_open_interval_is_refused_with_those_that_can_be(
    settled, propose, day
):
    with pytest.raises(HandoverRefused, match="2018-02-01, 2018-03-01, 2018-04-01"):
        propose(day)
    assert not Handover.objects.exists()


def test_storage_that_never_worked_passes_with_what_was_in_it_at_the_start(buyer, battery, propose):
    made = handovers.accept(handover=propose(date(2018, 1, 1)), by=buyer, debt_wh=0, now=NOW)
    assert handovers.approve(handover=made, now=NOW, actor="a").status == "done"


def test_certificates_that_the_seller_retired_since_the_day_come_back_to_the_new_owner(
    farm, buyer, settled, device, certify, hand_over
):
    stream = meter_csv("2018-02-01T00:00Z,1", "2018-02-01T01:00Z,0")
    import_readings(device=device, stream=stream, name="f", selection={}, now=NOW)
    issue(device=device, now=NOW)
    take(settled, line(FIRST_HOUR, -1_000))
    charge(settled)
    certify()
    assert effect_of(settled, AT, NOW).content.retired_wh == 1_000
    hand_over()
    take(settled, line(FIRST_HOUR + 3, 1_900))
    settled.refresh_from_db()
    settle_losses(settled, starts_at=AT)
    assert (held_wh(farm), held_wh(buyer)) == (800, 1_900)


def test_what_was_set_apart_goes_back_to_the_seller_and_nothing_planned_is_done(
    farm, buyer, settled, device, hand_over
):
    stream = meter_csv("2018-02-01T00:00Z,1", "2018-02-01T01:00Z,0")
    import_readings(device=device, stream=stream, name="f", selection={}, now=NOW)
    issue(device=device, now=NOW)
    take(settled, line(FIRST_HOUR, -1_000))
    storage_acts.charge(device=settled, starts_at=AT, ends_at=NOW, seen_wh=1_000, **ACT)
    assert held_wh(farm) == 800
    hand_over()
    assert (held_wh(farm), held_wh(buyer)) == (1_800, 0)
    assert StorageAct.objects.get().status == StorageAct.Status.EMPTY
    assert storage_acts.carry_out_due(now=NOW + timedelta(hours=1)) == 0
    told = Notice.objects.get(kind="storage")
    assert told.organisation == farm
    assert "changed hands" in told.message


def test_records_that_the_seller_sent_stand_and_cannot_be_undone_by_the_buyer(settled, hand_over):
    flows = read_lines([line(FIRST_HOUR, -1_000)])
    storage_acts.send_records(device=settled, flows=flows, replace=False, **ACT)
    hand_over()
    act = StorageAct.objects.get()
    assert act.status == StorageAct.Status.DONE
    with pytest.raises(StorageRefused, match="time to undo it is over"):
        storage_undoing.undo(act=act, now=NOW, actor="buyer")
    assert in_force(settled, AT, NOW).count() == 1


@pytest.fixture
def charged_then_sold(settled, device, hand_over):
    """1,000 Wh of February are retired for a charge by page, and then the storage is sold."""
    stream = meter_csv("2018-02-01T00:00Z,1", "2018-02-01T01:00Z,0")
    import_readings(device=device, stream=stream, name="f", selection={}, now=NOW)
    issue(device=device, now=NOW)
    take(settled, line(FIRST_HOUR, -1_000))
    act = storage_acts.charge(device=settled, starts_at=AT, ends_at=NOW, seen_wh=1_000, **ACT)
    storage_undoing.carry_out(act=act, now=act.due_at)
    hand_over()


def test_what_the_chain_refuses_after_the_sale_goes_back_to_who_gave_it(
    farm, buyer, settled, charged_then_sold
):
    retirement = ChargeAllocation.objects.order_by("-pk")[0].retirement
    undo(retirement=retirement, now=NOW)
    storage_undoing.return_refused(entry_ids=[retirement.entry_id], now=NOW)
    assert (held_wh(farm), held_wh(buyer)) == (1_800, 0)


def test_lots_of_the_sellers_time_that_the_chain_refused_are_written_again_for_the_seller(
    farm, buyer, settled, hand_over
):
    hand_over()
    lot = Lot.objects.get(device=settled)
    OutboxItem.objects.filter(entry=lot.entry).update(status=OutboxItem.Status.FAILED)
    post_reversal(entry=lot.entry, key=f"failed:{lot.pk}", now=NOW)
    assert held_wh(farm) == 0
    settled.refresh_from_db()
    assert issue_again(device=settled, now=NOW) == 1
    assert (held_wh(farm), held_wh(buyer)) == (800, 0)


def test_agreements_of_the_seller_share_what_came_out_before_alone(
    farm, buyer, company, used, hand_over
):
    agreed = agree(device=used, to=company, share_ppm=500_000, now=NOW)
    settle_losses(used, stored_wh=1_000)
    hand_over()
    agreed.refresh_from_db()
    assert agreed.ended_from == AT
    take(used, line(FIRST_HOUR, 900))
    used.refresh_from_db()
    settle_losses(used, starts_at=AT)
    assert (held_wh(farm), held_wh(company), held_wh(buyer)) == (400, 400, 900)


def test_a_suspended_storage_and_a_second_sale(farm, buyer, settled, hand_over):
    hand_over()
    settled.refresh_from_db()
    with pytest.raises(HandoverRefused, match="has to come after"):
        handovers.propose(device=settled, to=farm, effective_on=FEBRUARY, now=NOW)
    settle_losses(settled, starts_at=AT, stored_wh=1_000)
    made = handovers.propose(device=settled, to=farm, effective_on=date(2018, 3, 1), now=NOW)
    handovers.accept(handover=made, by=farm, debt_wh=0, now=NOW)
    assert handovers.approve(handover=made, now=NOW, actor="a").status == "done"
    settled.refresh_from_db()
    assert settled.organisation == farm
    take(settled, line(FIRST_HOUR + 24 * 28, 700))
    settle_losses(settled, starts_at=datetime(2018, 3, 1, tzinfo=UTC))
    assert (held_wh(farm), held_wh(buyer)) == (1_500, 0)


def test_a_plant_still_changes_hands_on_any_day(farm, buyer):
    plant = register_device(facts=facts(name="Turbine 9"), now=NOW, approve=True)
    made = handovers.propose(device=plant, to=buyer, effective_on=date(2018, 1, 17), now=NOW)
    assert effect_of(plant, made.effective_at, NOW).content is None


def test_certificates_of_a_withdrawn_charge_go_back_to_who_gave_them(
    farm, buyer, settled, charged_then_sold
):
    ids = [row.pk for row in in_force(settled, AT, NOW)]
    withdraw(device=settled, record_ids=ids, now=NOW, actor="buyer")
    assert (held_wh(farm), held_wh(buyer)) == (1_800, 0)


def test_a_plant_that_is_corrected_after_the_sale_is_told_to_both(
    farm, buyer, settled, device, hand_over
):
    hand_over()
    stream = meter_csv("2018-01-01T00:00Z,0.4", "2018-01-01T01:00Z,1")
    import_readings(device=device, stream=stream, name="f", selection={}, now=NOW)
    issue(device=device, now=NOW)
    told = Notice.objects.filter(kind="storage", message__contains="not generated after all")
    assert {one.organisation for one in told} == {farm, buyer}
    assert effect_of(settled, AT, NOW).content.missing_wh == 600
