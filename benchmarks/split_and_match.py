"""Sessions split into hours and matched, at 1, 4 and 16 times the sample year.

Run: python benchmarks/split_and_match.py
"""

import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from charging.domain.matching import Demand, Supply, match_interval  # noqa: E402
from charging.domain.profiles import PERTH_KINROSS  # noqa: E402
from charging.domain.session_file import read_rows  # noqa: E402
from charging.domain.session_rows import Charge, Period, judge  # noqa: E402
from charging.domain.split import split_evenly  # noqa: E402

SAMPLE = ROOT / "sample_data" / "charging" / "perth_kinross_2018.csv.gz"
YEAR = Period(
    int(datetime(2018, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2019, 1, 1, tzinfo=UTC).timestamp()),
)
TIMES = (1, 4, 16)
SCARCE_WH = 16_000  # per hour and copy, about half of what is asked
GOAL = 20_000  # sessions a second


def main() -> None:
    """Print sessions a second for each size; linear means that they stay alike."""
    started = time.perf_counter()
    outcomes = [judge(row.fields, PERTH_KINROSS, YEAR) for row in _rows()]
    seconds = time.perf_counter() - started
    print(f"read and judged: {len(outcomes):,} rows, {len(outcomes) / seconds:,.0f} rows/s")
    charges = [outcome.charge for outcome in outcomes if outcome.charge]
    for times in TIMES:
        started = time.perf_counter()
        shares, sessions = split_and_match(charges, times), len(charges) * times
        seconds = time.perf_counter() - started
        print(
            f"{times:>3}x: {sessions:>8,} sessions, {shares:>8,} shares in {seconds:6.2f} s: "
            f"{sessions / seconds:>9,.0f} sessions/s (goal {GOAL:,})"
        )


def split_and_match(charges: list[Charge], times: int) -> int:
    """Split and match copies of the year; returns the number of shares."""
    demands: dict[int, list[Demand]] = defaultdict(list)
    for copy in range(times):
        for charge in charges:
            key = f"{charge.uid}/{copy}"
            for start, wh in split_evenly(charge.started, charge.ended, charge.energy_wh):
                demands[start].append(Demand(key, wh))
    supply = [Supply("0" * 40, SCARCE_WH * times)]
    return sum(len(match_interval(hour, supply)) for hour in demands.values())


def _rows():  # type: ignore[no-untyped-def]
    return read_rows(SAMPLE.read_bytes(), PERTH_KINROSS)


if __name__ == "__main__":
    main()
