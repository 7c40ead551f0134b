"""Run every benchmark, each in a process of its own: `python -m benchmarks [NAME ...]`."""

import subprocess
import sys

from benchmarks.figures import machine

NAMES = (
    "meter_and_issue",
    "meter_formats",
    "bulk_upload",
    "split_and_match",
    "matchers",
    "sessions_to_book",
    "settle",
    "demo_year",
    "rpc",
    "signed_meters",
    "sync",
    "chain_rates",
    "side_by_side",
    "national",
    "ocpi",
    "verify_receipt",
    "certificate_query",
    "offers",
    "receipt_pages",
    "pages_at_size",
    "exports",
)
LIMIT_S = 300  # for each
ARGUMENTS = {  # alone they make several times as much
    "bulk_upload": ["200000"],  # lines
    "rpc": ["2500"],  # blocks
    "sessions_to_book": ["25000"],  # sessions
    "sync": ["1500"],  # blocks
    "chain_rates": ["5"],  # seconds
    "national": ["1000"],  # hours
    "ocpi": ["2"],
    "receipt_pages": ["5000", "20000"],  # sessions
    "pages_at_size": ["100000"],  # lots
    "exports": ["62500", "250000"],  # rows
}


def main(names: list[str]) -> int:
    """Returns the exit code: 1 when a benchmark failed or took too long, 2 for a wrong name."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; choose from: {', '.join(NAMES)}.")
        return 2
    print(machine(), flush=True)
    failed = False
    for name in names or NAMES:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *ARGUMENTS.get(name, [])]
        try:
            failed |= subprocess.run(command, timeout=LIMIT_S, check=False).returncode != 0
        except subprocess.TimeoutExpired:
            print(f"took longer than {LIMIT_S} s and was stopped", flush=True)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
