"""A long list as each kind of file: how soon it begins, how long it takes, and its memory.

    python -m benchmarks.exports [ROWS ...]

ROWS are 62,500, 250,000 and 1,000,000 unless given. The list is a plant's readings, twelve
columns; the answer is read to its end as a web server reads it. Rows are stored some at a time,
so that the peak of the process is the answers'.
"""

import resource
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.meter_and_issue import plant
from benchmarks.pages_at_size import producer
from benchmarks.registry import empty_registry
from ledger.domain.exporting import batches

SIZES = (62_500, 250_000, 1_000_000)
KINDS = ("csv", "ndjson", "json", "xlsx")
FIRST = datetime(1980, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
STORED_AT_ONCE = 2_000


def readings(device: Any, file: Any, begin: int, end: int) -> Iterator[Any]:
    """Quarter-hours of a plant, from the begin-th to the end-th."""
    from certificates.models import Reading

    for n in range(begin, end):
        yield Reading(
            device=device,
            starts_at=FIRST + n * QUARTER,
            ends_at=FIRST + (n + 1) * QUARTER,
            energy_wh=n * 7919 % 500_000,
            raw_value=str(n * 7919 % 500_000 / 1_000),
            quality="measured",
            file=file,
            line=n + 2,
        )


def store(rows: Iterable[Any]) -> None:
    """Write the rows, few in memory at once."""
    from certificates.models import Reading

    for some in batches(rows, STORED_AT_ONCE):
        Reading.objects.bulk_create(some)


def ask(browser: Any, kind: str) -> str:
    """A line of the table: the whole answer of one kind."""
    began, cpu, size, first = time.perf_counter(), time.process_time(), 0, 0.0
    answer = browser.get(f"/holdings/export/readings.{kind}")
    for piece in answer.streaming_content:
        first = first or time.perf_counter() - began
        size += len(piece)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{kind:<8}{first:>9.2f}{took:>9.1f}{used:>9.1f}{size / 1e6:>9.1f}{peak:>9}"


def main(sizes: list[int]) -> None:
    """Grow the list from size to size and take it each time."""
    with empty_registry():
        from django.conf import settings

        from certificates.models import MeterFile

        settings.ALLOWED_HOSTS = ["testserver"]
        device = plant("exports")
        file = MeterFile.objects.create(
            key="exports", device=device, name="exports.csv", status="imported", uploaded_at=FIRST
        )
        browser = producer(device.organisation.slug)
        print(f"{'rows':>10} {'file':<8}{'first s':>9}{'s':>9}{'cpu s':>9}{'MB':>9}{'peak MB':>9}")
        known = 0
        for size in sorted(sizes):
            store(readings(device, file, known, size))
            known = size
            for kind in KINDS:
                print(f"{size:>10,} {ask(browser, kind)}", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
