"""Does the book agree with itself and with what was sent to the chain?

Every check reads; none repairs. A finding names the row and both figures.
"""

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q, Sum

from ledger.errors import LedgerError
from ledger.models import Account, Asset, Balance, Batch, Block, OutboxItem, SettlementEntry
from ledger.services.reconciliation import reconcile

SHOWN = 100  # findings of one check; more of the same teach nothing
ASSETS = 20_000  # added up together: few enough for the database to do it in its memory


Told = Callable[[str, int, int], None]
# Who listens to how far a check is: its name, and so many of so many of its own count.
listening: ContextVar[Told | None] = ContextVar("listening", default=None)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not add up: which check, which row, and both figures."""

    check: str
    subject: str
    message: str


BALANCES = """
SELECT account_id, asset_id, SUM(kept), SUM(posted) FROM (
    SELECT account_id, asset_id, amount AS kept, 0 AS posted FROM ledger_balance
    WHERE asset_id > %(after)s AND asset_id <= %(last)s
    UNION ALL SELECT destination_id, asset_id, 0, amount FROM ledger_posting
    WHERE asset_id > %(after)s AND asset_id <= %(last)s
    UNION ALL SELECT source_id, asset_id, 0, -amount FROM ledger_posting
    WHERE asset_id > %(after)s AND asset_id <= %(last)s
) AS sides GROUP BY account_id, asset_id HAVING SUM(kept) <> SUM(posted)
ORDER BY asset_id, account_id LIMIT %(shown)s
"""


def check_everything() -> list[Finding]:
    """Every finding in book, outbox and chain; an empty list means it all adds up."""
    found: list[Finding] = []
    for name, check in CHECKS.items():
        tell(name, 0, 0)
        found += check()
    return found


def tell(check: str, done: int, total: int) -> None:
    """Say how far a check is, if anybody listens."""
    if (told := listening.get()) is not None:
        told(check, done, total)


def as_report(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as JSON, by check: each check's claim, whether it holds, and what breaks it."""
    return {
        "consistent": not findings,
        "checks": [
            {
                "check": name,
                "claim": str(check.__doc__),
                "findings": [
                    {"subject": f.subject, "message": f.message}
                    for f in findings
                    if f.check == name
                ],
            }
            for name, check in CHECKS.items()
        ],
    }


def balances() -> Iterator[Finding]:
    """Each balance is the sum of its account's postings in its asset."""
    shown = 0
    for after, last in _assets("balances"):
        with connection.cursor() as cursor:
            bounds = {"after": after, "last": last, "shown": SHOWN - shown}
            cursor.execute(BALANCES, bounds)
            found = cursor.fetchall()
        for account, asset, kept, posted in found:
            yield Finding(
                "balances",
                f"account {account}, asset {asset}",
                f"The balance says {kept}, the postings add up to {posted}.",
            )
        shown += len(found)
        if shown >= SHOWN:
            return


def conservation() -> Iterator[Finding]:
    """Of each asset: issued = held + retired + withdrawn + expired."""
    issued = Q(account__system=Account.System.ISSUED)
    shown = 0
    for after, last in _assets("conservation"):
        rows = (
            Balance.objects.filter(asset__gt=after, asset__lte=last)
            .values("asset_id")
            .annotate(issued=Sum("amount", filter=issued), total=Sum("amount"))
            .exclude(total=0)
            .order_by("asset_id")
        )
        for row in rows[: SHOWN - shown]:
            out = -(row["issued"] or 0)
            yield Finding(
                "conservation",
                f"asset {row['asset_id']}",
                f"{out} were issued, {row['total'] + out} are held, retired, withdrawn or expired.",
            )
            shown += 1
        if shown >= SHOWN:
            return


def _assets(check: str) -> Iterator[tuple[int, int]]:
    """Ids of assets, some at a time: those above the first and up to the last.

    An entry and its balances come in one transaction, so that each part is true by itself.
    """
    ids = Asset.objects.order_by("pk").values_list("pk", flat=True)
    after, newest = 0, ids.last() or 0
    while after < newest:
        last = ids.filter(pk__gt=after)[ASSETS - 1 : ASSETS].first() or newest
        tell(check, after, newest)
        yield after, last
        after = last


def outbox() -> Iterator[Finding]:
    """An item is certified exactly when its batch is sealed, and never in a reverted one."""
    items = OutboxItem.objects.filter(batch__isnull=False)
    certified = Q(status=OutboxItem.Status.CERTIFIED)
    sealed = Q(batch__status=Batch.Status.SEALED)
    wrong = items.filter((certified & ~sealed) | (~certified & sealed)).order_by("pk")
    for item in wrong.select_related("batch")[:SHOWN]:
        yield Finding(
            "outbox",
            f"outbox item {item.pk}",
            f"It is {item.status}, its batch {item.batch} is {item.batch.status}.",  # type: ignore[union-attr]
        )


def settlements() -> Iterator[Finding]:
    """A settlement entry counts and sums exactly the retirements it holds."""
    kept = SettlementEntry.objects.exclude(batch__status=Batch.Status.REVERTED)
    entries = kept.annotate(posted=Sum("items__entry__postings__amount", default=0))
    for entry in entries.exclude(posted=F("amount")).order_by("pk")[:SHOWN]:
        yield Finding(
            "settlements",
            f"settlement entry {entry.pk}",
            f"It settles {entry.amount}, its retirements add up to {entry.posted}.",
        )


def chain() -> Iterator[Finding]:
    """Every Wh on the chain follows from certified entries, and back."""
    if not Block.objects.exists():  # nothing is sealed yet
        return
    try:
        found = reconcile()
    except LedgerError as error:
        yield Finding("chain", error.code, str(error))
        return
    for part in found.differences[:SHOWN]:
        message = f"The book says {part.expected}, the chain {part.actual}."
        if cause := found.causes.get(part.what):
            message += f" Perhaps: {cause}."
        yield Finding("chain", part.what, message)


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "balances": balances,
    "conservation": conservation,
    "outbox": outbox,
    "settlements": settlements,
    "chain": chain,
}
