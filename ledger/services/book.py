"""The book: the one place where value moves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import IntegrityError, transaction

from ledger.domain.sheet import I64, Moves, Sheet
from ledger.errors import (
    AlreadyReversed,
    AlreadySettled,
    InvalidEntry,
    KeyReused,
    MirrorOnly,
    Overdrawn,
)
from ledger.models import Account, Batch, Entry, OutboxItem, Posting
from ledger.models.bulk import insert_columns, reserve_ids
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
MOST = 2**63  # the database counts up to here, excluded

Changes = tuple[I64, I64, I64]  # accounts, assets, amounts


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
    """Post entries together, all or none; returns their ids in the same order. As `post_sheet`."""
    sheet = _sheet(drafts)
    _check(sheet)
    _refuse_mirrors(sheet, np.array([draft.follows_chain for draft in drafts], bool))
    return _attempt(sheet, now, apply=balances.create if new_assets else balances.apply)


def post_sheet(*, sheet: Sheet, now: datetime, new_assets: bool = False) -> list[int]:
    """Post the entries of a sheet, all or none; returns their ids in the same order.

    A key that was posted before with the same content answers with the first id.
    `new_assets`: every asset was created in this transaction, so that no balance of it can
    exist; that spares looking for one.
    Raises: InvalidEntry, KeyReused, MirrorOnly, Overdrawn.
    """
    _check(sheet)
    _refuse_mirrors(sheet, np.zeros(len(sheet), bool))
    return _attempt(sheet, now, apply=balances.create if new_assets else balances.apply)


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
    return _attempt(_sheet([draft]), now, reverses=entry.pk)[0]


def _sheet(drafts: Sequence[Draft]) -> Sheet:
    counts = [len(draft.moves) for draft in drafts]
    moves = [move for draft in drafts for move in draft.moves]
    try:
        amounts = np.array([move.amount for move in moves], np.int64)
    except OverflowError as error:
        raise InvalidEntry(f"An amount is more than the book can count: {error}.") from error
    return Sheet(
        [draft.key for draft in drafts],
        [str(draft.kind) for draft in drafts],
        [draft.digest for draft in drafts],
        Moves(
            np.repeat(np.arange(len(drafts)), counts),
            np.array([move.source for move in moves], np.int64),
            np.array([move.destination for move in moves], np.int64),
            np.array([move.asset for move in moves], np.int64),
            amounts,
        ),
    )


def _check(sheet: Sheet) -> None:
    moves = sheet.moves
    moves_something = np.bincount(moves.entries, minlength=len(sheet)) > 0
    wrong = np.flatnonzero(moves_something == _are(sheet, Entry.Kind.SUPERSEDE))
    if len(wrong):
        what = "moves something" if moves_something[wrong[0]] else "moves nothing"
        raise InvalidEntry(
            f"Entry {sheet.keys[wrong[0]]} {what}. Name at least one move, or none where a claim "
            "is void."
        )
    wrong = np.flatnonzero((moves.amounts <= 0) | (moves.sources == moves.destinations))
    if len(wrong):
        n = wrong[0]
        raise InvalidEntry(
            f"Entry {sheet.keys[moves.entries[n]]} moves {moves.amounts[n]} from account "
            f"{moves.sources[n]} to {moves.destinations[n]}. A move is a positive amount between "
            "two accounts."
        )
    if sum(moves.amounts.tolist()) >= MOST:
        raise InvalidEntry("The moves together are more than the book can count.")


def _are(sheet: Sheet, kind: str) -> npt.NDArray[np.bool_]:
    """Which entries are of this kind."""
    return np.array([each == kind for each in sheet.kinds], bool)


def _refuse_mirrors(sheet: Sheet, follows_chain: npt.NDArray[np.bool_]) -> None:
    """A release ends at a mirror and a withdrawal may begin there; nothing else touches one."""
    moves = sheet.moves
    touched = np.unique(np.concatenate([moves.sources, moves.destinations])).tolist()
    rows = Account.objects.filter(is_mirror=True, pk__in=touched)
    mirrors = np.array(list(rows.values_list("pk", flat=True)), np.int64)
    releases, withdraws = (
        _are(sheet, kind)[moves.entries] for kind in (Entry.Kind.RELEASE, Entry.Kind.WITHDRAW)
    )
    from_mirror, to_mirror = (np.isin(at, mirrors) for at in (moves.sources, moves.destinations))
    refused = (to_mirror != releases) | (from_mirror & ~withdraws)
    wrong = np.flatnonzero(refused & ~follows_chain[moves.entries])
    if len(wrong):
        raise MirrorOnly(
            f"Entry {sheet.keys[moves.entries[wrong[0]]]} would move what stands at a holder's own "
            "address. The holder does that on the chain; the registry releases to it or withdraws."
        )


def _attempt(
    sheet: Sheet,
    now: datetime,
    reverses: int | None = None,
    apply: Callable[[Changes], None] = balances.apply,
) -> list[int]:
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                # Entries of new assets are new themselves, unless the insert says otherwise.
                is_new = attempt == 0 and apply is balances.create
                return _post(sheet, now, reverses, apply, {} if is_new else _known(sheet))
        except IntegrityError as error:
            if balances.OVERDRAFT in str(error):
                raise Overdrawn(balances.explain_overdraft(sheet.moves.changes())) from error
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _post(
    sheet: Sheet,
    now: datetime,
    reverses: int | None,
    apply: Callable[[Changes], None],
    known: dict[str, tuple[int, bytes]],
) -> list[int]:
    contents = sheet.contents()
    hashes: dict[str, bytes] = {key: content for key, (_, content) in known.items()}
    fresh: dict[str, int] = {}
    for place, (key, content) in enumerate(zip(sheet.keys, contents, strict=True)):
        if hashes.setdefault(key, content) != content:
            raise KeyReused(f"Key {key} was already used for an entry with other content.")
        if key not in known:
            fresh.setdefault(key, place)
    if fresh:
        part = sheet.only(list(fresh.values()))
        ids = reserve_ids(Entry, len(fresh))
        _insert(part, ids, [hashes[key] for key in part.keys], now, reverses)
        apply(part.moves.changes())
        entries_posted.send(sender=Entry, sheet=part)
        known |= {key: (pk, hashes[key]) for key, pk in zip(fresh, ids, strict=True)}
    return [known[key][0] for key in sheet.keys]


def _known(sheet: Sheet) -> dict[str, tuple[int, bytes]]:
    found = {}
    for start in range(0, len(sheet), LOOK_UP):
        rows = Entry.objects.filter(key__in=sheet.keys[start : start + LOOK_UP])
        for key, pk, content in rows.values_list("key", "pk", "content_hash"):
            found[key] = (pk, bytes(content))
    return found


def _insert(
    sheet: Sheet, ids: list[int], contents: list[bytes], now: datetime, reverses: int | None
) -> None:
    entry = {"id": ids, "key": sheet.keys, "kind": sheet.kinds, "content_hash": contents}
    insert_columns(Entry, entry | {"posted_at": now, "reverses": reverses}, len(sheet))
    moves = sheet.moves
    posting = {
        "entry": np.array(ids, np.int64)[moves.entries],
        "position": moves.positions(),
        "asset": moves.assets,
        "source": moves.sources,
        "destination": moves.destinations,
        "amount": moves.amounts,
    }
    insert_columns(Posting, posting, len(moves))
    sent = [n for n, digest in enumerate(sheet.digests) if digest is not None]
    item = {
        "entry": [ids[n] for n in sent],
        "kind": [BATCH_KIND[sheet.kinds[n]] for n in sent],
        "digest": [sheet.digests[n] for n in sent],
    }
    insert_columns(OutboxItem, item | {"status": "pending", "reason": ""}, len(sent))
