"""What `manage.py verify_receipt` costs beyond the start of Python and Django.

    python -m benchmarks.verify_receipt

The published example is checked, against its trust file: in fresh processes, whose processor
time is compared with that of a command which does nothing, and many times over in this one.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import machine

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "receipt-proof"
ROUNDS, PROCESSES = 200, 5
MILLISECONDS = 1_000


def of_a_process(*arguments: str) -> float:
    """Processor seconds of a fresh `manage.py` with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def of_a_call(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before


def show(what: str, seconds: float) -> None:
    print(f"{what:58} {seconds * MILLISECONDS:8.1f} ms")


def main() -> int:
    """Returns the exit code: 1 when the example is not authentic."""
    print(machine())
    given = ["verify_receipt", str(EXAMPLE / "proof.json"), "--trust", str(EXAMPLE / "trust.json")]
    starts, checks = [], []
    for _ in range(PROCESSES):  # in turn, so that both see the same neighbours
        starts.append(of_a_process("version"))
        checks.append(of_a_process(*given))
    start, whole = min(starts), min(checks)
    show("Python and Django start, processor time", start)
    show("verify_receipt in a fresh process, processor time", whole)
    show("  beyond the start (goal: below 100 ms)", whole - start)

    from ledger.domain.proof import files, trust
    from ledger.domain.proof.verification import verify

    proof, keys = (EXAMPLE / name for name in ("proof.json", "trust.json"))

    def check() -> bool:
        vouched = trust.parse(keys.read_bytes())
        return verify(files.parse(proof.read_bytes()), vouched).authenticated

    show("the check itself, first time", of_a_call(check))
    show("the check itself, median", statistics.median(of_a_call(check) for _ in range(ROUNDS)))
    return 0 if check() else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
