"""Keeping balances in step with postings; only the book calls this."""

from collections.abc import Mapping

from django.db import IntegrityError, connection

from ledger.models import Account, Balance

OVERDRAFT = "balance_never_overdrawn"
ADD = (
    "INSERT INTO ledger_balance (account_id, asset_id, amount, may_be_negative) "
    "VALUES (%s, %s, %s, %s) ON CONFLICT (account_id, asset_id) "
    "DO UPDATE SET amount = ledger_balance.amount + excluded.amount"
)
TAKE = "UPDATE ledger_balance SET amount = amount + %s WHERE account_id = %s AND asset_id = %s"
LOCK = (
    "SELECT 1 FROM ledger_balance JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted(a, s) "
    "ON account_id = a AND asset_id = s ORDER BY account_id, asset_id FOR UPDATE OF ledger_balance"
)


def apply(deltas: Mapping[tuple[int, int], int]) -> None:
    """Add each delta to the balance of (account id, asset id), in sorted order.

    Raises: django.db.IntegrityError naming the overdraft constraint.
    """
    changed = sorted((pair, amount) for pair, amount in deltas.items() if amount)
    negative = set(
        Account.objects.filter(
            may_be_negative=True, pk__in={pair[0] for pair, _ in changed}
        ).values_list("pk", flat=True)
    )
    added, taken = [], []
    for (account, asset), amount in changed:
        if amount > 0 or account in negative:
            added.append((account, asset, amount, account in negative))
        else:
            taken.append((amount, account, asset))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            pairs = [pair for pair, _ in changed]
            cursor.execute(LOCK, [[a for a, _ in pairs], [s for _, s in pairs]])
        if taken:
            cursor.executemany(TAKE, taken)
            if cursor.rowcount != len(taken):
                raise IntegrityError(f"{OVERDRAFT}: nothing of this asset was ever held")
        if added:
            cursor.executemany(ADD, added)


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
