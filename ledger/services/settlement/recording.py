"""What the chain answered, written down: certified numbers, or what became of a refusal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import takewhile

from django.db import connection, transaction

from ledger.chain.port import Chain, Outcome
from ledger.domain.calls import BatchSettled, EntryRetired, LotIssued
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId
from ledger.errors import ChainBusy, ChainCorrupt, ChainReorganised
from ledger.models import Batch, Block, Entry, OutboxItem
from ledger.services import inbox
from ledger.services.settlement.failing import fail
from ledger.services.settlement.forming import commit
from ledger.services.settlement.parcels import halves, items_of, members_of, pack, parcels_of
from ledger.services.touched import check_touched
from ledger.signals import batch_certified, entries_failed

# The contract's reasons that are no fault of a batch's members: an earlier batch of the block
# was refused, the contract is paused, the key has lost its role.
NOT_OF_ITS_OWN = ("sequence", "paused", "role")
CERTIFY = (
    "UPDATE ledger_outboxitem SET status = 'certified', renewable_wh = %s, emissions_wh = %s "
    "WHERE id = %s"
)


ENTRY_STARTS = (
    "UPDATE ledger_settlemententry SET from_renewable_wh = %s, from_emissions_wh = %s WHERE id = %s"
)
Numbers = tuple[int | None, int | None, int]  # first Wh of RENEWABLE, of EMISSIONS, row's id


def record_blocks(chain: Chain) -> None:
    """Note every sealed block that the database does not know yet, and what holders did there.

    Of a shared chain those in which the contract moved something, and the refused batches'
    when these are recorded.

    Raises: ChainCorrupt when the store is behind the last block noted, or differs from it;
    of a shared chain ChainBusy and ChainReorganised.
    """
    last = Block.objects.order_by("-height").first()
    if last:
        (check_noted if chain.is_shared else _check_own)(chain, last)
    _note(chain, chain.eventful(last.height + 1 if last else 0, chain.head().number))


def _check_own(chain: Chain, last: Block) -> None:
    head = chain.head()
    if head.number < last.height:
        raise ChainCorrupt(
            f"The chain's store ends at block {head.number}, but block {last.height} was sealed. "
            "It seems restored from a backup: fetch the missing blocks before writing on."
        )
    if chain.block(last.height).hash != bytes(last.block_hash):
        raise ChainCorrupt(f"Block {last.height} of the store is not the one that was sealed.")


def check_noted(chain: Chain, last: Block) -> None:
    """Of a shared chain, the last block noted must still stand.

    Raises: ChainReorganised when it does not, ChainBusy when the node has not got so far.
    """
    head = chain.head()
    if last.height > head.number:
        raise ChainBusy(
            f"The node's last final block is {head.number}, behind block {last.height} that was "
            f"noted: it is still catching up."
        )
    if chain.block(last.height).hash != bytes(last.block_hash):
        raise ChainReorganised(
            f"The network no longer has block {last.height} as it was noted: it was dropped after "
            f"it counted as final. Nothing is sent until somebody has looked (docs/scaling.md)."
        )


def _note(chain: Chain, heights: Iterable[int]) -> None:
    for height in heights:
        facts = chain.block(height)
        sealed_at = datetime.fromtimestamp(facts.timestamp, UTC)
        with transaction.atomic():
            block = Block.objects.create(
                height=height,
                block_hash=facts.hash,
                state_root=facts.state_root,
                sealed_at=sealed_at,
            )
            inbox.mirror(chain=chain, block=block, facts=facts, now=sealed_at)


def ready(
    batches: Sequence[Batch], outcomes: Sequence[Outcome | None]
) -> list[tuple[Batch, Outcome]]:
    """The outcomes to record now: of all batches, or of those before the first that is open.

    A refused batch waits for those behind it, which fall for their turn alone. Their members
    get new sequences, and only together can these follow the chain's own.
    """
    found = list(zip(batches, outcomes, strict=True))
    if None not in outcomes:
        return [(batch, outcome) for batch, outcome in found if outcome]
    turn = takewhile(lambda pair: pair[1] is not None and pair[1].success, found)
    return [(batch, outcome) for batch, outcome in turn if outcome]


def record(
    *, chain: Chain, batches: Sequence[Batch], outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Record a block's outcomes in the order of the batches, in one transaction."""
    with transaction.atomic():
        record_blocks(chain)
        if chain.is_shared:
            found = {outcome.block_number for outcome in outcomes}
            noted = Block.objects.filter(height__in=found).values_list("height", flat=True)
            _note(chain, sorted(found - set(noted)))
        blocks = {
            b.height: b for b in Block.objects.filter(height__in={o.block_number for o in outcomes})
        }
        refused = []
        for batch, outcome in zip(batches, outcomes, strict=True):
            batch.block = blocks[outcome.block_number]
            batch.status = Batch.Status.SEALED if outcome.success else Batch.Status.REVERTED
            batch.reason = outcome.reason
            batch.transaction_hash = outcome.hash  # a dearer replacement has another
            batch.save(update_fields=["block", "status", "reason", "transaction_hash"])
            if outcome.success:
                _certify(batch, outcome)
            else:
                refused.append(batch)
        check_touched(chain=chain, batches=batches, now=now)
        for batch in refused:
            _part(chain, batch, now)


def _certify(batch: Batch, outcome: Outcome) -> None:
    if batch.kind == Batch.Kind.ISSUE:
        rows = _issued_numbers(batch, outcome)
    elif batch.kind == Batch.Kind.SETTLE:
        rows = _retired_numbers(batch, outcome)
    else:
        rows = [(None, None, item) for item in items_of(batch)]
    with connection.cursor() as cursor:
        cursor.executemany(CERTIFY, rows)
    batch_certified.send(sender=Batch, batch_id=batch.pk)


def _issued_numbers(batch: Batch, outcome: Outcome) -> list[Numbers]:
    first = {f.token_id: f.first_wh for f in outcome.facts if isinstance(f, LotIssued)}
    lots = {member.item: member.token_id for member in members_of(items_of(batch))}
    return [
        (
            first[token_id] if token_id & RENEWABLE else None,
            first[token_id] if token_id & EMISSIONS else None,
            item,
        )
        for item, token_id in lots.items()
    ]


def _retired_numbers(batch: Batch, outcome: Outcome) -> list[Numbers]:
    facts = {f.position: f for f in outcome.facts if isinstance(f, EntryRetired)}
    root = next(f.root for f in outcome.facts if isinstance(f, BatchSettled))
    Batch.objects.filter(pk=batch.pk).update(root=root)
    rows: list[Numbers] = []
    starts: list[Numbers] = []
    leaves = _leaves(batch)
    for entry in list(batch.entries.order_by("position")):
        fact = facts[entry.position]
        if (fact.amount, fact.tree_root) != (entry.amount, bytes(entry.tree_root)):
            raise ChainCorrupt(
                f"Batch {batch.sequence} reads back with another entry {entry.position}."
            )
        mask = TokenId.from_number(fact.token_id).mask
        renewable = fact.from_renewable if mask & RENEWABLE else None
        emissions = fact.from_emissions if mask & EMISSIONS else None
        starts.append((renewable, emissions, entry.pk))
        before = 0
        for item, amount in leaves[entry.pk]:
            rows.append((_plus(renewable, before), _plus(emissions, before), item))
            before += amount
    with connection.cursor() as cursor:
        cursor.executemany(ENTRY_STARTS, starts)
    return rows


def _leaves(batch: Batch) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    rows = (
        OutboxItem.objects.filter(batch=batch)
        .order_by("settlement_entry", "position")
        .values_list("settlement_entry", "pk", "entry__postings__amount")
    )
    for entry, item, amount in rows:
        found.setdefault(entry, []).append((item, amount))
    return found


def _plus(start: int | None, before: int) -> int | None:
    return None if start is None else start + before


def _part(chain: Chain, batch: Batch, now: datetime) -> None:
    """Send a refused batch's members again: whole if only its turn was wrong, else in halves.

    Members that fell with what they were built on stay where they are.
    """
    items = list(
        OutboxItem.objects.filter(batch=batch, status=OutboxItem.Status.SUBMITTED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not items:
        return
    if batch.reason in NOT_OF_ITS_OWN:
        commit(chain=chain, parcels=parcels_of(batch.kind, items), now=now, parent=batch)
    elif len(items) > 1:
        members = members_of(items)
        for part in halves(pack(batch.kind, members)[0]):
            chosen = set(part)
            again = [m for m in members if m.item in chosen]
            commit(chain=chain, parcels=pack(batch.kind, again), now=now, parent=batch)
    else:
        failed = fail(item=OutboxItem.objects.get(pk=items[0]), reason=batch.reason, now=now)
        entries_failed.send(sender=Entry, entry_ids=failed, reason=batch.reason)
