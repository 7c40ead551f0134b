"""Keeping balances in step with postings; only the book calls this."""

import numpy as np
import numpy.typing as npt
from django.db import IntegrityError, connection

from ledger.domain.sheet import I64
from ledger.models import Account, Balance
from ledger.models.bulk import insert_columns

Changes = tuple[I64, I64, I64]  # accounts, assets and amounts, sorted by account and asset

OVERDRAFT = "balance_never_overdrawn"
ADD = (
    "INSERT INTO ledger_balance (account_id, asset_id, amount, may_be_negative) "
    "VALUES (%s, %s, %s, %s) ON CONFLICT (account_id, asset_id) "
    "DO UPDATE SET amount = ledger_balance.amount + excluded.amount"
)
TAKE = "UPDATE ledger_balance SET amount = amount + %s WHERE account_id = %s AND asset_id = %s"
ADD_ALL = (
    "INSERT INTO ledger_balance (account_id, asset_id, amount, may_be_negative) "
    "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[]) "
    "ON CONFLICT (account_id, asset_id) "
    "DO UPDATE SET amount = ledger_balance.amount + excluded.amount"
)
TAKE_ALL = (
    "UPDATE ledger_balance SET amount = amount + change "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS wanted(change, a, s) "
    "WHERE account_id = a AND asset_id = s"
)
LOCK = (
    "SELECT 1 FROM ledger_balance JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted(a, s) "
    "ON account_id = a AND asset_id = s ORDER BY account_id, asset_id FOR UPDATE OF ledger_balance"
)


def apply(changes: Changes) -> None:
    """Add each amount to the balance of its account and asset, in sorted order.

    Raises: django.db.IntegrityError naming the overdraft constraint.
    """
    accounts, assets, amounts = changes
    negative = _may_be_negative(accounts)
    adds = (amounts > 0) | negative
    added = [column[adds].tolist() for column in (accounts, assets, amounts, negative)]
    taken = [column[~adds].tolist() for column in (amounts, accounts, assets)]
    with connection.cursor() as cursor:
        # Set by set on PostgreSQL: a statement for each row costs a round trip of the server.
        at_once = connection.vendor == "postgresql"
        if at_once:
            cursor.execute(LOCK, [accounts.tolist(), assets.tolist()])
        if taken[0]:
            if at_once:
                cursor.execute(TAKE_ALL, taken)
            else:
                cursor.executemany(TAKE, list(zip(*taken, strict=True)))
            if cursor.rowcount != len(taken[0]):
                raise IntegrityError(f"{OVERDRAFT}: nothing of this asset was ever held")
        if added[0]:
            if at_once:
                cursor.execute(ADD_ALL, added)
            else:
                cursor.executemany(ADD, list(zip(*added, strict=True)))


def create(changes: Changes) -> None:
    """First balances in assets that were made in this transaction: nobody else knows them.

    Raises: django.db.IntegrityError naming the overdraft constraint, or where a balance is
    known.
    """
    accounts, assets, amounts = changes
    balance = {"account": accounts, "asset": assets, "amount": amounts}
    insert_columns(
        Balance, balance | {"may_be_negative": _may_be_negative(accounts)}, len(accounts)
    )


def _may_be_negative(accounts: I64) -> npt.NDArray[np.bool_]:
    rows = Account.objects.filter(may_be_negative=True, pk__in=np.unique(accounts).tolist())
    return np.isin(accounts, np.array(list(rows.values_list("pk", flat=True)), np.int64))


def explain_overdraft(changes: Changes) -> str:
    """A sentence that names the first account that cannot give what is asked."""
    for account, asset, amount in zip(*(column.tolist() for column in changes), strict=True):
        if amount >= 0:
            continue
        held = Balance.objects.filter(account=account, asset=asset).first()
        if held and held.may_be_negative:
            continue
        has = held.amount if held else 0
        if has + amount < 0:
            name = Account.objects.get(pk=account).name
            return f"{name} holds {has} of asset {asset}, {-amount} needed."
    return "The balance changed meanwhile; another act came first."
