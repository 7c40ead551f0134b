"""The writer's round: recover what was prepared, form what waits, send, record."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from ledger.chain import open_chain
from ledger.chain.clock import MAX_AHEAD_SECONDS
from ledger.chain.port import Chain, Outcome
from ledger.errors import ChainBusy, ChainMissing, ChainRejected
from ledger.models import Batch, OutboxItem, WaitingTransaction
from ledger.services import waiting
from ledger.services.settlement.forming import BATCHES_PER_BLOCK, form_batches
from ledger.services.settlement.recording import ready, record, record_blocks
from ledger.services.settlement.turn import writer_turn

Clock = Callable[[], datetime]
Progress = Callable[[int, int], None]  # items done, items in all
OPEN = (OutboxItem.Status.PENDING, OutboxItem.Status.SUBMITTED)
# Batches on their way at once where blocks count late; pools take some dozens from one key.
IN_FLIGHT = 4 * BATCHES_PER_BLOCK
LOOK_AGAIN = 0.5  # seconds between looks while another process writes


@dataclass(frozen=True, slots=True)
class SettleReport:
    """Outbox items certified and failed meanwhile, and the height of the last block.

    `obstacle` is why the contract takes nothing from the registry now: `paused`, `role`.
    """

    certified: int
    failed: int
    height: int
    obstacle: str = ""


def settle(
    *, clock: Clock, progress: Progress | None = None, patience: float = 600
) -> SettleReport:
    """Settle all that waits: as the writer, or by waiting for the process that is.

    Raises: ChainBusy when another writer makes no end of it within `patience` seconds, or a
    network that is not ours has not made it final.
    """
    earlier, failed = _recorded(), _count(OutboxItem.Status.FAILED)
    deadline, obstacle = time.monotonic() + patience, ""
    while True:
        try:
            with writer_turn() as chain:
                sweep(chain=chain, clock=clock, progress=progress)
                height, obstacle = chain.head().number, chain.obstacle()
            if obstacle or not _prepared_count():
                break
            _wait_until(deadline, ChainBusy("What was sent is not final on the network yet."))
        except ChainBusy as busy:
            is_done = not any(map(_count, OPEN))
            if is_done and (last := _last_block()) is not None:
                height = last
                break
            _wait_until(deadline, busy)
    return SettleReport(
        certified=_certified_after(earlier),
        failed=_count(OutboxItem.Status.FAILED) - failed,
        height=height,
        obstacle=obstacle,
    )


def sweep(
    *,
    chain: Chain,
    clock: Clock,
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Send everything that is prepared or waits; returns the number of batches sent.

    Safe to end at any instant: what was prepared is sent again, and the chain answers a
    call that it already holds with its first outcome. While the contract is paused, or the
    key has no role, the registry's batches wait; what holders send goes on.
    """
    chain.refresh()  # a network goes on while nothing of ours waits
    record_blocks(chain)
    sent = done = 0
    while not stopped():
        batches = [] if chain.obstacle() else _next(chain, clock)
        own = _own(chain, batches)
        if not batches and not own:
            break
        _let_the_clock_follow(chain, clock)
        now = clock()
        outcomes = _submit(chain, batches, own, now)
        known = ready(batches, outcomes)
        if batches and not known:
            if _send_more(chain, outcomes, now):
                continue
            break  # on their way: the next sweep looks again
        batches = [batch for batch, _ in known]
        record(chain=chain, batches=batches, outcomes=[each for _, each in known], now=now)
        sent += len(batches)
        if progress:
            done += OutboxItem.objects.filter(batch__in=batches).count()
            progress(done, done + sum(map(_count, OPEN)))
    return sent


def _last_block() -> int | None:
    """As a reader sees it; None while the contracts are on their way."""
    try:
        with open_chain(writable=False) as chain:
            return chain.head().number
    except ChainMissing:
        return None


def _wait_until(deadline: float, reason: ChainBusy) -> None:
    if time.monotonic() > deadline:
        raise reason
    time.sleep(LOOK_AGAIN)


def _next(chain: Chain, clock: Clock) -> list[Batch]:
    return _prepared() or form_batches(chain=chain, now=clock())


def _send_more(chain: Chain, outcomes: list[Outcome | None], now: datetime) -> bool:
    """Prepare another round behind those on their way, whose sequences and nonces it follows.

    Not behind one that was refused: its members must come first.
    """
    is_refused = any(outcome and not outcome.success for outcome in outcomes)
    if is_refused or len(outcomes) + BATCHES_PER_BLOCK > IN_FLIGHT:
        return False
    return bool(form_batches(chain=chain, now=now))


def _let_the_clock_follow(chain: Chain, clock: Clock) -> None:
    """Wait a second where blocks came faster than the seconds they bear.

    A clock that is further behind is wrong, and the chain says so.
    """
    if (
        not chain.is_shared
        and chain.head().timestamp - int(clock().timestamp()) == MAX_AHEAD_SECONDS
    ):
        time.sleep(1)


def _own(chain: Chain, batches: list[Batch]) -> list[WaitingTransaction]:
    """What holders sent to us for the next block; to a shared chain they send it themselves.

    It comes after all that is prepared, so that no withdrawal is overtaken.
    """
    if chain.is_shared:
        return []
    return waiting.ready(chain=chain, holders=_prepared_count() <= len(batches))


def _submit(
    chain: Chain, batches: list[Batch], own: list[WaitingTransaction], now: datetime
) -> list[Outcome | None]:
    """Seal a block; the outcomes of the batches, those of holders are read from the block.

    What holders sent never keeps a batch back: if the block cannot be built with it, it is
    tried piece by piece and what does not fit is dropped.
    """
    raws = [bytes(batch.raw_transaction) for batch in batches]
    try:
        return chain.submit([*raws, *waiting.raws(own)], now)[: len(raws)]
    except ChainRejected:
        if not own:
            raise
    outcomes = chain.submit(raws, now)
    for row in own:
        try:
            chain.submit(waiting.raws([row]), now)
        except ChainRejected as error:
            waiting.drop(row=row, reason=str(error))
    return outcomes


def _prepared_count() -> int:
    return Batch.objects.filter(status=Batch.Status.PREPARED).count()


def _prepared() -> list[Batch]:
    """All of them, be they more than a block's: one left behind would keep its sequence
    from those that must follow the chain's own after a refusal, for ever."""
    return list(Batch.objects.filter(status=Batch.Status.PREPARED).order_by("nonce"))


def _count(status: str) -> int:
    """Of a status that few items have: it has an index of its own."""
    return OutboxItem.objects.filter(status=status).count()


def _recorded() -> Q:
    """The batches whose outcome is not to be counted again: all now but the prepared ones."""
    last = Batch.objects.aggregate(last=Max("pk"))["last"] or 0
    waiting = Batch.objects.filter(status=Batch.Status.PREPARED).values_list("pk", flat=True)
    return Q(batch__lte=last) & ~Q(batch__in=list(waiting))


def _certified_after(earlier: Q) -> int:
    """Items certified in batches that were not recorded then."""
    certified = OutboxItem.objects.filter(status=OutboxItem.Status.CERTIFIED)
    return certified.exclude(earlier).count()
