"""A process that writes blocks and is killed again and again: `crash_writer DIRECTORY SEED`.

For each line on standard input it starts a writer, kills it (SIGKILL) at a random moment and
prints one line. Every other writer is let live until its first block is sealed, so that the
chain grows on a slow machine too. The writer keeps its prepared batch in a file, as services
keep it in the database, before it sends it; many calls to a block, so that most kills fall
inside one.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from ledger.chain.keys import SEALER
from tests.ledger.chain.chains import Clock, issue, key_ring, open_writer

CALLS_IN_BLOCK = 6
LONGEST_LIFE = 0.35  # seconds


def prepared_file(directory: Path) -> Path:
    return directory / "prepared"


def prepared(directory: Path) -> list[bytes]:
    """The batch that may or may not have been sent."""
    path = prepared_file(directory)
    return [bytes.fromhex(line) for line in path.read_text().split()] if path.exists() else []


def write_blocks(directory: Path, sealed: int) -> None:
    """Until killed: prepare, note, send; says on the pipe `sealed` that it has."""
    clock = Clock()
    with open_writer(directory) as chain:
        clock.now = clock.now.fromtimestamp(chain.head().timestamp, clock.now.tzinfo)
        while True:
            raws = prepared(directory)
            if not raws or chain.submit(raws, clock())[0].success:
                sequence, nonce = chain.next_sequence(), chain.next_nonce()
                raws = [
                    chain.prepare(
                        sequence + index, nonce + index, issue(60 * (sequence + index))
                    ).raw
                    for index in range(CALLS_IN_BLOCK)
                ]
                draft = prepared_file(directory).with_suffix(".draft")
                draft.write_text("\n".join(raw.hex() for raw in raws))
                draft.rename(prepared_file(directory))
            chain.submit(raws, clock())
            os.write(sealed, b".")


def main(directory: Path, seed: int) -> None:
    moments = random.Random(seed)
    key_ring(directory).unlock(SEALER)  # what takes long is done once, before the first fork
    for number, _ in enumerate(sys.stdin):
        seen, sealed = os.pipe()
        child = os.fork()
        if child == 0:
            write_blocks(directory, sealed)
        os.close(sealed)
        if number % 2:
            os.read(seen, 1)
        time.sleep(moments.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(seen)
        print(os.WTERMSIG(status), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
