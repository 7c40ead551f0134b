"""Keeping balances in step with postings; only the book calls this."""

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, connection

from ledger.models import Account, Balance
from ledger.models.bulk import insert

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


def apply(deltas: Mapping[tuple[int, int], int]) -> None:
    """Add each delta to the balance of (account id, asset id), in sorted order.

    Raises: django.db.IntegrityError naming the overdraft constraint.
    """
    changed = _changed(deltas)
    negative = _may_be_negative(changed)
    added, taken = [], []
    for (account, asset), amount in changed:
        if amount > 0 or account in negative:
            added.append((account, asset, amount, account in negative))
        else:
            taken.append((amount, account, asset))
    with connection.cursor() as cursor:
        # Set by set on PostgreSQL: a statement for each row costs a round trip of the server.
        at_once = connection.vendor == "postgresql"
        if at_once:
            pairs = [pair for pair, _ in changed]
            cursor.execute(LOCK, [[a for a, _ in pairs], [s for _, s in pairs]])
        if taken:
            if at_once:
                cursor.execute(TAKE_ALL, _columns(taken))
            else:
                cursor.executemany(TAKE, taken)
            if cursor.rowcount != len(taken):
                raise IntegrityError(f"{OVERDRAFT}: nothing of this asset was ever held")
        if added:
            if at_once:
                cursor.execute(ADD_ALL, _columns(added))
            else:
                cursor.executemany(ADD, added)


def create(deltas: Mapping[tuple[int, int], int]) -> None:
    """First balances in assets that were made in this transaction: nobody else knows them.

    Raises: django.db.IntegrityError naming the overdraft constraint, or where a balance is
    known.
    """
    changed = _changed(deltas)
    negative = _may_be_negative(changed)
    insert(
        Balance,
        ["account", "asset", "amount", "may_be_negative"],
        [(account, asset, amount, account in negative) for (account, asset), amount in changed],
    )


def _changed(deltas: Mapping[tuple[int, int], int]) -> list[tuple[tuple[int, int], int]]:
    return sorted((pair, amount) for pair, amount in deltas.items() if amount)


def _may_be_negative(changed: Sequence[tuple[tuple[int, int], int]]) -> set[int]:
    accounts = {pair[0] for pair, _ in changed}
    rows = Account.objects.filter(may_be_negative=True, pk__in=accounts)
    return set(rows.values_list("pk", flat=True))


def _columns(rows: Sequence[tuple[int, ...]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)]


def explain_overdraft(deltas: Mapping[tuple[int, int], int]) -> str:
    """A sentence that names the first account that cannot give what is asked."""
    for (account, asset), amount in sorted(deltas.items()):
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
