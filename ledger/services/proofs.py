"""Builds what anyone needs to check retirements without this registry.

All retirements of one proof are shown in one block's state: that of their last batch. Batch
roots are written once, so it holds the earlier ones too; header, seal and the contract's
account are then needed once, and the file is the same whenever it is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from ledger.domain.calls import EntryRetired
from ledger.domain.merkle import merkle_proof
from ledger.domain.proof.document import (
    BatchProof,
    Charge,
    EntryProof,
    Opening,
    Proof,
    RetirementProof,
)
from ledger.domain.proof.verification import verify
from ledger.domain.sum_tree import SumTree, build, entry_hash
from ledger.errors import ChainCorrupt, ProofUnavailable
from ledger.models import Batch, OutboxItem, SettlementEntry
from ledger.services.own_addresses import chain_address
from ledger.services.proof_sources import source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """A retirement by the book's entry that made it, and what opens its commitment, if anything."""

    entry: int
    opening: Opening | None


def build_proof(*, charge: Charge, retirements: Sequence[Shown]) -> Proof:
    """The proof of retirements that are certified; it was verified before it is returned.

    Raises: ProofUnavailable when one is not certified, or this chain gives no proofs;
    ChainMissing, ChainCorrupt.
    """
    items = _items([shown.entry for shown in retirements])
    entries = _unique([_place(item)[0] for item in items])
    batches = _unique([entry.batch for entry in entries])
    trees = {entry.pk: _tree(entry) for entry in entries}
    positions = {entry.pk: n for n, entry in enumerate(entries)}
    with source() as chain:
        genesis_hash = chain.genesis_hash()
        block, storage = chain.show(batches)
    proof = Proof(
        chain_id=settings.CHAIN_ID,
        genesis_hash=genesis_hash,
        block=block,
        charge=charge,
        batches=tuple(
            BatchProof(b.sequence, bytes(b.root or b""), b.entries.count(), storage[b.sequence])
            for b in batches
        ),
        entries=_entries(entries, batches),
        retirements=tuple(
            _retirement(item, shown, trees, positions)
            for item, shown in zip(items, retirements, strict=True)
        ),
    )
    verdict = verify(proof)
    if not verdict.valid:
        said = f"{verdict.failed_step}: {verdict.steps[-1].said}"
        raise ChainCorrupt(f"Book and chain do not agree on this proof ({said}).")
    return proof


def _items(entries: Sequence[int]) -> list[OutboxItem]:
    """Outbox items in the order of the entries. Raises: ProofUnavailable."""
    if not entries:
        raise ProofUnavailable("Nothing was retired, so there is nothing to prove.")
    related = ("settlement_entry__account", "settlement_entry__asset")
    rows = OutboxItem.objects.filter(entry__in=entries, kind=Batch.Kind.SETTLE).select_related(
        *related, "settlement_entry__batch__block"
    )
    found = {item.entry_id: item for item in rows}
    certified = OutboxItem.Status.CERTIFIED
    if any(n not in found or found[n].status != certified for n in entries):
        raise ProofUnavailable("Not every retirement is certified yet; come back when it is.")
    return [found[n] for n in entries]


def _place(item: OutboxItem) -> tuple[SettlementEntry, int]:
    """An item's entry and its position there. Raises: ProofUnavailable when it has none."""
    if item.settlement_entry is None or item.position is None:
        raise ProofUnavailable(f"{item} has no place in a settlement.")
    return item.settlement_entry, item.position


def _unique(rows: Sequence[T]) -> list[T]:
    return list(dict.fromkeys(rows))


def _tree(entry: SettlementEntry) -> SumTree:
    leaves = entry.items.order_by("position").values_list("entry__postings__amount", "digest")
    tree = build(int(entry.asset.code, 16), [(amount, bytes(digest)) for amount, digest in leaves])
    if tree.root != bytes(entry.tree_root):
        raise ChainCorrupt(f"Entry {entry} of the book does not have the tree that was settled.")
    return tree


def _entries(
    entries: Sequence[SettlementEntry], batches: Sequence[Batch]
) -> tuple[EntryProof, ...]:
    places = {batch.pk: n for n, batch in enumerate(batches)}
    hashes: dict[int, list[bytes]] = {}
    facts: dict[int, EntryRetired] = {}
    for batch in batches:
        settled = batch.entries.select_related("account", "asset").order_by("position")
        found = {entry.pk: _fact(entry) for entry in settled}
        hashes[batch.pk] = [entry_hash(fact) for fact in found.values()]
        facts |= found
    return tuple(
        EntryProof(
            batch=places[entry.batch_id],
            index=fact.position,
            account=fact.account_address,
            token_id=fact.token_id,
            from_renewable=fact.from_renewable,
            from_emissions=fact.from_emissions,
            amount=fact.amount,
            count=fact.count,
            tree_root=fact.tree_root,
            siblings=merkle_proof(hashes[entry.batch_id], fact.position),
        )
        for entry in entries
        for fact in [facts[entry.pk]]
    )


def _fact(entry: SettlementEntry) -> EntryRetired:
    """An entry as the contract saw it."""
    return EntryRetired(
        position=entry.position,
        account_address=chain_address(entry.account),
        token_id=int(entry.asset.code, 16),
        from_renewable=entry.from_renewable_wh or 0,
        from_emissions=entry.from_emissions_wh or 0,
        amount=entry.amount,
        count=entry.count,
        tree_root=bytes(entry.tree_root),
    )


def _retirement(
    item: OutboxItem,
    shown: Shown,
    trees: Mapping[int, SumTree],
    positions: Mapping[int, int],
) -> RetirementProof:
    entry, index = _place(item)
    tree = trees[entry.pk]
    amount, commitment = tree.leaves[index]
    return RetirementProof(
        entry=positions[entry.pk],
        index=index,
        amount=amount,
        commitment=commitment,
        siblings=tree.proof(index).siblings,
        opening=shown.opening,
    )
