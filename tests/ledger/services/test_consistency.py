"""Each check finds the fault it is for, and nothing in a book that adds up."""

from datetime import UTC, datetime

import pytest

from ledger.chain.port import Unexplained
from ledger.errors import ChainBusy
from ledger.models import Balance, Batch, OutboxItem, SettlementEntry
from ledger.services import audit, consistency
from ledger.services.reconciliation import Reconciliation
from tests.trail import make_trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail(monkeypatch):
    agrees = Reconciliation(height=1, balances=2, lots=1, on_the_way=0, differences=())
    monkeypatch.setattr(consistency, "reconcile", lambda: agrees)
    return make_trail(0)


def checks_that_fail():
    return {finding.check for finding in consistency.check_everything()}


def test_a_book_that_adds_up_has_no_findings(trail):
    assert consistency.check_everything() == []


def test_a_balance_changed_behind_the_books_back_is_found(trail):
    Balance.objects.filter(account=trail.producer.account_id).update(amount=401)
    found = consistency.check_everything()
    assert {finding.check for finding in found} == {"balances", "conservation"}
    assert "401" in found[0].message
    assert "400" in found[0].message


def test_a_certified_item_of_a_reverted_batch_is_found(trail):
    Batch.objects.filter(kind="issue").update(status="reverted")
    assert checks_that_fail() == {"outbox"}


def test_an_item_left_open_in_a_sealed_batch_is_found(trail):
    OutboxItem.objects.filter(kind="issue").update(status="submitted")
    assert checks_that_fail() == {"outbox"}


def test_a_settlement_that_burns_more_than_its_retirements_is_found(trail):
    SettlementEntry.objects.update(amount=601)
    assert checks_that_fail() == {"settlements"}


def test_a_settlement_without_any_retirement_is_found(trail):
    OutboxItem.objects.update(settlement_entry=None)
    assert checks_that_fail() == {"settlements"}


def test_what_the_chain_holds_and_the_book_does_not_is_found(trail, monkeypatch):
    differs = Reconciliation(1, 2, 1, 0, (Unexplained("lot 7", 1, 2),))
    monkeypatch.setattr(consistency, "reconcile", lambda: differs)
    assert checks_that_fail() == {"chain"}


def test_a_chain_that_cannot_be_read_is_a_finding_not_a_crash(trail, monkeypatch):
    def busy():
        raise ChainBusy("Block 2 is sealed, block 1 is the last noted.")

    monkeypatch.setattr(consistency, "reconcile", busy)
    assert checks_that_fail() == {"chain"}


def test_a_report_names_every_check_and_its_claim(trail):
    report = consistency.as_report([])
    assert report["consistent"] is True
    assert all(check["claim"].endswith(".") for check in report["checks"])


def test_an_audit_event_names_actor_and_subject(trail):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    event = audit.record(
        actor=trail.user, action="a.b", subject=trail.lot, now=now, detail={"why": "test"}
    )
    assert event.actor == trail.user.email
    assert event.actor_id == str(trail.user.pk)
    assert event.subject == f"lot {trail.lot.pk}"
    assert audit.record(actor="command x", action="a", subject="y", now=now).actor_id == ""


@pytest.mark.parametrize("assets", [1, 2, 20_000])
def test_assets_are_checked_some_at_a_time_and_none_is_left_out(monkeypatch, assets):
    agrees = Reconciliation(height=1, balances=2, lots=1, on_the_way=0, differences=())
    monkeypatch.setattr(consistency, "reconcile", lambda: agrees)
    monkeypatch.setattr(consistency, "ASSETS", assets)
    trails = [make_trail(n) for n in range(3)]
    assert consistency.check_everything() == []
    Balance.objects.filter(asset__in=[trails[0].asset, trails[2].asset], amount__gt=0).update(
        amount=7
    )
    wrong = {finding.subject for finding in consistency.conservation()}
    assert wrong == {f"asset {trail.asset.pk}" for trail in (trails[0], trails[2])}
    changed = {f.subject.split(", ")[1] for f in consistency.balances()}
    assert changed == wrong


def test_no_more_findings_are_shown_than_teach_something(trail, monkeypatch):
    make_trail(1)
    monkeypatch.setattr(consistency, "ASSETS", 1)
    monkeypatch.setattr(consistency, "SHOWN", 1)
    Balance.objects.filter(amount__gt=0).update(amount=7)
    assert len(list(consistency.balances())) == len(list(consistency.conservation())) == 1
