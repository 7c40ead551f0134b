"""A difference between book and chain is named with its cause where the book can tell."""

import pytest
from django.core.management import CommandError, call_command

from ledger.chain.port import Unexplained
from ledger.models import AuditEvent, Batch, OutboxItem
from ledger.services import touched
from ledger.services.causes import (
    AHEAD,
    GIVEN_UP,
    NEVER_ISSUED,
    NOT_THERE,
    STRANGER,
    UNRECORDED,
    causes_of,
)
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.ledger.chain.chains import Clock, open_reader, open_writer
from tests.ledger.chain.test_embedded import send
from tests.ledger.services.test_settlement import Registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    """Two lots of the holder, 400 Wh of the first with another, 100 Wh of it retired."""
    made = Registry()
    made.issue([1_000, 500])
    made.transfer(0, 400)
    made.retire(0, 100, 1)
    return made


@pytest.fixture
def chain(settings, tmp_path):
    settings.CHAIN_DIR, settings.KEYSTORE_DIR = tmp_path, tmp_path / "keys"
    with open_writer(tmp_path) as opened:
        yield opened


def causes(chain) -> dict[str, str]:
    found = compare(chain)
    assert found.differences
    return {found.causes.get(each.what, "") for each in found.differences}


def test_a_book_that_agrees_has_no_cause_to_name(registry, chain):
    sweep(chain=chain, clock=Clock())
    found = compare(chain)
    assert (found.differences, found.causes) == ((), {})
    assert (found.balances, found.lots) == (3, 2)


def unrecord(*kinds: str, status: str) -> None:
    """As if what stands on the chain had not been written down here."""
    OutboxItem.objects.filter(kind__in=kinds).update(status=status)


@pytest.mark.parametrize(
    ("status", "cause"),
    [("submitted", UNRECORDED), ("failed", GIVEN_UP), ("pending", AHEAD)],
)
def test_an_act_that_the_book_has_otherwise_is_the_cause(registry, chain, status, cause):
    sweep(chain=chain, clock=Clock())
    unrecord("transfer", status=status)
    assert causes(chain) == {cause}


def test_a_retirement_that_was_not_noted_shows_in_balance_and_lot(registry, chain):
    sweep(chain=chain, clock=Clock())
    unrecord("settle", status="submitted")
    said = causes(chain)
    assert UNRECORDED in said
    assert "retired renewable: book 0, chain 100, retired emissions: book 0, chain 100" in said


def test_a_call_that_this_book_never_made_is_a_stranger_s(registry, chain):
    from tests.ledger.chain.chains import issue

    clock = Clock()
    sweep(chain=chain, clock=clock)
    send(chain, clock, issue(99 * 60))
    from ledger.services.settlement.recording import record_blocks

    record_blocks(chain)
    assert STRANGER in causes(chain)


def test_what_the_chain_lacks_and_what_the_book_lacks_is_said():
    code = "00" * 20
    account = "00000000-0000-0000-0000-00000000000a"
    found = [
        Unexplained(f"balance of {account} in {code}", 5, 0),
        Unexplained(f"lot {code}", 0, 1 << 170),
        Unexplained(f"lot {'11' * 20}", 1 << 170, 0),
        Unexplained("odometer of 7", 1, 2),
    ]
    assert causes_of(found) == {
        found[0].what: NOT_THERE,
        found[1].what: NEVER_ISSUED,
        found[2].what: NOT_THERE,
    }


def test_the_same_amount_at_another_holder_is_pointed_at():
    accounts = [f"00000000-0000-0000-0000-00000000000{n}" for n in range(2)]
    found = [
        Unexplained(f"balance of {accounts[0]} in {'00' * 20}", 10, 4),
        Unexplained(f"balance of {accounts[1]} in {'00' * 20}", 1, 7),
    ]
    said = causes_of(found)
    assert said[found[0].what] == f"the same amount the other way: {found[1].what}"


def test_the_command_prints_the_cause_beside_both_figures(registry, chain, tmp_path, capsys):
    sweep(chain=chain, clock=Clock())
    unrecord("transfer", status="submitted")
    with pytest.raises(CommandError, match="differ"):
        call_command("reconcile")
    assert f"({UNRECORDED})" in capsys.readouterr().out


def test_what_is_certified_in_later_blocks_does_not_disturb_a_pinned_reader(
    registry, chain, tmp_path
):
    clock = Clock()
    sweep(chain=chain, clock=clock)
    with open_reader(tmp_path) as reader:
        registry.retire(1, 70, 2)
        sweep(chain=chain, clock=clock)
        assert reader.head().number == chain.head().number - 1
        assert compare(reader).differences == ()


def test_every_block_checks_what_it_touched(registry, chain, monkeypatch):
    looked = []
    balance = chain.balance
    monkeypatch.setattr(chain, "balance", lambda *place: looked.append(place) or balance(*place))
    sweep(chain=chain, clock=Clock())
    assert {account for account, _ in looked} == {registry.holder.uuid, registry.other.uuid}
    assert not AuditEvent.objects.filter(action="found a difference").exists()


def test_a_difference_in_what_was_touched_is_logged_and_stops_nothing(
    registry, chain, monkeypatch, caplog
):
    balance = chain.balance
    monkeypatch.setattr(chain, "balance", lambda *place: balance(*place) + 1)
    sweep(chain=chain, clock=Clock())
    assert "book and chain differ after block" in caplog.text
    event = AuditEvent.objects.filter(action="found a difference").first()
    assert "balance of" in event.subject
    assert int(event.detail["actual"]) == int(event.detail["expected"]) + 1
    assert set(OutboxItem.objects.values_list("status", flat=True)) == {"certified"}


def test_a_large_block_is_looked_at_in_a_bounded_number_of_places(registry, chain, monkeypatch):
    monkeypatch.setattr(touched, "MOST", 4)
    registry.issue([100] * 30)
    looked = []
    balance = chain.balance
    monkeypatch.setattr(chain, "balance", lambda *place: looked.append(place) or balance(*place))
    sweep(chain=chain, clock=Clock())
    assert 1 <= len(looked) <= 2 * 4 * Batch.objects.values("block").distinct().count()
