"""One interval of one area, matched by this registry and by a published matcher.

    python -m benchmarks.matchers

As many charges as lots, of one place and without wishes, drawn with a fixed seed. The other
is Energy Web's proportional matcher (MIT, from npm: `npm ci` in benchmarks/js). Its own
performance test, which it skips, has 5,000 of each; larger sizes than `OTHER_UP_TO` are left
out here because a run takes minutes. Its spread matcher is not published. Either leaves the
same Wh unmatched; what differs is in how many pieces, and in how long.
"""

import json
import random
import subprocess
from pathlib import Path

from benchmarks.figures import measured
from charging.domain.matching import Demand, Supply, match_interval

SCRIPT = Path(__file__).parent / "js" / "match.mjs"
SIZES = (100, 400, 1_600, 5_000)
OTHER_UP_TO = 1_600
LIMIT_S = 170
MOST_ASKED_WH, MOST_HELD_WH = 100_000, 10_000  # of one, as in the other's own test


def main() -> None:
    """Print seconds, pieces and Wh for each size and matcher."""
    print(f"{'matcher':<28}{'charges x lots':>16}{'s':>10}{'pieces':>11}{'Wh':>14}")
    for size in SIZES:
        order = random.Random(size)
        asked = [order.randint(1, MOST_ASKED_WH) for _ in range(size)]
        held = [order.randint(1, MOST_HELD_WH) for _ in range(size)]
        wh = show("this registry", size, *ours(asked, held))
        if size > OTHER_UP_TO:
            continue
        if not (SCRIPT.parent / "node_modules").exists():
            print("the other is left out: run `npm ci` in benchmarks/js")
        elif show("proportional (Energy Web)", size, *other(asked, held)) != wh:
            raise SystemExit("the two matched a different number of Wh")


def ours(asked: list[int], held: list[int]) -> tuple[float, int, int]:
    """Seconds of processor time, pieces, Wh."""
    demands = [Demand(f"charge-{n}", wh) for n, wh in enumerate(asked)]
    supplies = [Supply(f"{n:040x}", wh) for n, wh in enumerate(held)]
    with measured() as measure:
        shares = match_interval(demands, supplies)
    return measure.cpu_s, len(shares), sum(share.amount_wh for share in shares)


def other(asked: list[int], held: list[int]) -> tuple[float, int, int]:
    """Seconds on the clock without the start of node, pieces, Wh."""
    said = subprocess.run(
        ["node", SCRIPT],
        input=json.dumps({"asked": asked, "held": held}),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    found = json.loads(said.stdout)
    return found["seconds"], found["pairs"], found["wh"]


def show(name: str, size: int, seconds: float, pieces: int, wh: int) -> int:
    """Print a row; returns its Wh."""
    print(
        f"{name:<28}{f'{size:,} x {size:,}':>16}{seconds:>10.3f}{pieces:>11,}{wh:>14,}", flush=True
    )
    return wh


if __name__ == "__main__":
    main()
