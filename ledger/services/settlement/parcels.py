"""What goes into one batch: outbox items as the calls of the certificate contract."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from uuid import UUID

from ledger.domain.calls import (
    Bundle,
    Call,
    Issue,
    LotIssue,
    Release,
    Settle,
    SettleEntry,
    Split,
    Supersede,
    Transfer,
    TransferMove,
    Unbundle,
    Withdraw,
    WithdrawFrom,
    WithdrawItem,
)
from ledger.domain.merkle import merkle_root
from ledger.domain.sum_tree import SumTree, build
from ledger.domain.token_id import BOTH
from ledger.models import Account, Batch, OutboxItem, OwnAddress, Posting

# A transaction stays below 2^24 gas and 120 KiB: foreign pools refuse more.
LOTS = 160
SPLITS = 320
MOVES = 160
ENTRIES = 200
LEAVES = 2_400
LOOK_UP = 500  # ids in one query
REBUNDLED = (Batch.Kind.UNBUNDLE, Batch.Kind.BUNDLE)
ITEMS_MOVES = 240  # moves of one transfer or withdrawal; the contract takes 256
# From the item of a void claim to that of the retirement.
VOIDED = "entry__void_claim__retirement__outbox_item"
# The contract's reasons for a withdrawal.
CORRECTION, EXPIRY = 1, 2


@dataclass(frozen=True, slots=True)
class Member:
    """One move of an outbox item, with the names that the chain knows.

    `own` is the address of the holder's own that takes part in it, if one does.
    """

    item: int
    digest: bytes
    source: UUID
    source_id: int
    destination: UUID
    asset_id: int
    token_id: int
    amount: int
    own: bytes = b""
    reason: int = CORRECTION  # of a withdrawal, told by the account it goes to


@dataclass(frozen=True, slots=True)
class Tree:
    """A settlement entry of a parcel: its sum tree and whose retirement each leaf is."""

    account_id: int
    asset_id: int
    tree: SumTree
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Members of one batch with the call that carries them."""

    kind: str
    call: Call
    items: tuple[int, ...]
    trees: tuple[Tree, ...] = field(default=())

    @property
    def root(self) -> bytes | None:
        """The root that is known before sending; a settlement's is computed by the contract."""
        return self.call.data_root if isinstance(self.call, Issue) else None


def members_of(items: Sequence[int]) -> list[Member]:
    """The moves of these outbox items, by item and position."""
    rows: list[tuple[int, bytes | memoryview, int, int, int, str, int]] = []
    for start in range(0, len(items), LOOK_UP):
        moves = Posting.objects.filter(entry__outbox_item__in=items[start : start + LOOK_UP])
        rows += moves.order_by("entry__outbox_item", "position").values_list(
            "entry__outbox_item",
            "entry__outbox_item__digest",
            "source_id",
            "destination_id",
            "asset_id",
            "asset__code",
            "amount",
        )
    accounts = {account for row in rows for account in row[2:4]}
    uuids, own = _uuids(accounts), _own_addresses(accounts)
    expired = set(
        Account.objects.filter(system=Account.System.EXPIRED).values_list("pk", flat=True)
    )
    return [
        Member(
            item=item,
            digest=bytes(digest),
            source=uuids[source],
            source_id=source,
            destination=uuids[target],
            asset_id=asset,
            token_id=int(code, 16),
            amount=amount,
            own=own.get(source, own.get(target, b"")) if own else b"",
            reason=EXPIRY if target in expired else CORRECTION,
        )
        for item, digest, source, target, asset, code, amount in rows
    ]


def _own_addresses(accounts: Iterable[int]) -> dict[int, bytes]:
    """Of the mirrors among these accounts, which are few or none."""
    found: dict[int, bytes] = {}
    ids = sorted(accounts)
    for start in range(0, len(ids), LOOK_UP):
        rows = OwnAddress.objects.filter(account__in=ids[start : start + LOOK_UP])
        found |= {pk: bytes(address) for pk, address in rows.values_list("account", "address")}
    return found


def _uuids(accounts: Iterable[int]) -> dict[int, UUID]:
    """Few accounts move many lots; reading a UUID with each move would double its cost."""
    found: dict[int, UUID] = {}
    ids = sorted(accounts)
    for start in range(0, len(ids), LOOK_UP):
        found |= Account.objects.filter(pk__in=ids[start : start + LOOK_UP]).values_list(
            "pk", "uuid"
        )
    return found


def parcels_of(kind: str, items: Sequence[int], most: int | None = None) -> list[Parcel]:
    """Outbox items of one kind as parcels that each fit a transaction; the first `most`."""
    if kind == Batch.Kind.SUPERSEDE:
        return _void_claims(items)
    return pack(kind, members_of(items), most)


def _void_claims(items: Sequence[int]) -> list[Parcel]:
    """A call for each, with the place of its leaf; call once the retirement is certified."""
    names = ["batch__sequence", "settlement_entry__position", "position"]
    places = [f"{VOIDED}__{name}" for name in names]
    rows = OutboxItem.objects.filter(pk__in=items).order_by("pk")
    return [
        Parcel(Batch.Kind.SUPERSEDE, Supersede(*place), (item,))
        for item, *place in rows.values_list("pk", *places, "entry__void_claim__reason")
    ]


def pack(kind: str, members: Sequence[Member], most: int | None = None) -> list[Parcel]:
    """Members of one kind as parcels that each fit a transaction.

    Of settlements only the first `most`: their trees take time, and those that this block has
    no room for may have other leaves in the next.
    """
    if kind == Batch.Kind.SETTLE:
        return [_settlement(entries) for entries in islice(_settlements(members), most)]
    if kind in REBUNDLED:
        return [_rebundled(kind, m) for m in members if m.token_id & BOTH == BOTH]
    if any(member.own for member in members):
        # An own address is paid or drawn on in a call of its own, its receiver's hook included.
        alone = [_alone(kind, member) for member in members if member.own]
        return pack(kind, [member for member in members if not member.own]) + alone
    is_issue = kind == Batch.Kind.ISSUE
    limit, most = (LOTS, SPLITS) if is_issue else (MOVES, ITEMS_MOVES)
    parcels: list[Parcel] = []
    chunk: list[list[Member]] = []
    moves = 0
    for _, group in groupby(members, key=lambda member: member.item):
        lot = list(group)
        if chunk and (len(chunk) == limit or moves + len(lot) > most):
            parcels.append(_parcel(kind, chunk))
            chunk, moves = [], 0
        chunk.append(lot)
        moves += len(lot)
    if chunk:
        parcels.append(_parcel(kind, chunk))
    return parcels


def _rebundled(kind: str, whole: Member) -> Parcel:
    """A call of its own; `whole` is the move of the asset that carries both attributes."""
    if kind == Batch.Kind.UNBUNDLE:
        call: Call = Unbundle(whole.source, whole.token_id, whole.amount)
    else:
        call = Bundle(whole.destination, whole.token_id, whole.amount)
    return Parcel(kind, call, (whole.item,))


def _alone(kind: str, member: Member) -> Parcel:
    call: Call
    if kind == Batch.Kind.RELEASE:
        call = Release(member.source, member.own, member.token_id, member.amount)
    else:
        call = WithdrawFrom(member.own, member.token_id, member.amount, member.reason)
    return Parcel(kind, call, (member.item,))


def halves(parcel: Parcel) -> list[list[int]]:
    """The members of a refused parcel in two parts, or in one if it cannot be parted.

    A settlement is parted between entries, since an entry stands or falls as one; an entry
    alone between its leaves.
    """
    if len(parcel.trees) > 1:
        middle = len(parcel.trees) // 2
        parts = [parcel.trees[:middle], parcel.trees[middle:]]
        return [[item for tree in part for item in tree.items] for part in parts]
    middle = len(parcel.items) // 2
    return [part for part in (list(parcel.items[:middle]), list(parcel.items[middle:])) if part]


def items_of(batch: Batch) -> list[int]:
    """Ids of a batch's outbox items, in book order."""
    return list(OutboxItem.objects.filter(batch=batch).order_by("pk").values_list("pk", flat=True))


def _parcel(kind: str, lots: Sequence[Sequence[Member]]) -> Parcel:
    items = tuple(lot[0].item for lot in lots)
    if kind == Batch.Kind.ISSUE:
        return Parcel(kind, _issue(lots), items)
    moves = [member for lot in lots for member in lot]
    call: Call
    if kind == Batch.Kind.TRANSFER:
        call = Transfer(
            tuple(TransferMove(m.source, m.destination, m.token_id, m.amount) for m in moves)
        )
    else:
        call = Withdraw(
            tuple(WithdrawItem(m.source, m.token_id, m.amount, m.reason) for m in moves)
        )
    return Parcel(kind, call, items)


def _issue(lots: Sequence[Sequence[Member]]) -> Issue:
    return Issue(
        lots=tuple(LotIssue(lot[0].token_id, sum(m.amount for m in lot)) for lot in lots),
        splits=tuple(
            Split(n, member.destination, member.amount)
            for n, lot in enumerate(lots)
            for member in lot
        ),
        data_root=merkle_root([lot[0].digest for lot in lots]),
    )


def _settlements(members: Sequence[Member]) -> Iterator[list[list[Member]]]:
    """The entries of one settlement after the other, each as its members."""
    ordered = sorted(members, key=lambda m: (m.source.int, m.token_id, m.digest, m.amount))
    trees: list[list[Member]] = []
    leaves = 0
    for _, group in groupby(ordered, key=lambda m: (m.source.int, m.token_id)):
        entry = list(group)
        for start in range(0, len(entry), LEAVES):
            part = entry[start : start + LEAVES]
            same = trees and trees[-1][0].token_id == part[0].token_id
            if trees and (len(trees) == ENTRIES or leaves + len(part) > LEAVES or same):
                yield trees
                trees, leaves = [], 0
            trees.append(part)
            leaves += len(part)
    if trees:
        yield trees


def _settlement(entries: Sequence[Sequence[Member]]) -> Parcel:
    trees = []
    for part in entries:
        tree = build(part[0].token_id, [(m.amount, m.digest) for m in part])
        trees.append(Tree(part[0].source_id, part[0].asset_id, tree, tuple(m.item for m in part)))
    call = Settle(
        tuple(
            SettleEntry(
                part[0].source,
                part[0].token_id,
                tree.tree.total,
                tree.tree.leaves,
                tree.tree.root,
            )
            for part, tree in zip(entries, trees, strict=True)
        )
    )
    return Parcel(
        Batch.Kind.SETTLE, call, tuple(m.item for part in entries for m in part), tuple(trees)
    )
