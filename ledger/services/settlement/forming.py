"""Batches are committed in the database before they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Max, Q

from ledger.chain.port import Chain
from ledger.domain.calls import Bundle, Release, Supersede, Unbundle, WithdrawFrom
from ledger.models import Batch, OutboxItem, SettlementEntry
from ledger.models.bulk import insert, reserve_ids
from ledger.services.settlement.parcels import LEAVES, LOTS, VOIDED, Parcel, parcels_of

BATCHES_PER_BLOCK = 8  # about a second of execution, so that blocks do not outrun the clock
# Calls that carry one act each: so many take as long as one full call. Not on a network of
# others, whose pools hold few transactions of one key.
LIGHT = (Bundle, Release, Supersede, Unbundle, WithdrawFrom)
LIGHT_FOR_ONE = 16
# Stages of a block; kinds of one stage need each other, and go in the order of the book.
ORDER: list[tuple[str, ...]] = [
    (Batch.Kind.ISSUE,),
    (Batch.Kind.TRANSFER, Batch.Kind.UNBUNDLE, Batch.Kind.BUNDLE),
    (Batch.Kind.RELEASE,),
    (Batch.Kind.WITHDRAW,),
    (Batch.Kind.SETTLE,),
    (Batch.Kind.SUPERSEDE,),
]
ASSIGN = (
    "UPDATE ledger_outboxitem SET status = 'submitted', batch_id = %s, "
    "settlement_entry_id = %s, position = %s WHERE id = %s AND status IN ('pending', 'submitted')"
)


class ItemsChanged(Exception):
    """A member was undone between our look and our write."""


@dataclass(frozen=True, slots=True)
class Place:
    """The next free sequence of the contract and nonce of the operator."""

    sequence: int
    nonce: int


def form_batches(*, chain: Chain, now: datetime) -> list[Batch]:
    """Prepare and commit the next block's batches: issuance first, void claims last.

    A stage is sent only when nothing of an earlier stage waits, so that whatever a batch
    needs stands on the chain before it.
    """
    parcels = _next_parcels(1 if chain.is_shared else LIGHT_FOR_ONE)
    if not parcels:
        return []
    try:
        with transaction.atomic():
            return commit(chain=chain, parcels=parcels, now=now)
    except ItemsChanged:
        return form_batches(chain=chain, now=now)


def commit(
    *, chain: Chain, parcels: Sequence[Parcel], now: datetime, parent: Batch | None = None
) -> list[Batch]:
    """Write prepared batches with their members; call inside a transaction.

    Raises: ItemsChanged when a member is no longer waiting.
    """
    place = next_place(chain)
    batches = []
    for n, parcel in enumerate(parcels):
        prepared = chain.prepare(place.sequence + n, place.nonce + n, parcel.call)
        batch = Batch.objects.create(
            nonce=place.nonce + n,
            sender=chain.operator(),
            sequence=place.sequence + n,
            kind=parcel.kind,
            raw_transaction=prepared.raw,
            transaction_hash=prepared.hash,
            root=parcel.root,
            parent=parent,
            prepared_at=now,
        )
        _assign(batch, parcel)
        batches.append(batch)
    return batches


def next_place(chain: Chain) -> Place:
    """What follows the chain's state and the batches prepared but not yet sent.

    Nonces are those of the key that signs now; a key before it had its own.
    """
    prepared = Batch.objects.filter(status=Batch.Status.PREPARED)
    ahead = prepared.aggregate(
        sequence=Max("sequence"), nonce=Max("nonce", filter=Q(sender=chain.operator()))
    )
    return Place(
        max(_after(ahead["sequence"]), chain.next_sequence()),
        max(_after(ahead["nonce"]), chain.next_nonce()),
    )


def _after(last: int | None) -> int:
    return 0 if last is None else last + 1


def _next_parcels(light_for_one: int) -> list[Parcel]:
    # Settlements are read before issuance: whatever is retired was issued earlier, so an
    # issuance that they need cannot slip in unseen between the two looks.
    waiting = {stage: _pending(stage) for stage in reversed(ORDER)}
    parcels: list[Parcel] = []
    room = BATCHES_PER_BLOCK * light_for_one
    for stage in ORDER:
        ready: list[Parcel] = []
        for kind, run in groupby(waiting[stage], key=lambda item: item[1]):
            ready += parcels_of(kind, [pk for pk, _ in run], BATCHES_PER_BLOCK)
        for parcel in ready:
            weight = 1 if isinstance(parcel.call, LIGHT) else light_for_one
            if weight > room:
                return parcels
            parcels.append(parcel)
            room -= weight
        if not room or len(waiting[stage]) == _limit(stage):
            break
    return parcels


def _limit(stage: tuple[str, ...]) -> int:
    if Batch.Kind.SUPERSEDE in stage:
        return BATCHES_PER_BLOCK * LIGHT_FOR_ONE  # each a call of its own
    return BATCHES_PER_BLOCK * (LEAVES if Batch.Kind.SETTLE in stage else LOTS)


def _pending(stage: tuple[str, ...]) -> list[tuple[int, str]]:
    """(id, kind) of what waits, in the order of the book."""
    items = OutboxItem.objects.filter(kind__in=stage, status=OutboxItem.Status.PENDING)
    if Batch.Kind.SUPERSEDE in stage:  # the leaf has its place once it is certified
        items = items.filter(**{f"{VOIDED}__status": OutboxItem.Status.CERTIFIED})
    return list(items.order_by("pk").values_list("pk", "kind")[: _limit(stage)])


def _assign(batch: Batch, parcel: Parcel) -> None:
    rows: list[tuple[int, int | None, int, int]]
    if parcel.trees:
        entries = reserve_ids(SettlementEntry, len(parcel.trees))
        insert(
            SettlementEntry,
            ["id", "batch", "position", "account", "asset", "amount", "count", "tree_root"],
            [
                (pk, batch.pk, n, t.account_id, t.asset_id, t.tree.total, t.tree.count, t.tree.root)
                for n, (pk, t) in enumerate(zip(entries, parcel.trees, strict=True))
            ],
        )
        rows = [
            (batch.pk, pk, n, item)
            for pk, tree in zip(entries, parcel.trees, strict=True)
            for n, item in enumerate(tree.items)
        ]
    else:
        rows = [(batch.pk, None, n, item) for n, item in enumerate(parcel.items)]
    with connection.cursor() as cursor:
        cursor.executemany(ASSIGN, rows)
        if cursor.rowcount != len(rows):
            raise ItemsChanged
