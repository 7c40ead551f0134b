"""Rows of the book refer to what is there, whichever way the database sees to it."""

from datetime import UTC, datetime

import pytest

from ledger.models import Account, Asset, Balance, Entry, OutboxItem, Posting
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Move, post_entry
from tests.past_models import delete_from, delete_while_another_writes, refused

pytestmark = pytest.mark.django_db
NOW = datetime(2018, 2, 1, tzinfo=UTC)
NOBODY = 987_654_321


@pytest.fixture
def posted(db) -> Entry:
    """One entry between two accounts."""
    asset = Asset.objects.create(kind="certificate", code="a" * 40, unit="Wh")
    source = system_account(Account.System.ISSUED)
    move = Move(source.pk, open_account(name="holder").pk, asset.pk, 5)
    return Entry.objects.get(pk=post_entry(key="one", moves=[move], now=NOW))


@pytest.mark.parametrize("column", ["entry_id", "asset_id", "source_id", "destination_id"])
def test_a_posting_that_names_nothing_is_refused(posted, column):
    known = Posting.objects.values("entry_id", "asset_id", "source_id", "destination_id").get()
    values = known | {"position": 1, "amount": 1, column: NOBODY}
    refused(lambda: Posting.objects.create(**values))


@pytest.mark.parametrize("column", ["account_id", "asset_id"])
def test_a_balance_that_names_nothing_is_refused(posted, column):
    known = Balance.objects.filter(amount=5).values("account_id", "asset_id").get()
    refused(lambda: Balance.objects.create(**known | {column: NOBODY, "amount": 1}))


@pytest.mark.parametrize("column", ["account_id", "asset_id"])
def test_a_balance_is_never_turned_to_what_is_not_there(posted, column):
    refused(lambda: Balance.objects.filter(amount=5).update(**{column: NOBODY}))


def test_one_wrong_row_among_many_refuses_all(posted):
    rows = [
        OutboxItem(entry_id=entry, kind="transfer", status="undone")
        for entry in (posted.pk, NOBODY)
    ]
    refused(lambda: OutboxItem.objects.bulk_create(rows))
    assert not OutboxItem.objects.exists()


def test_what_the_book_names_cannot_be_removed(posted):
    refused(lambda: delete_from("ledger_asset", Asset.objects.get().pk))
    refused(lambda: delete_from("ledger_account", Account.objects.get(name="holder").pk))
    issued = system_account(Account.System.ISSUED)
    refused(lambda: delete_from("ledger_account", issued.pk))


def test_an_account_without_a_posting_can_go(posted):
    account = open_account(name="nobody's")
    delete_from("ledger_account", account.pk)
    assert not Account.objects.filter(name="nobody's").exists()


@pytest.mark.django_db(transaction=True)
def test_an_account_removed_while_another_process_posts_to_it_stays(posted):
    account, asset = open_account(name="both"), Asset.objects.get()
    move = Move(system_account(Account.System.ISSUED).pk, account.pk, asset.pk, 1)
    delete_while_another_writes(
        "ledger_account", account.pk, lambda: post_entry(key="two", moves=[move], now=NOW)
    )
    assert Account.objects.filter(pk=account.pk).exists()


def test_a_reversal_of_nothing_is_refused(posted):
    refused(lambda: a_reversal("two", NOBODY))


def test_an_entry_is_reversed_once(posted):
    a_reversal("two", posted.pk)
    refused(lambda: a_reversal("three", posted.pk))


def a_reversal(key: str, of: int) -> Entry:
    return Entry.objects.create(
        key=key, kind="reverse", content_hash=b"\1" * 32, posted_at=NOW, reverses_id=of
    )
