"""The calls of a move, in the order in which they are sent and within what a transaction holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from ledger.domain.calls import (
    Call,
    Holder,
    Issue,
    LotIssue,
    Release,
    Settle,
    SettleEntry,
    Split,
    Transfer,
    TransferMove,
    Unbundle,
    Withdraw,
    WithdrawItem,
)
from ledger.domain.merkle import merkle_root
from ledger.domain.moving import (
    LotSteps,
    State,
    Stretch,
    held_of,
    opening_account,
    steps_of,
    stretches,
)
from ledger.domain.token_id import MASK_BITS, lot_of

# What fits 2^24 gas and 120 KiB, as where batches are formed.
LOTS, SPLITS, MOVES, ITEMS, ENTRIES = 160, 320, 160, 240, 200
CARRIED = 3  # the contract's reason of a withdrawal: it was so on the chain before

T = TypeVar("T")
Owed = tuple[Holder, int, int]  # holder, token id, Wh that the opening account hands over
Amount = tuple[int, int]  # token id, Wh


@dataclass(slots=True)
class _Draft:
    """A lot to be issued, who gets which part at once, and the leaf of its facts."""

    lot: LotIssue
    leaf: bytes
    parts: list[tuple[UUID, int]] = field(default_factory=list)


def calls_of(state: State, statement: bytes) -> Iterator[Call]:
    """The calls of the plan, of which the first bears the contract's first sequence.

    `statement` is the hash of the closing statement: the commitment of what was retired
    before, and the facts of fillers. The same state gives the same calls.
    """
    opening, held = opening_account(statement), held_of(state)
    drafts: list[_Draft] = []
    owed: list[Owed] = []
    fillers: list[Amount] = []
    steps: list[LotSteps] = []
    for each in stretches(state):
        drafts.append(_draft(each, held.get(lot_of(each.token_id), ()), opening, statement))
        if each.leaf is None:
            fillers.append((each.token_id, each.total))
            continue
        lot = lot_of(each.token_id)
        given = {(account, each.token_id) for account, _ in drafts[-1].parts}
        owed += [row for row in held[lot] if row[:2] not in given]
        if found := steps_of(lot, state.lots[lot], held[lot]):
            steps.append(found)
    yield from _issues(drafts)
    yield from _withdrawals(opening, [*fillers, *_amounts(steps, "withdrawn", is_whole=True)])
    yield from _settlements(opening, _amounts(steps, "retired", is_whole=True), statement)
    yield from (Unbundle(opening, s.token_id, s.unbundled) for s in steps if s.unbundled)
    yield from _withdrawals(opening, _amounts(steps, "withdrawn", is_whole=False))
    yield from _settlements(opening, _amounts(steps, "retired", is_whole=False), statement)
    yield from _handed_over(opening, owed)


def _draft(stretch: Stretch, held: Iterable[Owed], opening: UUID, statement: bytes) -> _Draft:
    """Accounts get what they hold of the whole asset; the opening account all the rest."""
    whole = [
        (holder, amount)
        for holder, token_id, amount in held
        if token_id == stretch.token_id and isinstance(holder, UUID)
    ][: SPLITS - 1]
    rest = stretch.total - sum(amount for _, amount in whole)
    draft = _Draft(LotIssue(stretch.token_id, stretch.total), stretch.leaf or statement)
    draft.parts = [*whole, (opening, rest)] if rest else whole
    return draft


def _issues(drafts: Sequence[_Draft]) -> Iterator[Issue]:
    part: list[_Draft] = []
    splits = 0
    for draft in drafts:
        if part and (len(part) == LOTS or splits + len(draft.parts) > SPLITS):
            yield _issue(part)
            part, splits = [], 0
        part.append(draft)
        splits += len(draft.parts)
    if part:
        yield _issue(part)


def _issue(drafts: Sequence[_Draft]) -> Issue:
    return Issue(
        lots=tuple(draft.lot for draft in drafts),
        splits=tuple(
            Split(n, account, amount)
            for n, draft in enumerate(drafts)
            for account, amount in draft.parts
        ),
        data_root=merkle_root([draft.leaf for draft in drafts]),
    )


def _amounts(steps: Iterable[LotSteps], kind: str, *, is_whole: bool) -> list[Amount]:
    """What is to be retired or withdrawn before anything is parted, or after."""
    return [
        (lot_of(each.token_id) | mask, amount)
        for each in steps
        for mask, amount in getattr(each, kind).items()
        if amount and (mask == each.token_id & MASK_BITS) == is_whole
    ]


def _withdrawals(opening: UUID, amounts: Sequence[Amount]) -> Iterator[Withdraw]:
    for part in _parts(amounts, ITEMS):
        yield Withdraw(
            tuple(WithdrawItem(opening, token, amount, CARRIED) for token, amount in part)
        )


def _settlements(opening: UUID, amounts: Sequence[Amount], statement: bytes) -> Iterator[Settle]:
    """One entry of one leaf for all that was retired of an asset: the old chain has the leaves."""
    for part in _parts(sorted(amounts), ENTRIES):
        yield Settle(
            tuple(
                SettleEntry(opening, token, amount, ((amount, statement),))
                for token, amount in part
            )
        )


def _handed_over(opening: UUID, owed: Sequence[Owed]) -> Iterator[Transfer | Release]:
    moves = [
        TransferMove(opening, holder, token, amount)
        for holder, token, amount in owed
        if isinstance(holder, UUID)
    ]
    for part in _parts(moves, MOVES):
        yield Transfer(tuple(part))
    for holder, token, amount in owed:
        if isinstance(holder, bytes):
            yield Release(opening, holder, token, amount)


def _parts(rows: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
