"""Why book and chain may differ in one place, as far as the book itself can tell."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum

from ledger.chain import layout
from ledger.chain.port import Counters, Unexplained
from ledger.models import Account, OutboxItem, OwnAddress, Posting

BALANCE = re.compile(
    r"balance of (?P<account>[0-9a-f-]{36}|0x[0-9a-f]{40}) in (?P<code>[0-9a-f]{40})"
)
LOT = re.compile(r"lot [0-9a-f]{40}")
PACKED = 1 << 160  # a lot's issued Wh begin at this bit of its word, so no plain figure reaches it

Status = OutboxItem.Status
UNRECORDED = "batches that hold it are sealed and not noted here: run settle"
GIVEN_UP = "an entry that the book has given up stands on the chain"
AHEAD = "the chain holds an act that the book still keeps back"
STRANGER = "no account, lot or device of this book leads there: somebody else wrote to the contract"
NEVER_ISSUED = "the book knows no issuance of this lot: its database may be an older copy"
NOT_THERE = "the chain never got it: its store may be an older copy"
ON_THE_WAY: Mapping[str, str] = {
    Status.SUBMITTED: UNRECORDED,
    Status.PENDING: AHEAD,
    Status.FAILED: GIVEN_UP,
    Status.UNDONE: GIVEN_UP,
}


def causes_of(found: Sequence[Unexplained]) -> dict[str, str]:
    """A sentence for each difference that can be traced, by what differs."""
    causes = {}
    others = _by_asset(found)
    for one in found:
        cause = _cause(one, others)
        if cause:
            causes[one.what] = cause
    return causes


def _cause(one: Unexplained, others: Mapping[str, list[Unexplained]]) -> str:
    place = BALANCE.fullmatch(one.what)
    if place:
        return _of_balance(one, place["account"], place["code"], others[place["code"]])
    if one.what.startswith("storage leaf "):
        return STRANGER
    if LOT.fullmatch(one.what):
        return _of_lot(one)
    return ""


def _by_asset(found: Sequence[Unexplained]) -> Mapping[str, list[Unexplained]]:
    assets: dict[str, list[Unexplained]] = defaultdict(list)
    for one in found:
        place = BALANCE.fullmatch(one.what)
        if place:
            assets[place["code"]].append(one)
    return assets


def _of_balance(
    one: Unexplained, account: str, code: str, same_asset: Sequence[Unexplained]
) -> str:
    difference = one.actual - one.expected
    for status, moved in _moved(account, code).items():
        if moved == difference:
            return ON_THE_WAY[status]
    for other in same_asset:
        if other is not one and other.actual - other.expected == -difference:
            return f"the same amount the other way: {other.what}"
    return NOT_THERE if one.actual == 0 else ""


def _moved(account: str, code: str) -> dict[str, int]:
    """What acts that are not certified would add to a balance, by their status."""
    holder = _holder(account)
    moves = Posting.objects.filter(asset__code=code).exclude(
        entry__outbox_item__status=Status.CERTIFIED
    )
    rows = (
        moves.values_list("entry__outbox_item__status")
        .annotate(
            gained=Sum("amount", filter=Q(destination__in=holder), default=0),
            lost=Sum("amount", filter=Q(source__in=holder), default=0),
        )
        .exclude(entry__outbox_item__isnull=True)
        .order_by()
    )
    return {status: gained - lost for status, gained, lost in rows if gained != lost}


def _holder(account: str) -> QuerySet[Any, Any]:
    """The id of the account that bears this name on the chain."""
    if account.startswith("0x"):
        own = OwnAddress.objects.filter(address=bytes.fromhex(account[2:]))
        return own.values("account")[:1]
    return Account.objects.filter(uuid=account).values("pk")[:1]


def _of_lot(one: Unexplained) -> str:
    if not one.expected:
        return NEVER_ISSUED
    if not one.actual:
        return NOT_THERE
    if min(one.expected, one.actual) < PACKED:
        return ""
    book, chain = (layout.unpack_counters(word) for word in (one.expected, one.actual))
    return ", ".join(
        f"{name.replace('_', ' ')}: book {getattr(book, name):,}, chain {getattr(chain, name):,}"
        for name in Counters.__dataclass_fields__
        if getattr(book, name) != getattr(chain, name)
    )
