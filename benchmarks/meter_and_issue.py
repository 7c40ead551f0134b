"""Meter lines validated and stored, lots issued in the book, and every line corrected.

The unit is one turbine's year of hours (8,760 lines); 4 and 16 times are as many years of
the same turbine in one file.
"""

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import SCALES, Row, measured, show
from benchmarks.registry import empty_registry

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data/generation/kelmarsh_2018_hourly_by_turbine.csv.gz"
NOW = datetime(2040, 1, 1, tzinfo=UTC)
LINES_GOAL, LOTS_GOAL = 50_000, 10_000  # a second
FACTS = {
    "technology_code": "T020001",
    "energy_source_code": "F01050100",
    "organisation": "benchmark",
    "capacity_w": 2_050_000,
    "area": "10YGB----------A",
    "commissioned_on": "2016-04-01",
}


def years(count: int, *, corrected: bool = False) -> bytes:
    """A file of `count` years of turbine 2, all with the hours of 2018.

    `corrected`: the last digit of every value is cut, so that nearly all are lower.
    """
    with gzip.open(SAMPLE, "rt") as stream:
        lines = [line for line in stream if ",Kelmarsh 2," in line]
    if corrected:
        lines = [cut(line) for line in lines]
    body = "".join(line.replace("2018", str(2018 + n), 1) for n in range(count) for line in lines)
    return f"interval_start_utc,turbine,energy_kwh,observed\n{body}".encode()


def cut(line: str) -> str:
    """A line with a part of its energy taken off."""
    start, turbine, energy, observed = line.split(",")
    return ",".join([start, turbine, energy[:-2], observed]) if "." in energy[:-2] else line


def measure(scale: int) -> list[Row]:
    """Register a device, import and issue."""
    from certificates.domain.device_facts import read_facts
    from certificates.services.agreements import agree
    from certificates.services.devices import register_device
    from certificates.services.issuance import issue
    from certificates.services.organisations import register_organisation
    from certificates.services.readings import import_readings

    register_organisation(name="Benchmark", slug="benchmark", roles=["producer"], now=NOW)
    company = register_organisation(
        name="Company", slug="company", roles=["charging_company"], now=NOW
    )
    device = register_device(facts=read_facts(FACTS | {"name": f"x{scale}"}), now=NOW, approve=True)
    agree(device=device, to=company, share_ppm=46_300, now=NOW)
    stream = io.BytesIO(years(scale))
    with measured() as importing:
        report = import_readings(device=device, stream=stream, name="years", selection={}, now=NOW)
    with measured() as issuing:
        lots = issue(device=device, now=NOW).lots
    again = io.BytesIO(years(scale, corrected=True))
    with measured() as correcting:
        changed = import_readings(device=device, stream=again, name="again", selection={}, now=NOW)
    return [
        Row("corrections carried out", scale, changed["corrections"], correcting),
        Row("meter lines stored", scale, report["rows"], importing, LINES_GOAL),
        Row("lots issued in the book", scale, lots, issuing, LOTS_GOAL),
    ]


def main() -> None:
    """Print both rates at each size."""
    with empty_registry():
        rows = [row for scale in SCALES for row in measure(scale)]
        show(sorted(rows, key=lambda row: row.step, reverse=True))


if __name__ == "__main__":
    main()
