"""What the benchmarks print: the machine, and a table with a row for each size."""

import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCALES = (1, 4, 16)


@dataclass
class Measure:
    """How long something took: processor time of this process, and on the clock (seconds)."""

    cpu_s: float = 0.0
    wall_s: float = 0.0


@dataclass(frozen=True)
class Row:
    """One step at one size; `goal` is in units a second, of the clock where `by_clock`.

    `peak_mb` is the most memory that its process held, where the process does nothing else.
    """

    step: str
    scale: int
    units: int
    measure: Measure
    goal: int | None = None
    by_clock: bool = False
    peak_mb: float = 0.0

    @property
    def each_s(self) -> float:
        """Seconds that a unit took."""
        measure = self.measure
        return (measure.wall_s if self.by_clock else measure.cpu_s) / self.units


@contextmanager
def measured() -> Iterator[Measure]:
    """Fill in a measure around a block."""
    measure = Measure()
    cpu, wall = time.process_time(), time.perf_counter()
    yield measure
    measure.cpu_s = time.process_time() - cpu
    measure.wall_s = time.perf_counter() - wall


def peak_mb() -> float:
    """The most memory that this process has held at once, in MB.

    Not by getrusage: its figure begins with what the process that started this one held.
    """
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kibibytes) * 1024 / 1e6


def show(rows: Iterable[Row]) -> None:
    """Print rates as they come, and how a step's time per unit grew against its smallest size.

    Rates are by processor time, which other work on the machine disturbs least, unless a row
    says otherwise; a growth of 1.00 is exactly linear.
    """
    columns = f"{'cpu s':>9}{'wall s':>9}{'units/s':>11}  growth"
    print(f"{'step':<34}{'size':>5}{'units':>10}{columns}", flush=True)
    first: dict[str, float] = {}
    for row in rows:
        each = row.each_s
        growth = each / first.setdefault(row.step, each)
        goal = f"  (goal {row.goal:,}/s)" if row.goal else ""
        goal += "  (by the clock)" if row.by_clock else ""
        goal += f"  (peak {row.peak_mb:.0f} MB)" if row.peak_mb else ""
        print(
            f"{row.step:<34}{row.scale:>4}x{row.units:>10,}{row.measure.cpu_s:>9.2f}"
            f"{row.measure.wall_s:>9.2f}{1 / each:>11,.0f}  {growth:.2f}{goal}",
            flush=True,
        )


def machine() -> str:
    """Processor, cores, Python and SQLite."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
