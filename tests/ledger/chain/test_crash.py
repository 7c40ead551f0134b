"""kill -9 at any moment: the head is a whole block, and what was sent is executed once."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.chain.embedded import EmbeddedChain
from ledger.chain.port import Counters
from ledger.chain.store import SQLiteStore
from ledger.chain.verify import verify
from ledger.domain.token_id import lot_of
from ledger.errors import ChainMissing
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    CHAIN_ID,
    DEVICE,
    key_ring,
    open_reader,
    open_writer,
    token,
)
from tests.ledger.chain.crash_writer import CALLS_IN_BLOCK, prepared

ROUNDS = 15
SEED = 20180101
ROOT = Path(__file__).parents[3]


@pytest.fixture
def killer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.ledger.chain.crash_writer", tmp_path, str(SEED)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def write_and_kill(killer: subprocess.Popen[str]) -> None:
    assert killer.stdin is not None
    assert killer.stdout is not None
    killer.stdin.write("\n")
    killer.stdin.flush()
    assert int(killer.stdout.readline()) == signal.SIGKILL


def is_whole(chain: EmbeddedChain) -> bool:
    """Whether the whole state at the head is there, and is that of the calls up to it."""
    sequences = range(1, chain.next_sequence())
    token_ids = [token(60 * sequence) for sequence in sequences]
    held = {(ALICE, each): 600 for each in token_ids} | {(BOB, each): 400 for each in token_ids}
    lots = {
        lot_of(each): Counters(1000, 0, 0, 0, 0, 1000 * index, 3)
        for index, each in enumerate(token_ids)
    }
    odometers = {DEVICE: 1000 * len(sequences)}
    return chain.unexplained(balances=held, lots=lots, odometers=odometers) == []


@pytest.mark.slow
def test_a_killed_writer_leaves_whole_blocks_and_no_call_twice(
    tmp_path: Path, killer: subprocess.Popen[str]
) -> None:
    heights = []
    for _ in range(ROUNDS):
        write_and_kill(killer)
        try:
            with open_reader(tmp_path) as reader:
                assert is_whole(reader)
                heights.append(reader.head().number)
        except ChainMissing:
            continue
        if not prepared(tmp_path):
            continue
        with open_writer(tmp_path) as chain:
            now = datetime.fromtimestamp(chain.head().timestamp + 1, UTC)
            outcomes = chain.submit(prepared(tmp_path), now)
            assert all(outcome.success for outcome in outcomes)
            assert is_whole(chain)
    assert heights == sorted(heights)
    assert heights[-1] > ROUNDS // 2
    store = SQLiteStore(tmp_path / "chain.sqlite3", writable=False)
    report = verify(store, chain_id=CHAIN_ID, sealers=key_ring(tmp_path).sealers())
    assert report.deviation is None
    assert report.transactions == 2 + CALLS_IN_BLOCK * (report.blocks - 1)
