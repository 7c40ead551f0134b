"""What a person does with storage by page can be undone for ten minutes, then it stands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from certificates.domain.storage.flows import read_lines
from certificates.errors import LinesRefused, SelectionChanged, StorageRefused
from certificates.models import ChargeAllocation, LossInterval, Notice, Retirement, StorageAct
from certificates.queries.holding.holdings import held_wh
from certificates.queries.holding.selecting import held_in
from certificates.queries.storage.records import backings, in_force
from certificates.services.holding.cancellations import UNDO
from certificates.services.holding.retirement import undo as undo_retirement
from certificates.services.plants.devices import suspend
from certificates.services.storage import acts as storage_acts
from certificates.services.storage import undoing as storage_undoing
from ledger.models import AuditEvent
from ledger.services.reconciliation import compare
from tests.certificates.conftest import NOW
from tests.certificates.stored import START, charge, line, settle_losses, take

LATER = NOW + UNDO
ACT = {"now": NOW, "actor": "owner@example.org"}


def send(battery, *lines, replace=False):
    flows = read_lines(list(lines))
    storage_acts.send_records(device=battery, flows=flows, replace=replace, **ACT)
    return StorageAct.objects.first()


def withdraw(battery, *records):
    ids = [row.pk for row in records]
    storage_acts.withdraw_records(device=battery, record_ids=ids, **ACT)
    return StorageAct.objects.first()


def plan(battery, seen_wh=None):
    period = {"starts_at": START, "ends_at": NOW}
    return storage_acts.charge(device=battery, **period, seen_wh=seen_wh, **ACT)


def settle(battery, stored_wh=0, seen_wh=800, now=NOW):
    act = {"device": battery, "starts_at": START, "stored_wh": stored_wh, "seen_wh": seen_wh}
    return storage_acts.settle(**act, now=now, actor="owner@example.org")


def undo(act, now=NOW):
    return storage_undoing.undo(act=act, now=now, actor="owner@example.org")


def stand(battery):
    """Direction, hour and Wh of what is in force."""
    return [
        (row.direction, (row.starts_at - START) // timedelta(hours=1), row.energy_wh)
        for row in in_force(battery, START, NOW)
    ]


@pytest.fixture
def charged(battery, produce):
    """1,000 Wh of wind in hour 0 could be retired for 1,000 Wh that were charged."""
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    return battery


def test_records_that_were_sent_go_and_what_they_replaced_comes_back_as_a_new_version(battery):
    take(battery, line(0, -1000))
    act = send(battery, line(0, -900), line(1, 300), replace=True)
    assert stand(battery) == [("charge", 0, 900), ("discharge", 1, 300)]
    undo(act)
    assert stand(battery) == [("charge", 0, 1000)]
    assert battery.storage_records.get(status="in_force").version == 3
    assert battery.storage_records.filter(status="withdrawn").get().direction == "discharge"


def test_undoing_twice_changes_nothing_more(battery):
    act = send(battery, line(0, -1000))
    assert undo(act).status == undo(act).status == "undone"
    assert stand(battery) == []
    assert AuditEvent.objects.filter(action="storage_act.undone").count() == 1


def test_the_same_file_again_is_no_act_of_its_own(battery):
    send(battery, line(0, -1000))
    send(battery, line(0, -1000))
    assert StorageAct.objects.count() == 1


def test_what_was_changed_after_it_was_sent_stays_as_it_was_changed(battery):
    act = send(battery, line(0, -1000), line(1, 300))
    take(battery, line(0, -700), replace=True)
    undo(act)
    assert stand(battery) == [("charge", 0, 700)]


def test_withdrawn_records_are_put_back_unless_others_took_their_place(battery):
    take(battery, line(0, -1000), line(1, 300))
    act = withdraw(battery, *battery.storage_records.all())
    assert stand(battery) == []
    take(battery, line(0, -400))
    with pytest.raises(StorageRefused, match="2018-01-01 00:00 UTC took their place"):
        undo(act)
    withdraw(battery, battery.storage_records.get(status="in_force"))
    undo(act)
    assert stand(battery) == [("charge", 0, 1000), ("discharge", 1, 300)]


def test_certificates_that_went_back_with_a_withdrawn_charge_can_be_retired_again(charged):
    charge(charged)
    act = withdraw(charged, charged.storage_records.get(direction="charge"))
    assert held_wh(charged.organisation) == 3_000
    undo(act)
    assert backings(charged, START, NOW) == {}
    assert charge(charged).amount_wh == 1_000


def test_certificates_for_charges_lie_apart_until_they_are_retired(charged, certify):
    act = plan(charged, seen_wh=1_000)
    assert held_wh(charged.organisation) == 2_000
    assert not ChargeAllocation.objects.exists()
    with pytest.raises(StorageRefused, match="can be undone until"):
        storage_undoing.carry_out(act=act, now=LATER - timedelta(seconds=1))
    assert storage_acts.carry_out_due(now=LATER) == 1
    assert storage_acts.carry_out_due(now=LATER) == 0
    assert ChargeAllocation.objects.standing().get().retirement.amount_wh == 1_000
    act.refresh_from_db()
    assert (act.status, act.outcome) == ("done", "1000 Wh retired.")
    assert compare(certify()).differences == ()
    with pytest.raises(StorageRefused, match="time to undo it is over"):
        undo(act, LATER)


def test_undone_certificates_are_their_holder_s_again(charged, certify):
    undo(plan(charged))
    assert held_wh(charged.organisation) == 3_000
    assert storage_acts.carry_out_due(now=LATER) == 0
    assert not Retirement.objects.exists()
    assert compare(certify()).differences == ()


def test_a_second_click_finds_the_first_act_and_another_figure_is_refused(charged):
    with pytest.raises(SelectionChanged):
        plan(charged, seen_wh=999)
    assert plan(charged, seen_wh=1_000) == plan(charged, seen_wh=1_000)
    assert StorageAct.objects.count() == 1


def test_nothing_that_fits_is_said_and_leaves_nothing_behind(battery):
    take(battery, line(0, -1000))
    with pytest.raises(StorageRefused, match="hold nothing that fits"):
        plan(battery)
    assert not StorageAct.objects.exists()


def test_a_charge_that_became_smaller_meanwhile_gets_less_and_the_rest_goes_back(charged):
    act = plan(charged)
    take(charged, line(0, -400), replace=True)
    storage_acts.carry_out_due(now=LATER)
    assert ChargeAllocation.objects.standing().get().retirement.amount_wh == 400
    assert held_wh(charged.organisation) == 2_600
    assert held_in(act.sub_account.account_id) == []
    assert "600 of 1000 Wh fitted no charge any more" in Notice.objects.get().message


def test_a_correction_takes_what_is_set_apart_after_what_is_free(charged, device, produce):
    plan(charged)
    produce("0.3", "2")
    storage_acts.carry_out_due(now=LATER)
    assert ChargeAllocation.objects.standing().get().retirement.amount_wh == 300


def test_the_undo_of_an_act_whose_certificates_were_corrected_gives_back_what_is_left(
    charged, produce
):
    act = plan(charged)
    produce("0.3", "2")
    undo(act)
    assert held_wh(charged.organisation) == 2_300


def test_losses_are_settled_as_they_were_seen_once_the_time_is_over(charged, certify):
    charge(charged)
    certify()
    act = settle(charged)
    assert settle(charged) == act
    with pytest.raises(StorageRefused, match="about to be settled with 0 Wh"):
        settle(charged, stored_wh=10)
    assert not LossInterval.objects.exists()
    storage_acts.carry_out_due(now=LATER)
    assert LossInterval.objects.get().given_wh == 800
    assert compare(certify()).differences == ()


def test_losses_that_were_to_be_settled_and_were_undone_can_be_settled_otherwise(charged, certify):
    charge(charged)
    certify()
    undo(settle(charged))
    settle(charged, stored_wh=100)
    storage_acts.carry_out_due(now=LATER)
    assert LossInterval.objects.get().stored_wh == 100


def test_a_result_that_changed_meanwhile_is_not_settled_and_the_owner_is_told(charged, certify):
    charge(charged)
    certify()
    act = settle(charged)
    take(charged, line(1, 700), replace=True)
    storage_acts.carry_out_due(now=LATER)
    act.refresh_from_db()
    assert act.status == "empty"
    assert not LossInterval.objects.exists()
    notice = Notice.objects.get()
    assert (notice.kind, notice.organisation) == ("storage", charged.organisation)
    assert "nothing was done. 700 Wh would come back by now" in notice.message


def test_losses_are_not_settled_while_certificates_are_about_to_be_retired(charged):
    plan(charged)
    with pytest.raises(StorageRefused, match="Wait for that, or undo it"):
        settle(charged)


def test_storage_that_was_suspended_meanwhile_gets_its_certificates_back(charged):
    act = plan(charged)
    suspend(device=charged, reason="inspection", now=NOW, actor="test")
    storage_acts.carry_out_due(now=LATER)
    act.refresh_from_db()
    assert act.status == "empty"
    assert held_wh(charged.organisation) == 3_000
    assert "is suspended" in act.outcome


def test_records_of_an_interval_that_was_settled_meanwhile_stand(battery):
    act = send(battery, line(0, -1000), line(1, 800))
    settle_losses(battery)
    with pytest.raises(StorageRefused, match="settled meanwhile: its records stand"):
        undo(act)
    assert len(stand(battery)) == 2


def test_a_withdrawal_that_names_no_record_is_no_act(battery):
    with pytest.raises(LinesRefused):
        storage_acts.withdraw_records(device=battery, record_ids=[], **ACT)
    assert not StorageAct.objects.exists()


def test_what_the_chain_refuses_to_take_goes_back_to_the_owner(charged):
    act = plan(charged)
    storage_acts.carry_out_due(now=LATER)
    retirement = ChargeAllocation.objects.get().retirement
    undo_retirement(retirement=retirement, now=LATER)
    assert held_in(act.sub_account.account_id)[0].amount_wh == 1_000
    storage_undoing.return_refused(entry_ids=[retirement.entry_id], now=LATER)
    assert held_in(act.sub_account.account_id) == []
    assert held_wh(charged.organisation) == 3_000
    assert "1000 Wh could not be retired" in Notice.objects.get().message


def test_certificates_set_apart_for_a_charge_that_is_withdrawn_later_are_the_owners_again(charged):
    act = plan(charged)
    storage_acts.carry_out_due(now=LATER)
    withdraw(charged, *in_force(charged, START, NOW))
    assert held_in(act.sub_account.account_id) == []
    assert held_wh(charged.organisation) == 3_000


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "charging"},  # nothing set apart
        {"status": "done"},  # ended at no time
        {"amount_wh": -1},
    ],
)
def test_an_act_that_cannot_be_is_refused_by_the_database(battery, change):
    stated = {"kind": "records", "asked_by": "x", "asked_at": NOW, "due_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        StorageAct.objects.create(device=battery, **stated | change)


def test_one_settlement_at_a_time_waits_for_its_time(battery):
    stated = {"kind": "settlement", "asked_by": "x", "asked_at": NOW, "due_at": NOW}
    StorageAct.objects.create(device=battery, **stated)
    with pytest.raises(IntegrityError), transaction.atomic():
        StorageAct.objects.create(device=battery, **stated)
