"""Meter lines validated and stored, lots issued in the book, and every line corrected.

On PostgreSQL also lots issued by two workers at once, each for a device of its own. The unit is
one turbine's year of hours (8,760 lines); 4 and 16 times are as many years of the same turbine
in one file.
"""

import gc
import gzip
import io
import multiprocessing
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import SCALES, Row, measured, show
from benchmarks.registry import empty_registry

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

    from certificates.models import Device

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data/generation/kelmarsh_2018_hourly_by_turbine.csv.gz"
NOW = datetime(2040, 1, 1, tzinfo=UTC)
LINES_GOAL, LOTS_GOAL, TOGETHER_GOAL = 50_000, 10_000, 20_000  # a second
WORKERS = 2
PATIENCE_S = 120
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


def measure(scale: int) -> Iterator[Row]:
    """Register a device, import and issue."""
    from certificates.services.issuing.issuance import issue
    from certificates.services.meters.readings import import_readings

    device = plant(f"x{scale}")
    stream = io.BytesIO(years(scale))
    with measured() as importing:
        report = import_readings(device=device, stream=stream, name="years", selection={}, now=NOW)
    yield Row("meter lines stored", scale, report["rows"], importing, LINES_GOAL)
    with measured() as issuing:
        lots = issue(device=device, now=NOW).lots
    yield Row("lots issued in the book", scale, lots, issuing, LOTS_GOAL)
    again = io.BytesIO(years(scale, corrected=True))
    with measured() as correcting:
        changed = import_readings(device=device, stream=again, name="again", selection={}, now=NOW)
    yield Row("corrections carried out", scale, changed["corrections"], correcting)


def plant(name: str) -> "Device":
    """An approved device, a part of whose production a charging company gets."""
    from certificates.domain.device_facts import read_facts
    from certificates.services.holding.agreements import agree
    from certificates.services.organisations import register_organisation
    from certificates.services.plants.devices import register_device

    register_organisation(name="Benchmark", slug="benchmark", roles=["producer"], now=NOW)
    company = register_organisation(
        name="Company", slug="company", roles=["charging_company"], now=NOW
    )
    device = register_device(facts=read_facts(FACTS | {"name": name}), now=NOW, approve=True)
    agree(device=device, to=company, share_ppm=46_300, now=NOW)
    return device


def by_two_workers(scale: int) -> Iterator[Row]:
    """As issuance runs in production: a task for each device, in two processes at once.

    On PostgreSQL alone, since SQLite has one writer at a time. Both import first, and start
    together; the time is that from then until the later one is done.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    devices = [plant(f"worker-{n}") for n in range(WORKERS)]
    context = multiprocessing.get_context("spawn")
    together, counts = context.Barrier(WORKERS + 1), context.Queue()
    workers = [
        context.Process(target=work, args=(device.pk, scale, together, counts))
        for device in devices
    ]
    for worker in workers:
        worker.start()
    together.wait(PATIENCE_S)
    with measured() as issuing:
        lots = sum(counts.get(timeout=PATIENCE_S) for _ in workers)
    for worker in workers:
        worker.join()
    yield Row("lots issued by two workers", scale, lots, issuing, TOGETHER_GOAL, by_clock=True)


def work(device_id: int, scale: int, together: "Barrier", counts: "Queue[int]") -> None:
    """One worker: import a device's readings, wait for the other, issue."""
    import django

    django.setup()
    from certificates.models import Device
    from certificates.services.issuing.issuance import issue
    from certificates.services.meters.readings import import_readings

    device, stream = Device.objects.get(pk=device_id), io.BytesIO(years(scale))
    import_readings(device=device, stream=stream, name="years", selection={}, now=NOW)
    gc.freeze()  # as the worker does
    together.wait(PATIENCE_S)
    counts.put(issue(device=device, now=NOW).lots)


def main(scales: list[int]) -> None:
    """Print the rates at each size."""
    with empty_registry():
        show(row for step in (measure, by_two_workers) for scale in scales for row in step(scale))


if __name__ == "__main__":
    main([int(scale) for scale in sys.argv[1:]] or list(SCALES))
