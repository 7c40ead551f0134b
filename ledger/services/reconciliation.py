"""Book against chain: every Wh on the chain must follow from certified entries, and back."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from django.db.models import Max, Min, Q, QuerySet, Sum

from ledger.chain import open_chain
from ledger.chain.port import Chain, Counters, Unexplained
from ledger.domain.calls import Holder
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId, lot_of
from ledger.errors import ChainBusy
from ledger.models import Account, Batch, Block, Entry, OutboxItem, OwnAddress, Posting
from ledger.services.causes import causes_of
from ledger.services.sorting import sorting_on_disk

CERTIFIED = OutboxItem.Status.CERTIFIED
NOT_CERTIFIED = [status for status in OutboxItem.Status if status != CERTIFIED]
AT_ONCE = 5_000  # rows fetched together
EXPLAINED = 100  # differences whose cause is looked for
MASK = 0xFF
_PLACE = itemgetter(0, 1)  # of a balance: account and asset

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared at a block, what is still on its way there, and what differs.

    `causes` say why, by what differs, where the book can tell.
    """

    height: int
    balances: int
    lots: int
    on_the_way: int
    differences: tuple[Unexplained, ...]
    causes: Mapping[str, str] = field(default_factory=dict)


def reconcile() -> Reconciliation:
    """Compare the whole contract storage at the last block with the certified entries.

    Raises: ChainBusy when a sealed block is not noted in the database yet.
    """
    with open_chain(writable=False) as chain:
        return compare(chain)


def compare(chain: Chain) -> Reconciliation:
    """The comparison itself, at the block that the chain is pinned to.

    The book is read in streams, as it stood at that block: what is certified meanwhile in
    later ones does not disturb. Differences are named with their cause where it can be seen.
    """
    height = chain.head().number
    noted = Block.objects.order_by("-height").values_list("height", flat=True).first()
    if chain.is_shared:
        _check_noted(chain, 0 if noted is None else noted)
    elif noted is None or noted < height:
        raise ChainBusy(
            f"Block {height} is sealed, block {noted} is the last noted. Run settle, then again."
        )
    balances = Streamed(partial(balances_at, height))
    odometers: dict[int, int] = defaultdict(int)
    lots = Streamed(partial(lots_at, height, odometers))
    with sorting_on_disk():
        found = chain.unexplained(balances=balances, lots=lots, odometers=odometers)
    return Reconciliation(
        height=height,
        balances=balances.count,
        lots=lots.count,
        on_the_way=OutboxItem.objects.filter(status__in=["pending", "submitted"]).count(),
        differences=tuple(found),
        causes=causes_of(found[:EXPLAINED]),
    )


def _check_noted(chain: Chain, noted: int) -> None:
    """Of a shared chain few blocks are noted, but its batches are counted."""
    ours = Batch.objects.filter(status=Batch.Status.SEALED, nonce__isnull=False)
    sealed, following = ours.aggregate(last=Max("sequence"))["last"] or 0, chain.next_sequence()
    if sealed + 1 < following:
        raise ChainBusy(
            f"The chain holds {following - 1} batches, {sealed} are noted. Run settle, then again."
        )
    if chain.eventful(noted + 1, chain.head().number):
        raise ChainBusy(
            f"Blocks after {noted}, the last noted, are not looked at yet. Run settle, then again."
        )


class Streamed(Mapping[K, V]):
    """Rows that are read once, as they come; held only when somebody looks one up.

    `count` is how many there were, zeros aside.
    """

    def __init__(self, rows: Callable[[], Iterator[tuple[K, V]]]) -> None:
        self._rows = rows
        self.count = 0

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Each pair once, in the order in which the database gives them."""
        self.count = 0
        for pair in self._rows():
            self.count += bool(pair[1])
            yield pair

    @cached_property
    def _held(self) -> dict[K, V]:
        return dict(self.items())

    def __getitem__(self, key: K) -> V:
        return self._held[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def certified_by(height: int) -> QuerySet[Posting]:
    """Postings whose entries stand on the chain in a block up to this one.

    What holders did there themselves has no place in the outbox, unless it retired.
    """
    later = Q(entry__outbox_item__batch__block__height__gt=height)
    sent = Q(entry__outbox_item__status=CERTIFIED) & ~later
    mirrored = Q(entry__outbox_item__isnull=True, entry__mirrored_event__block__height__lte=height)
    return Posting.objects.filter(sent | mirrored)


def balances_at(height: int) -> Iterator[tuple[tuple[Holder, int], int]]:
    """What holders have on the chain, from the postings of certified entries.

    Where others have moved something it comes with 0, so that the place has a name if the
    chain holds more than the book thinks.
    """
    known, moves = holders(), certified_by(height)
    others = Posting.objects.filter(entry__outbox_item__status__in=NOT_CERTIFIED)
    sides = [_side(moves, "source", -1), _side(moves, "destination", 1)]
    sides += [_side(others, end, 0) for end in ("source", "destination")]
    ordered = heapq.merge(*sides, key=_PLACE)
    for (account, _), rows in groupby(ordered, key=_PLACE):
        if account not in known:
            continue
        parts = list(rows)
        amount = sum(total for *_, total in parts)
        if amount or not all(total for *_, total in parts):
            yield (known[account], int(parts[0][2], 16)), amount


def holders() -> dict[int, Holder]:
    """Accounts that have a place on the chain, by id, as the chain knows them."""
    kept = Account.objects.filter(system="", is_mirror=False).values_list("pk", "uuid")
    own = OwnAddress.objects.values_list("account", "address")
    return dict(kept) | {pk: bytes(address) for pk, address in own}


def _side(moves: QuerySet[Posting], end: str, sign: int) -> Iterator[tuple[int, int, str, int]]:
    """(account, asset, code, signed Wh) in the order of account and asset."""
    rows = moves.values_list(end, "asset", "asset__code").annotate(total=Sum("amount"))
    ordered = rows.order_by(end, "asset").iterator(chunk_size=AT_ONCE)
    return ((account, asset, code, sign * total) for account, asset, code, total in ordered)


def lots_at(height: int, odometers: dict[int, int]) -> Iterator[tuple[int, Counters]]:
    """Every certified lot's counters, from the book; adds what was issued to its device's."""
    for lot, counters in lots_of(certified_by(height)):
        odometers[TokenId.from_number(lot | counters.mask).device] += counters.issued
        yield lot, counters


def lots_of(moves: QuerySet[Posting]) -> Iterator[tuple[int, Counters]]:
    """The counters of lots that follow from some postings, among them all of each lot's."""
    issue = Q(entry__kind=Entry.Kind.ISSUE)
    rows = (
        moves.values_list("asset__code")
        .annotate(
            issued=Sum("amount", filter=issue),
            retired=Sum("amount", filter=Q(entry__kind=Entry.Kind.RETIRE), default=0),
            withdrawn=Sum("amount", filter=Q(entry__kind=Entry.Kind.WITHDRAW), default=0),
            renewable=Min("entry__outbox_item__renewable_wh", filter=issue),
            emissions=Min("entry__outbox_item__emissions_wh", filter=issue),
        )
        .order_by("asset__code")  # one lot's assets follow each other: the mask comes last
        .iterator(chunk_size=AT_ONCE)
    )
    for lot, assets in groupby(rows, key=lambda row: lot_of(int(row[0], 16))):
        counters = _counters(list(assets))
        if counters is not None:
            yield lot, counters


def _counters(
    assets: list[tuple[str, int | None, int, int, int | None, int | None]],
) -> Counters | None:
    """A lot's counters from its assets of one, the other or both attributes."""
    issued, first, mask = 0, 0, 0
    used = {RENEWABLE: [0, 0], EMISSIONS: [0, 0]}
    for code, made, retired, withdrawn, renewable, emissions in assets:
        carried = int(code, 16) & MASK
        for attribute, totals in used.items():
            if carried & attribute:
                totals[0] += retired
                totals[1] += withdrawn
        if made:
            start = emissions if renewable is None else renewable
            issued, first, mask = made, start or 0, carried
    if not issued:
        return None
    (retired_r, withdrawn_r), (retired_e, withdrawn_e) = used[RENEWABLE], used[EMISSIONS]
    return Counters(issued, retired_r, retired_e, withdrawn_r, withdrawn_e, first, mask)
