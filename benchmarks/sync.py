"""How long a newcomer takes to execute a chain of 10,000 blocks again, and what it needs.

    python -m benchmarks.sync [BLOCKS]

The chain is made first by a process of its own (see `benchmarks.rpc`). Then this one does what a
witness does: reads each block and its seal as they travel, executes it, compares every byte,
checks the sum trees and keeps it durably. Memory should stay flat and disk grow in a line;
`growth` is each part's processor time a block by that of the first.
"""

import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.rpc import CHAIN_ID, STORE, grow

BLOCKS = 10_000
PARTS = 8
MEGABYTE = 1e6
KIBIBYTE = 1024
GOAL_S = 600


def resident_mb() -> float:
    """Memory that this process holds now, in MB."""
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kibibytes) * KIBIBYTE / MEGABYTE


def size_mb(directory: Path) -> float:
    """A store's files, its log included, in MB."""
    return sum(path.stat().st_size for path in directory.glob(f"{STORE}*")) / MEGABYTE


def in_another_process(directory: Path, blocks: int) -> None:
    """Make the chain where its memory does not count. Raises: SystemExit when it failed."""
    child = os.fork()
    if child == 0:
        grow(directory, blocks)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("the chain could not be made")


def follow(source: Path, target: Path, blocks: int) -> float:
    """Execute every block into a new store, printing each part; returns processor seconds."""
    from ledger.chain.engine import Engine
    from ledger.chain.follower import Follower
    from ledger.chain.framing import SealedBlock
    from ledger.chain.store import SQLiteStore
    from ledger.chain.transcript import sealed_block

    theirs = Engine(SQLiteStore(source / STORE, writable=False), chain_id=CHAIN_ID)
    follower = Follower(
        Engine(SQLiteStore(target / STORE, writable=True), chain_id=CHAIN_ID), sealers=None
    )
    began = last = time.process_time()
    first_part, done = 0.0, 0
    for part in range(1, PARTS + 1):
        end = blocks * part // PARTS
        for height in range(done + 1, end + 1):
            sent = sealed_block(theirs, height).encode()
            follower.accept(SealedBlock.decode(sent))
        now = time.process_time()
        a_block = (now - last) / (end - done)
        first_part = first_part or a_block
        print(
            f"{end:>7,} blocks  {1 / a_block:7.0f} blocks/s  growth {a_block / first_part:4.2f}  "
            f"memory {resident_mb():6.0f} MB  disk {size_mb(target):7.1f} MB "
            f"({1000 * size_mb(target) / end:.1f} kB a block)",
            flush=True,
        )
        last, done = now, end
    return last - began


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    blocks = int(sys.argv[1]) if len(sys.argv) > 1 else BLOCKS
    directory = Path(tempfile.mkdtemp(prefix="registry-benchmark-"))
    os.environ["DATA_DIR"] = str(directory / "data")
    try:
        import django

        django.setup()
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
        in_another_process(directory / "registry", blocks)
        took = follow(directory / "registry", directory / "newcomer", blocks)
        print(f"{blocks:,} blocks executed again in {took:.0f} s of processor time; goal {GOAL_S}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
