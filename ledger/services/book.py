"""The book: the one place where value moves."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from ledger.errors import (
    AlreadyReversed,
    AlreadySettled,
    InvalidEntry,
    KeyReused,
    MirrorOnly,
    Overdrawn,
)
from ledger.models import Account, Batch, Entry, OutboxItem, Posting
from ledger.models.bulk import insert, reserve_ids
from ledger.services import balances
from ledger.signals import entries_posted

# Plain texts: members of an enumeration take longer to look up and to write than the row.
BATCH_KIND = {
    Entry.Kind.ISSUE.value: Batch.Kind.ISSUE.value,
    Entry.Kind.TRANSFER.value: Batch.Kind.TRANSFER.value,
    Entry.Kind.RETIRE.value: Batch.Kind.SETTLE.value,
    Entry.Kind.WITHDRAW.value: Batch.Kind.WITHDRAW.value,
    Entry.Kind.RELEASE.value: Batch.Kind.RELEASE.value,
    Entry.Kind.UNBUNDLE.value: Batch.Kind.UNBUNDLE.value,
    Entry.Kind.BUNDLE.value: Batch.Kind.BUNDLE.value,
    Entry.Kind.SUPERSEDE.value: Batch.Kind.SUPERSEDE.value,
}
ATTEMPTS = 3  # another process may take the same key between our look and our insert
LOOK_UP = 500  # keys in one query


@dataclass(frozen=True, slots=True)
class Move:
    """`amount` whole units of an asset from one account to another, all by id."""

    source: int
    destination: int
    asset: int
    amount: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be posted. `digest` puts it in the outbox (empty where its kind has none).

    `follows_chain` is for what happened on the chain already, or is taken back with it: only
    that moves a mirror.
    """

    key: str
    kind: str
    moves: Sequence[Move]
    digest: bytes | None = None
    follows_chain: bool = False

    def content_hash(self) -> bytes:
        """SHA-256 over everything but the key."""
        moves = ";".join(f"{m.source}>{m.destination}:{m.asset}={m.amount}" for m in self.moves)
        settle = "-" if self.digest is None else self.digest.hex()
        return hashlib.sha256(f"{self.kind}|{settle}|{moves}".encode()).digest()


def post_entry(
    *,
    key: str,
    moves: Sequence[Move],
    now: datetime,
    kind: str = Entry.Kind.TRANSFER,
    digest: bytes | None = None,
) -> int:
    """Post one entry, once per key; returns its id.

    Raises: InvalidEntry, KeyReused, MirrorOnly, Overdrawn.
    """
    return post_entries(drafts=[Draft(key, kind, moves, digest)], now=now)[0]


def post_entries(*, drafts: Sequence[Draft], now: datetime, new_assets: bool = False) -> list[int]:
    """Post entries together, all or none; returns their ids in the same order.

    A key that was posted before with the same content answers with the first id.
    `new_assets`: every asset was created in this transaction, so that no balance of it can
    exist; that spares looking for one.
    Raises: InvalidEntry, KeyReused, MirrorOnly, Overdrawn.
    """
    for draft in drafts:
        _check(draft)
    _refuse_mirrors([draft for draft in drafts if not draft.follows_chain])
    return _attempt(drafts, now, apply=balances.create if new_assets else balances.apply)


def reverse_entry(*, entry: Entry, key: str, now: datetime) -> int:
    """Undo an entry by its mirror image, unless it is on its way to the chain or there.

    Raises: AlreadyReversed, AlreadySettled, Overdrawn.
    """
    with transaction.atomic():
        undone = OutboxItem.objects.filter(entry=entry, status=OutboxItem.Status.PENDING).update(
            status=OutboxItem.Status.UNDONE
        )
        if not undone and OutboxItem.objects.filter(
            entry=entry, status__in=[OutboxItem.Status.SUBMITTED, OutboxItem.Status.CERTIFIED]
        ):
            raise AlreadySettled(
                f"Entry {entry.key} is on the chain. It stays; post a counter-entry instead."
            )
        return post_reversal(entry=entry, key=key, now=now)


def post_reversal(*, entry: Entry, key: str, now: datetime) -> int:
    """The mirror image of an entry, once; the caller answers for the outbox.

    Raises: AlreadyReversed, Overdrawn.
    """
    earlier = Entry.objects.filter(reverses=entry).first()
    if earlier and earlier.key != key:
        raise AlreadyReversed(f"Entry {entry.key} was already reversed by {earlier.key}.")
    moves = [
        Move(p.destination_id, p.source_id, p.asset_id, p.amount)
        for p in entry.postings.order_by("position")
    ]
    draft = Draft(key, Entry.Kind.REVERSE, moves, follows_chain=True)
    return _attempt([draft], now, reverses=entry.pk)[0]


def _check(draft: Draft) -> None:
    if bool(draft.moves) == (draft.kind == Entry.Kind.SUPERSEDE):
        what = "moves something" if draft.moves else "moves nothing"
        raise InvalidEntry(
            f"Entry {draft.key} {what}. Name at least one move, or none where a claim is void."
        )
    for move in draft.moves:
        if move.amount <= 0 or move.source == move.destination:
            raise InvalidEntry(
                f"Entry {draft.key} moves {move.amount} from account {move.source} to "
                f"{move.destination}. A move is a positive amount between two accounts."
            )


def _refuse_mirrors(drafts: Sequence[Draft]) -> None:
    """A release ends at a mirror and a withdrawal may begin there; nothing else touches one."""
    touched = {n for draft in drafts for m in draft.moves for n in (m.source, m.destination)}
    mirrors = set(
        Account.objects.filter(is_mirror=True, pk__in=touched).values_list("pk", flat=True)
    )
    for draft in drafts:
        for move in draft.moves:
            to_mirror = move.destination in mirrors
            if to_mirror != (draft.kind == Entry.Kind.RELEASE) or (
                move.source in mirrors and draft.kind != Entry.Kind.WITHDRAW
            ):
                raise MirrorOnly(
                    f"Entry {draft.key} would move what stands at a holder's own address. The "
                    "holder does that on the chain; the registry releases to it or withdraws."
                )


def _attempt(
    drafts: Sequence[Draft],
    now: datetime,
    reverses: int | None = None,
    apply: Callable[[Mapping[tuple[int, int], int]], None] = balances.apply,
) -> list[int]:
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                # Entries of new assets are new themselves, unless the insert says otherwise.
                is_new = attempt == 0 and apply is balances.create
                return _post(drafts, now, reverses, apply, {} if is_new else _known(drafts))
        except IntegrityError as error:
            if balances.OVERDRAFT in str(error):
                raise Overdrawn(balances.explain_overdraft(_deltas(drafts))) from error
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _post(
    drafts: Sequence[Draft],
    now: datetime,
    reverses: int | None,
    apply: Callable[[Mapping[tuple[int, int], int]], None],
    known: dict[str, tuple[int, bytes]],
) -> list[int]:
    contents = [draft.content_hash() for draft in drafts]
    hashes: dict[str, bytes] = {key: content for key, (_, content) in known.items()}
    fresh: dict[str, Draft] = {}
    for draft, content in zip(drafts, contents, strict=True):
        if hashes.setdefault(draft.key, content) != content:
            raise KeyReused(f"Key {draft.key} was already used for an entry with other content.")
        if draft.key not in known:
            fresh[draft.key] = draft
    if fresh:
        ids = dict(zip(fresh, reserve_ids(Entry, len(fresh)), strict=True))
        _insert(fresh.values(), ids, hashes, now, reverses)
        apply(_deltas(fresh.values()))
        entries_posted.send(sender=Entry, drafts=tuple(fresh.values()))
        known |= {key: (pk, hashes[key]) for key, pk in ids.items()}
    return [known[draft.key][0] for draft in drafts]


def _known(drafts: Sequence[Draft]) -> dict[str, tuple[int, bytes]]:
    found, keys = {}, [draft.key for draft in drafts]
    for start in range(0, len(keys), LOOK_UP):
        rows = Entry.objects.filter(key__in=keys[start : start + LOOK_UP])
        for key, pk, content in rows.values_list("key", "pk", "content_hash"):
            found[key] = (pk, bytes(content))
    return found


def _insert(
    drafts: Iterable[Draft],
    ids: dict[str, int],
    hashes: dict[str, bytes],
    now: datetime,
    reverses: int | None,
) -> None:
    drafts = list(drafts)
    insert(
        Entry,
        ["id", "key", "kind", "content_hash", "posted_at", "reverses"],
        [(ids[d.key], d.key, str(d.kind), hashes[d.key], now, reverses) for d in drafts],
    )
    insert(
        Posting,
        ["entry", "position", "asset", "source", "destination", "amount"],
        [
            (ids[d.key], n, m.asset, m.source, m.destination, m.amount)
            for d in drafts
            for n, m in enumerate(d.moves)
        ],
    )
    insert(
        OutboxItem,
        ["entry", "kind", "digest", "status", "reason"],
        [
            (ids[d.key], BATCH_KIND[d.kind], d.digest, "pending", "")
            for d in drafts
            if d.digest is not None
        ],
    )


def _deltas(drafts: Iterable[Draft]) -> dict[tuple[int, int], int]:
    deltas: dict[tuple[int, int], int] = {}
    for draft in drafts:
        for move in draft.moves:
            out, into = (move.source, move.asset), (move.destination, move.asset)
            deltas[out] = deltas.get(out, 0) - move.amount
            deltas[into] = deltas.get(into, 0) + move.amount
    return deltas
