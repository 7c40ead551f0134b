"""What the embedded chain settles in a second, without the book and its database.

    python -m benchmarks.chain_rates [SECONDS]

Lots are issued first; then, for each number of leaves in an entry, settlements are sealed
for so many seconds (10 unless said otherwise), eight transactions a block. Another process
builds the sum trees meanwhile, as it would on a machine with two cores.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

CHAIN_ID, REGISTRY_ID = 202611, 1
DEVICE, PLANTS = 906_000_000_000_000_028, 60
HOLDER = UUID(int=1)
LOT_WH = 10_000_000
LOTS, LOTS_A_CALL = 9_600, 160
CALLS_A_BLOCK = 8
AHEAD = 3  # blocks that the second process builds before they are wanted
# An entry's leaves: none shared, the real data's mean, a busy hour, and the most that a
# transaction of 120 KiB carries (other networks take no larger one).
LEAVES = (1, 7, 100, 2_400)
ENTRIES_A_CALL, LEAVES_A_CALL = 200, 2_400
ENTRIES_GOAL, LOTS_GOAL = 1_500, 2_000
RETIRED_GOALS = {7: 10_000, 2_400: 100_000}
# Later than any real clock, since block 1 bears the time of its creation.
BEGINNING = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rate:
    """What was sealed, in how many seconds on the clock, and the store's growth in bytes."""

    entries: int
    leaves: int
    wall_s: float
    grown: int


@contextmanager
def open_writer(directory: Path) -> Iterator[Any]:
    """A founded chain with its contracts, in a directory of its own."""
    from ledger.chain.embedded import EmbeddedChain, Identity, Writer
    from ledger.chain.keys import KeyRing
    from ledger.chain.store import SQLiteStore
    from ledger.chain.writer_lock import WriterLock

    keys = KeyRing(directory / "keys", passphrase=lambda: "benchmark", create=True, iterations=1)
    store = SQLiteStore(directory / "chain.sqlite3", writable=True)
    writer = Writer(lock=WriterLock(directory), keys=keys)
    with EmbeddedChain(store, Identity(CHAIN_ID, REGISTRY_ID), writer) as chain:
        yield chain


def lot(number: int) -> int:
    """Token id of a plant's hour."""
    from ledger.domain.token_id import BOTH, PRODUCTION, TokenId

    device, hour = DEVICE + number % PLANTS, number // PLANTS
    return TokenId(PRODUCTION, device, 60 * hour, 60, 0, BOTH).number


class Sealer:
    """Seals calls in blocks of eight, one second of the chain's own time apart."""

    def __init__(self, chain: Any) -> None:
        self.chain = chain
        self.height = 1

    def seal(self, calls: list[Any]) -> None:
        chain = self.chain
        sequence, nonce = chain.next_sequence(), chain.next_nonce()
        raws = [chain.prepare(sequence + n, nonce + n, call).raw for n, call in enumerate(calls)]
        self.height += 1
        outcomes = chain.submit(raws, BEGINNING + timedelta(seconds=self.height))
        refused = [outcome.reason for outcome in outcomes if not outcome.success]
        if refused:
            raise SystemExit(f"a call was refused: {refused[0]}")


def issue_lots(sealer: Sealer) -> float:
    """Issue every lot; returns seconds on the clock."""
    from ledger.domain.calls import Issue, LotIssue, Split

    calls = [
        Issue(
            tuple(LotIssue(lot(first + n), LOT_WH) for n in range(LOTS_A_CALL)),
            tuple(Split(n, HOLDER, LOT_WH) for n in range(LOTS_A_CALL)),
            bytes(32),
        )
        for first in range(0, LOTS, LOTS_A_CALL)
    ]
    began = time.perf_counter()
    for at in range(0, len(calls), CALLS_A_BLOCK):
        sealer.seal(calls[at : at + CALLS_A_BLOCK])
    return time.perf_counter() - began


def build_block(number: int, leaves: int, *, lots: int = LOTS) -> list[Any]:
    """A block's settlements with their trees; the lots follow each other in a ring."""
    from ledger.domain.calls import Settle, SettleEntry
    from ledger.domain.sum_tree import build

    entries = max(1, min(ENTRIES_A_CALL, LEAVES_A_CALL // leaves))
    calls = []
    for call in range(number * CALLS_A_BLOCK, (number + 1) * CALLS_A_BLOCK):
        chosen = sorted(lot((call * entries + n) % lots) for n in range(entries))
        drawn = os.urandom(32 * entries * leaves)
        settled = []
        for at, token_id in enumerate(chosen):
            own = range(at * leaves, (at + 1) * leaves)
            tree = build(token_id, [(1, drawn[32 * n : 32 * n + 32]) for n in own])
            settled.append(SettleEntry(HOLDER, token_id, tree.total, tree.leaves, tree.root))
        calls.append(Settle(tuple(settled)))
    return calls


def settle(sealer: Sealer, store: Path, leaves: int, seconds: float) -> Rate:
    """Seal settlements for so many seconds while another process builds the trees."""
    grown, entries, blocks = _size(store), 0, 0
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as builder:
        waiting: list[Future[list[Any]]] = [
            builder.submit(build_block, n, leaves) for n in range(AHEAD)
        ]
        waiting[0].result()  # the other process has started
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            waiting.append(builder.submit(build_block, blocks + AHEAD, leaves))
            calls = waiting.pop(0).result()
            sealer.seal(calls)
            entries += sum(len(call.entries) for call in calls)
            blocks += 1
        wall = time.perf_counter() - began
        for future in waiting:
            future.cancel()
    return Rate(entries, entries * leaves, wall, _size(store) - grown)


def _size(store: Path) -> int:
    return sum(each.stat().st_size for each in store.parent.glob(f"{store.name}*"))


def main() -> None:
    """Print every rate."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with tempfile.TemporaryDirectory(prefix="registry-benchmark-") as folder:
        directory = Path(folder)
        with open_writer(directory) as chain:
            sealer = Sealer(chain)
            lots_s = issue_lots(sealer)
            print(f"lots issued: {LOTS / lots_s:,.0f}/s (goal {LOTS_GOAL:,}/s)", flush=True)
            print(f"{'leaves':>10}{'entries/s':>12}{'retirements/s':>15}{'bytes each':>12}")
            for leaves in LEAVES:
                rate = settle(sealer, directory / "chain.sqlite3", leaves, seconds)
                goal = RETIRED_GOALS.get(leaves)
                note = f"  (goal {goal:,}/s)" if goal else ""
                print(
                    f"{leaves:>10,}{rate.entries / rate.wall_s:>12,.0f}"
                    f"{rate.leaves / rate.wall_s:>15,.0f}{rate.grown / rate.leaves:>12,.0f}{note}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
