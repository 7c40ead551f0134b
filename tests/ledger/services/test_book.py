"""The book: what it posts once, what it refuses, and what it never lets go."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger.errors import AlreadyReversed, AlreadySettled, InvalidEntry, KeyReused, Overdrawn
from ledger.models import Account, Asset, Balance, Entry, OutboxItem, Posting
from ledger.services.accounts import create_certificate_assets, open_account, system_account
from ledger.services.book import Draft, Move, post_entries, post_entry, reverse_entry

NOW = datetime(2018, 2, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> Account:
    return system_account("issued")


@pytest.fixture
def holder() -> Account:
    return open_account(name="Holder")


@pytest.fixture
def other() -> Account:
    return open_account(name="Other")


@pytest.fixture
def asset() -> int:
    return create_certificate_assets([f"{3:040x}"])[0]


def held(account: Account, asset: int) -> int:
    balance = Balance.objects.filter(account=account, asset=asset).first()
    return balance.amount if balance else 0


def issue(account: Account, asset: int, amount: int, key: str = "issue") -> int:
    move = Move(system_account("issued").pk, account.pk, asset, amount)
    return post_entry(key=key, moves=[move], now=NOW, kind=Entry.Kind.ISSUE, digest=b"\1" * 32)


def test_a_move_takes_from_one_account_what_it_gives_to_another(holder, other, asset, issued):
    issue(holder, asset, 1_000)
    post_entry(key="gift", moves=[Move(holder.pk, other.pk, asset, 400)], now=NOW)
    assert (held(issued, asset), held(holder, asset), held(other, asset)) == (-1_000, 600, 400)


def test_the_same_key_and_content_answers_with_the_first_entry(holder, asset):
    assert issue(holder, asset, 1_000) == issue(holder, asset, 1_000)
    assert held(holder, asset) == 1_000
    assert Entry.objects.count() == 1


def test_the_same_key_twice_in_one_call_posts_once(holder, other, asset):
    issue(holder, asset, 1_000)
    draft = Draft("gift", Entry.Kind.TRANSFER, [Move(holder.pk, other.pk, asset, 10)])
    first, second = post_entries(drafts=[draft, draft], now=NOW)
    assert first == second
    assert held(other, asset) == 10


def test_the_same_key_with_other_content_is_refused(holder, asset):
    issue(holder, asset, 1_000)
    with pytest.raises(KeyReused, match="issue"):
        issue(holder, asset, 1_001)
    assert held(holder, asset) == 1_000


def test_an_overdraft_names_who_lacks_how_much_and_changes_nothing(holder, other, asset):
    issue(holder, asset, 1_000)
    with pytest.raises(Overdrawn, match=r"Holder holds 1000 .* 1001 needed"):
        post_entry(key="gift", moves=[Move(holder.pk, other.pk, asset, 1_001)], now=NOW)
    assert held(holder, asset) == 1_000
    assert not Entry.objects.filter(key="gift").exists()


def test_what_was_never_held_cannot_be_given(holder, other, asset):
    with pytest.raises(Overdrawn, match="Holder holds 0"):
        post_entry(key="gift", moves=[Move(holder.pk, other.pk, asset, 1)], now=NOW)


def test_one_bad_entry_of_many_leaves_nothing_behind(holder, other, asset):
    issue(holder, asset, 100)
    drafts = [
        Draft(f"gift:{n}", Entry.Kind.TRANSFER, [Move(holder.pk, other.pk, asset, 60)])
        for n in range(2)
    ]
    with pytest.raises(Overdrawn):
        post_entries(drafts=drafts, now=NOW)
    assert held(other, asset) == 0
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("amount", [0, -5])
def test_a_move_counts_something(holder, other, asset, amount):
    with pytest.raises(InvalidEntry):
        post_entry(key="nothing", moves=[Move(holder.pk, other.pk, asset, amount)], now=NOW)


def test_an_entry_without_moves_is_refused():
    with pytest.raises(InvalidEntry):
        post_entry(key="empty", moves=[], now=NOW)


def test_a_reversal_restores_balances_and_names_what_it_reverses(holder, other, asset):
    issue(holder, asset, 1_000)
    pk = post_entry(key="gift", moves=[Move(holder.pk, other.pk, asset, 400)], now=NOW)
    back = reverse_entry(entry=Entry.objects.get(pk=pk), key="undo", now=NOW)
    assert Entry.objects.get(pk=back).reverses_id == pk
    assert (held(holder, asset), held(other, asset)) == (1_000, 0)


def test_a_reversal_is_idempotent_by_key_and_happens_once(holder, other, asset):
    issue(holder, asset, 1_000)
    pk = post_entry(key="gift", moves=[Move(holder.pk, other.pk, asset, 400)], now=NOW)
    entry = Entry.objects.get(pk=pk)
    assert reverse_entry(entry=entry, key="undo", now=NOW) == reverse_entry(
        entry=entry, key="undo", now=NOW
    )
    with pytest.raises(AlreadyReversed):
        reverse_entry(entry=entry, key="undo again", now=NOW)


def test_an_undone_entry_leaves_the_outbox(holder, asset):
    pk = issue(holder, asset, 1_000)
    reverse_entry(entry=Entry.objects.get(pk=pk), key="undo", now=NOW)
    assert OutboxItem.objects.get(entry=pk).status == OutboxItem.Status.UNDONE


def test_what_is_on_the_chain_is_not_undone_in_the_book(holder, asset, a_batch):
    pk = issue(holder, asset, 1_000)
    OutboxItem.objects.filter(entry=pk).update(status=OutboxItem.Status.CERTIFIED, batch=a_batch)
    with pytest.raises(AlreadySettled):
        reverse_entry(entry=Entry.objects.get(pk=pk), key="undo", now=NOW)
    assert held(holder, asset) == 1_000


@pytest.mark.parametrize("model", [Entry, Posting])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_change_or_remove_what_was_posted(holder, asset, model, act):
    issue(holder, asset, 1_000)
    table = model._meta.db_table
    sql = f"DELETE FROM {table}" if act == "delete" else f"UPDATE {table} SET id = id"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert model.objects.count() == 1


def test_the_database_refuses_an_overdraft_even_past_the_book(holder, asset):
    issue(holder, asset, 1_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Balance.objects.filter(account=holder, asset=asset).update(amount=-1)


def test_the_database_refuses_a_move_within_one_account(holder, asset):
    entry = Entry.objects.get(pk=issue(holder, asset, 10))
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(
            entry=entry, position=9, asset_id=asset, source=holder, destination=holder, amount=1
        )


def test_only_the_source_of_issuance_may_be_negative():
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(name="Greedy", may_be_negative=True)


def test_an_asset_exists_once_per_kind_and_code(asset):
    with pytest.raises(IntegrityError), transaction.atomic():
        Asset.objects.create(kind="certificate", code=f"{3:040x}", unit="Wh")
