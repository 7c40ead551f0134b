"""The book follows what holders do on the chain with addresses of their own.

Called with every block that is noted, in the transaction that notes it; an event is mirrored
once, by its block and its place among the block's logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.conf import settings

from ledger.chain.port import BlockFacts, Chain
from ledger.domain.calls import OwnAct, OwnMove, OwnRetirement, OwnTransaction
from ledger.domain.custody import custody_address
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId
from ledger.errors import ChainCorrupt, Overdrawn
from ledger.models import (
    Account,
    Asset,
    Batch,
    Block,
    Entry,
    MirroredEvent,
    OutboxItem,
    OwnAddress,
    Posting,
    SettlementEntry,
    WaitingTransaction,
)
from ledger.services.accounts import system_account
from ledger.services.book import Draft, Move, post_entries, reverse_entry
from ledger.services.own_addresses import mirror_of
from ledger.signals import batch_certified, entries_failed, entries_mirrored

MOVED_FIRST = "The holder disposed of it first."


@dataclass
class Followed:
    """A block that is being mirrored, and the book's entries so far."""

    block: Block
    now: datetime
    entries: list[int] = field(default_factory=list)

    @cached_property
    def kept(self) -> dict[bytes, int]:
        """Accounts of the registry's by the address that the contract derives for them."""
        ids = settings.CHAIN_ID, settings.REGISTRY_ID
        accounts = Account.objects.filter(system="", is_mirror=False)
        return {custody_address(*ids, uuid): pk for pk, uuid in accounts.values_list("pk", "uuid")}

    def account(self, address: bytes) -> int:
        """A mirror, an account that the registry keeps, or a mirror made now."""
        own = OwnAddress.objects.filter(address=address).values_list("account", flat=True).first()
        if own is not None:
            return own
        return self.kept.get(address) or mirror_of(address).account_id


def mirror(*, chain: Chain, block: Block, facts: BlockFacts, now: datetime) -> list[int]:
    """Post what holders did in a block; returns the entries.

    Raises: ChainCorrupt when the book cannot follow: an address gives what it never had.
    """
    others = _not_ours(facts.transactions)
    if not others:
        return []
    followed = Followed(block, now)
    for transaction in chain.own_transactions(facts.number, others):
        WaitingTransaction.objects.filter(transaction_hash=transaction.hash).update(
            status=WaitingTransaction.Status.SEALED, block=block, reason=transaction.reason
        )
        for act in transaction.acts:
            _follow(followed, transaction, act)
    if followed.entries:
        entries_mirrored.send(sender=Entry, entry_ids=followed.entries)
    return followed.entries


def _not_ours(hashes: Sequence[bytes]) -> set[bytes]:
    """All but the book's batches; a receiver may go on while a release pays it, though."""
    known = Batch.objects.filter(transaction_hash__in=hashes, nonce__isnull=False)
    known = known.exclude(kind=Batch.Kind.RELEASE)
    return set(hashes) - {bytes(each) for each in known.values_list("transaction_hash", flat=True)}


def _follow(followed: Followed, transaction: OwnTransaction, act: OwnAct) -> None:
    if isinstance(act, OwnRetirement):
        _retired(followed, transaction, act)
    elif act.source != act.destination:
        source, destination = followed.account(act.source), followed.account(act.destination)
        move = Move(source, destination, _asset(act.token_id), act.amount)
        _post(followed, act, Entry.Kind.TRANSFER, move)


def _retired(followed: Followed, transaction: OwnTransaction, act: OwnRetirement) -> None:
    fact, account = act.retired, followed.account(act.retired.account_address)
    asset = _asset(fact.token_id)
    move = Move(account, system_account(Account.System.RETIRED).pk, asset, fact.amount)
    entry = _post(followed, act, Entry.Kind.RETIRE, move, act.commitment)
    batch = Batch.objects.create(
        sender=transaction.sender,
        sequence=act.batch.sequence,
        kind=Batch.Kind.SETTLE,
        status=Batch.Status.SEALED,
        raw_transaction=transaction.raw,
        transaction_hash=transaction.hash,
        block=followed.block,
        root=act.batch.root,
        prepared_at=followed.now,
    )
    mask = TokenId.from_number(fact.token_id).mask
    renewable = fact.from_renewable if mask & RENEWABLE else None
    emissions = fact.from_emissions if mask & EMISSIONS else None
    settled = SettlementEntry.objects.create(
        batch=batch,
        position=0,
        account_id=account,
        asset_id=asset,
        amount=fact.amount,
        count=fact.count,
        tree_root=fact.tree_root,
        from_renewable_wh=renewable,
        from_emissions_wh=emissions,
    )
    OutboxItem.objects.filter(entry=entry).update(
        status=OutboxItem.Status.CERTIFIED,
        batch=batch,
        settlement_entry=settled,
        position=0,
        renewable_wh=renewable,
        emissions_wh=emissions,
    )
    batch_certified.send(sender=Batch, batch_id=batch.pk)


def _post(
    followed: Followed, act: OwnAct, kind: str, move: Move, digest: bytes | None = None
) -> int:
    part = act.part if isinstance(act, OwnMove) else 0
    key = f"chain:{followed.block.height}:{act.log_index}:{part}"
    draft = Draft(key, kind, [move], digest, follows_chain=True)
    while True:
        try:
            (entry,) = post_entries(drafts=[draft], now=followed.now)
            break
        except Overdrawn as error:
            _give_way(move, followed.now, error)
    MirroredEvent.objects.create(
        block=followed.block, log_index=act.log_index, part=part, entry_id=entry
    )
    followed.entries.append(entry)
    return entry


def _give_way(move: Move, now: datetime, error: Overdrawn) -> None:
    """Undo the latest withdrawal that waits while the holder was faster.

    Raises: ChainCorrupt when there is none.
    """
    moves = Posting.objects.filter(
        source=move.source,
        asset=move.asset,
        entry__kind=Entry.Kind.WITHDRAW,
        entry__outbox_item__status=OutboxItem.Status.PENDING,
    )
    waiting = moves.select_related("entry").order_by("-entry").first()
    if waiting is None:
        raise ChainCorrupt(f"The book cannot follow the chain: {error}") from error
    entry = waiting.entry
    reverse_entry(entry=entry, key=f"compensate:{entry.pk}", now=now)
    failed = OutboxItem.Status.FAILED
    OutboxItem.objects.filter(entry=entry).update(status=failed, reason=MOVED_FIRST)
    entries_failed.send(sender=Entry, entry_ids=[entry.pk], reason=MOVED_FIRST)


def _asset(token_id: int) -> int:
    asset, _ = Asset.objects.get_or_create(
        kind=Asset.Kind.CERTIFICATE,
        code=TokenId.from_number(token_id).code,
        defaults={"unit": "Wh"},
    )
    return asset.pk
