"""Sessions split into hours and matched, in memory.

The unit of the first rows is the sample year; 4 and 16 times are as many copies of it, with as
much more supply. Then a million session hours and a million lots: keys ranked, columns made,
matched and proven; and intervals in which sites, areas, preferences and tariffs all play.
`python -m benchmarks.split_and_match 250000` does the second part alone, for as many session
hours and lots as it says, and so tells the peak of its memory.
"""

import random
import resource
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.figures import SCALES, Row, measured, show
from charging.domain.matching import (
    Demand,
    DemandColumns,
    Preference,
    Supply,
    SupplyColumns,
    certify,
    certify_columns,
    match_columns,
    match_interval,
)
from charging.domain.profiles import PERTH_KINROSS
from charging.domain.session_file import read_rows
from charging.domain.session_rows import Charge, Period, judge
from charging.domain.split import split_evenly

SAMPLE = Path(__file__).parents[1] / "sample_data" / "charging" / "perth_kinross_2018.csv.gz"
YEAR = Period(
    int(datetime(2018, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2019, 1, 1, tzinfo=UTC).timestamp()),
)
SCARCE_WH = 16_000  # per hour and copy, about half of what is asked
GOAL = 20_000  # sessions a second
ROWS = 62_500  # session hours, and as many lots; times 1, 4 and 16
ROWS_GOAL = 50_000  # a second: a million of both in 20 s
HOURS = 8_760
SPECIAL = 25  # intervals with special rules, times 1, 4 and 16
CHARGES, LOTS = 200, 40  # of each


def main(size: int = 0) -> None:
    """Print sessions, session hours and intervals a second for each size, or for one alone."""
    show(in_columns(size, 1) if size else figures())
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MiB")


def figures() -> Iterator[Row]:
    """The rows, as they are measured."""
    with measured() as reading:
        rows = read_rows(SAMPLE.read_bytes(), PERTH_KINROSS)
        outcomes = [judge(row.fields, PERTH_KINROSS, YEAR) for row in rows]
    yield Row("session rows read and judged", 1, len(outcomes), reading)
    charges = [outcome.charge for outcome in outcomes if outcome.charge]
    for scale in SCALES:
        with measured() as matching:
            split_and_match(charges, scale)
        yield Row("sessions split and matched", scale, len(charges) * scale, matching, GOAL)
    for scale in SCALES:
        yield from in_columns(ROWS * scale, scale)
    for scale in SCALES:
        yield from with_special_rules(SPECIAL * scale, scale)


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


def in_columns(size: int, scale: int) -> list[Row]:
    """As many session hours as lots, over a year of hours, from keys to a proof."""
    order = random.Random(size)
    keys = [f"council*GB*PKC*{order.randrange(10**9):09}-{n}" for n in range(size)]
    codes = [f"{order.getrandbits(160):040x}" for n in range(size)]
    numbers = np.random.default_rng(size)
    asked, held = (numbers.integers(1, 20_000, size) for _ in range(2))
    with measured() as ranking:
        key_ranks, code_ranks = ranks_of(keys), ranks_of(codes)
    demand = DemandColumns(numbers.integers(0, HOURS, size), key_ranks, asked)
    supply = SupplyColumns(
        numbers.integers(0, HOURS, size), code_ranks, held, numbers.random(size) < 0.9
    )
    with measured() as matching:
        shares = match_columns(demand, supply)
    with measured() as proving:
        verdict = certify_columns(demand, supply, shares)
    if not verdict.proven:
        raise SystemExit(f"not proven: {verdict.violations}")
    return [
        Row("keys and codes ranked", scale, size, ranking),
        Row("session hours x lots matched", scale, size, matching, ROWS_GOAL),
        Row("session hours x lots proven", scale, size, proving),
    ]


def ranks_of(names: list[str]) -> np.ndarray:
    """The place of every name in the order of all."""
    ranks = np.empty(len(names), np.int64)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return ranks


def with_special_rules(intervals: int, scale: int) -> list[Row]:
    """Intervals of many charges and lots where every rule plays."""
    order = random.Random(intervals)
    wishes = (Preference(source="F0105"), Preference(supplier="north"))
    cases = [
        (
            [
                Demand(
                    f"charge-{n}",
                    order.randrange(1, 20_000),
                    site=f"site-{order.randrange(20)}",
                    green_tariff=order.random() < 0.5,
                    preferences=wishes[: order.randrange(3)],
                )
                for n in range(CHARGES)
            ],
            [
                Supply(
                    f"{n:040x}",
                    order.randrange(1, 60_000),
                    site=f"site-{n}" if n < 5 else "",
                    source=order.choice(["F01050100", "F01040100"]),
                    supplier=order.choice(["north", "south"]),
                )
                for n in range(LOTS)
            ],
        )
        for _ in range(intervals)
    ]
    with measured() as matching:
        shares = [match_interval(*case) for case in cases]
    with measured() as proving:
        proven = [certify(*case, found) for case, found in zip(cases, shares, strict=True)]
    if not all(verdict.proven for verdict in proven):
        raise SystemExit("an interval with special rules is not proven")
    return [
        Row("intervals with special rules", scale, intervals, matching),
        Row("the same proven", scale, intervals, proving),
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
