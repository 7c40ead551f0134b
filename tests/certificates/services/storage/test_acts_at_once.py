"""Double clicks, two workers and an undo at the same moment: each Wh of storage goes one way."""

import pytest

from certificates.domain.storage.flows import read_lines
from certificates.errors import CertificatesError, StorageRefused
from certificates.models import ChargeAllocation, LossInterval, StorageAct
from certificates.queries.holding.holdings import held_wh
from certificates.services.holding.cancellations import UNDO
from certificates.services.storage import acts as storage_acts
from certificates.services.storage import undoing as storage_undoing
from certificates.services.storage.charging import charge_with_held
from ledger.services.consistency import balances, conservation
from tests.certificates.conftest import NOW
from tests.certificates.stored import START, charge, line, take
from tests.ledger.services.test_book_race import THREADS, race

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + UNDO
PERIOD = {"starts_at": START, "ends_at": NOW}


@pytest.fixture
def charged(battery, produce):
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    return battery


def plan(battery, n):
    act = {"seen_wh": 1_000, "now": NOW, "actor": f"owner {n}"}
    return storage_acts.charge(device=battery, **PERIOD, **act).pk


def test_eight_clicks_set_certificates_apart_once(charged):
    assert len(set(race(lambda n: plan(charged, n)))) == 1
    assert held_wh(charged.organisation) == 2_000
    assert race(lambda n: storage_acts.carry_out_due(now=LATER)).count(1) >= 1
    assert ChargeAllocation.objects.get().retirement.amount_wh == 1_000
    assert [*balances(), *conservation()] == []


def test_undone_and_carried_out_at_once_is_one_of_both(charged):
    act = StorageAct.objects.get(pk=plan(charged, 0))

    def end(n):
        try:
            if n % 2:
                return storage_undoing.carry_out(act=act, now=LATER).status
            return storage_undoing.undo(act=act, now=NOW, actor="owner").status
        except StorageRefused as error:
            return error

    results = race(end)
    act.refresh_from_db()
    assert {one for one in results if isinstance(one, str)} == {act.status}
    used = 1_000 if act.status == "done" else 0
    assert held_wh(charged.organisation) == 3_000 - used
    assert [*balances(), *conservation()] == []


def test_page_and_command_at_once_retire_for_a_charge_no_more_than_it_took(charged):
    def act(n):
        try:
            if n % 2:
                return plan(charged, n)
            return charge_with_held(device=charged, **PERIOD, now=NOW, actor="command").amount_wh
        except CertificatesError as error:
            return error

    race(act)
    storage_acts.carry_out_due(now=LATER)
    retired = sum(row.retirement.amount_wh for row in ChargeAllocation.objects.standing())
    assert retired == 1_000
    assert held_wh(charged.organisation) == 2_000


def test_a_file_sent_by_eight_clicks_is_one_act(battery):
    flows = read_lines([line(0, -1000), line(1, 800)])
    act = {"flows": flows, "replace": False, "now": NOW, "actor": "owner"}
    reports = race(lambda n: storage_acts.send_records(device=battery, **act))
    assert sorted(report.recorded for report in reports) == [0] * (THREADS - 1) + [2]
    assert StorageAct.objects.count() == 1


def test_losses_settled_by_eight_clicks_and_workers_are_settled_once(charged, certify):
    charge(charged)
    certify()
    act = {"starts_at": START, "stored_wh": 0, "seen_wh": 800, "now": NOW, "actor": "owner"}
    assert len(set(race(lambda n: storage_acts.settle(device=charged, **act).pk))) == 1
    race(lambda n: storage_acts.carry_out_due(now=LATER))
    assert LossInterval.objects.get().given_wh == 800
    assert [*balances(), *conservation()] == []
