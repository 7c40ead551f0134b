"""A small country on one small machine: 60 plants by the hour, issued and settled.

    python -m benchmarks.national [HOURS]

The volume of the largest published pilot of the kind, Estonia's: 26,000 hours and 24 TWh,
here as 60 plants, so 1.56 million lots. The input is generated from a fixed seed. Each step
of 500 hours is read from meter files, issued in the book and settled on the embedded chain
before the next, so that the table shows whether time and disk grow with the hours alone.
"""

import io
import random
import resource
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.registry import empty_registry

PLANTS, HOURS, STEP = 60, 26_000, 500
TOTAL_WH = 24_000_000_000_000
MEAN_WH = TOTAL_WH // (PLANTS * HOURS)
SEED = 2018
BEGINNING = datetime(2015, 1, 1, tzinfo=UTC)
NOW = datetime(2040, 1, 1, tzinfo=UTC)
FACTS = {
    "technology_code": "T020001",
    "energy_source_code": "F01050100",
    "organisation": "producer",
    "capacity_w": 2 * MEAN_WH,
    "area": "10Y1001A1001A39I",
    "commissioned_on": "2010-01-01",
}
TIME_GOAL_S, MEMORY_GOAL_MB, DISK_GOAL_MB = 3_600, 4_000, 10_000


@dataclass
class Totals:
    """Seconds on the clock by step, and what came of it."""

    read_s: float = 0.0
    issue_s: float = 0.0
    settle_s: float = 0.0
    lots: int = 0
    issued_wh: int = 0

    @property
    def seconds(self) -> float:
        return self.read_s + self.issue_s + self.settle_s


def meter_file(plant: int, first: int, hours: int) -> bytes:
    """Hours of one plant, kWh, as a file: the same bytes whenever it is made."""
    drawn = random.Random(SEED * 1_000_000 + plant * 100_000 + first)
    start = BEGINNING + first * timedelta(hours=1)
    starts = [start + n * timedelta(hours=1) for n in range(hours)]
    lines = [f"{at:%Y-%m-%dT%H:%M:%SZ},{drawn.randint(1, 2 * MEAN_WH) / 1000}" for at in starts]
    return "\n".join(["interval_start_utc,energy_kwh", *lines]).encode()


def register() -> list[Any]:
    """The plants of one producer, a tenth of each agreed for a charging company."""
    from certificates.domain.device_facts import read_facts
    from certificates.services.holding.agreements import agree
    from certificates.services.organisations import register_organisation
    from certificates.services.plants.devices import register_device

    register_organisation(name="Producer", slug="producer", roles=["producer"], now=NOW)
    company = register_organisation(
        name="Company", slug="company", roles=["charging_company"], now=NOW
    )
    devices = []
    for plant in range(PLANTS):
        facts = read_facts(FACTS | {"name": f"Plant {plant}"})
        devices.append(register_device(facts=facts, now=NOW, approve=True))
        agree(device=devices[-1], to=company, share_ppm=100_000, now=NOW)
    return devices


def step(devices: list[Any], first: int, hours: int, totals: Totals) -> None:
    """Read, issue and settle some hours of every plant."""
    from django.utils import timezone

    from certificates.services.issuing.issuance import issue
    from certificates.services.meters.readings import import_readings
    from ledger.services.settlement import settle

    began = time.perf_counter()
    for plant, device in enumerate(devices):
        file = io.BytesIO(meter_file(plant, first, hours))
        import_readings(device=device, stream=file, name="hours", selection={}, now=NOW)
    read = time.perf_counter()
    report = issue(now=NOW)
    issued = time.perf_counter()
    settle(clock=timezone.now, patience=TIME_GOAL_S)
    totals.read_s += read - began
    totals.issue_s += issued - read
    totals.settle_s += time.perf_counter() - issued
    totals.lots += report.lots
    totals.issued_wh += report.issued_wh


def disk_mb(directory: Path) -> float:
    return sum(each.stat().st_size for each in directory.rglob("*") if each.is_file()) / 1e6


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Print a row for each doubling of the hours, and the whole."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    with empty_registry():
        from django.conf import settings

        directory, devices, totals = Path(settings.DATA_DIR), register(), Totals()
        print(
            f"{'hours':>7}{'lots':>11}{'read s':>9}{'issue s':>9}{'settle s':>10}"
            f"{'lots/s':>9}{'memory MB':>11}{'disk MB':>9}"
        )
        shown = STEP
        for first in range(0, wanted, STEP):
            step(devices, first, min(STEP, wanted - first), totals)
            done = min(first + STEP, wanted)
            if done >= shown or done == wanted:
                shown = 2 * done
                print(
                    f"{done:>7,}{totals.lots:>11,}{totals.read_s:>9.1f}{totals.issue_s:>9.1f}"
                    f"{totals.settle_s:>10.1f}{totals.lots / totals.seconds:>9,.0f}"
                    f"{memory_mb():>11,.0f}{disk_mb(directory):>9,.0f}",
                    flush=True,
                )
        print(
            f"{totals.issued_wh / 1e12:.3f} TWh in {totals.seconds / 60:.1f} min "
            f"(goals for {HOURS:,} hours: {TIME_GOAL_S // 60} min, {MEMORY_GOAL_MB:,} MB of "
            f"memory, {DISK_GOAL_MB:,} MB of disk)"
        )


if __name__ == "__main__":
    main()
