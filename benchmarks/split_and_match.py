"""Sessions split into hours and matched, in memory.

The unit is the sample year; 4 and 16 times are as many copies of it, with as much more supply.
"""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import SCALES, Row, measured, show
from charging.domain.matching import Demand, Supply, match_interval
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


def main() -> None:
    """Print sessions a second for each size."""
    with measured() as reading:
        rows = read_rows(SAMPLE.read_bytes(), PERTH_KINROSS)
        outcomes = [judge(row.fields, PERTH_KINROSS, YEAR) for row in rows]
    figures = [Row("session rows read and judged", 1, len(outcomes), reading)]
    charges = [outcome.charge for outcome in outcomes if outcome.charge]
    for scale in SCALES:
        with measured() as matching:
            split_and_match(charges, scale)
        figures.append(
            Row("sessions split and matched", scale, len(charges) * scale, matching, GOAL)
        )
    show(figures)


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


if __name__ == "__main__":
    main()
