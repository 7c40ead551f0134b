"""What an import of a meter file would do: read, applied to a device, judged, reported."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np

from certificates.domain import meter_coverage
from certificates.domain.formats.build import Built, build
from certificates.domain.formats.choices import GIVEN, MARK, OPEN, Choice, filters_of
from certificates.domain.formats.file import FileRead, demand_settled, read_file
from certificates.domain.formats.findings import findings
from certificates.domain.formats.infer import Hints
from certificates.domain.formats.series import Register
from certificates.domain.meter_diff import diff_of
from certificates.domain.meter_lines import MeterLines
from certificates.domain.meter_values import minute_of
from certificates.domain.reading_rules import (
    ACCEPTED,
    DUPLICATE,
    HELD,
    REJECTED,
    Judge,
    Known,
    Verdicts,
    infer_length,
)
from certificates.errors import IntervalUnknown
from certificates.models import Device, MeterFile
from certificates.queries.readings.known import known_readings, plant_of, usual_length
from certificates.services.meters.storing import StoredFile, opened

ERRORS_KEPT = 10_000  # lines listed in a report that is kept; the rest are counted
REGISTERS_KEPT = 500
SOLAR = "F0104"  # EECS: energy of the sun


@dataclass(slots=True)
class Examined:
    """A file as read for one device; `built` is None while its register is open."""

    read: FileRead
    hints: Hints
    register: Register | None = None
    built: Built | None = None
    known: Known | None = None
    verdicts: Verdicts | None = None

    @property
    def lines(self) -> MeterLines:
        """The device's lines. Only where the register is settled."""
        assert self.built is not None
        return self.built.lines


class SharedReads:
    """Reads one file once for several devices, whose selections differ by register only."""

    def __init__(self, stream: BinaryIO, hints: Hints) -> None:
        self.stream, self.hints = stream, hints
        self.reads: dict[tuple[tuple[str, str], ...], FileRead] = {}

    def read(self, selection: Mapping[str, str]) -> FileRead:
        """As read_file does. Raises: MeterFileRefused and its kinds."""
        shared, key = _shared(selection)
        name = tuple(sorted(shared.items()))
        if name not in self.reads:
            self.reads[name] = read_file(self.stream, shared, self.hints)
        read = self.reads[name]
        if not key:
            return read
        return replace(read, choices=read.choices.with_(key=Choice(key, GIVEN, "you chose it")))


@contextmanager
def shared_reads(stored: StoredFile, device: Device) -> Iterator[SharedReads]:
    """The unpacked file, to be read once. Raises: MeterFileRefused and its kinds."""
    with opened(stored.path) as stream:
        yield SharedReads(stream, hints_of(device))


def examine(*, device: Device, read: FileRead, now: datetime, must_be_settled: bool) -> Examined:
    """Apply a file to a device.

    `must_be_settled`: nobody will look before it is imported, so nothing grave may be
    guessed. Raises: MeterFileRefused and its kinds, ChoiceNeeded with `must_be_settled`.
    """
    hints = hints_of(device)
    if must_be_settled:
        demand_settled(read)
    examined = Examined(read, hints)
    chosen = read.choices.made.get("key")
    if chosen and chosen.basis == OPEN:
        return examined
    key = read.key
    examined.register = read.series.registers[key]
    examined.built = build(read.series, key, read.choices, hints)
    lines = examined.built.lines
    if not lines.raw:
        return examined
    minutes = np.array(lines.minute, dtype=np.int64)
    try:
        length = lines.length or infer_length(minutes, hints.usual_length)
    except IntervalUnknown as error:
        if must_be_settled or len(np.unique(minutes)) > 1:
            raise
        asked = read.choices.with_(length=Choice("", OPEN, str(error)))
        examined.read = replace(read, choices=asked)
        return examined
    lines.length = length
    examined.known = known_readings(device, int(minutes.min()), int(minutes.max()) + length)
    examined.verdicts = Judge(lines, length).judge(
        capacity_w=device.capacity_w,
        now_minute=minute_of(now),
        known=examined.known,
        plant=plant_of(device, now),
    )
    return examined


def examine_stored(
    device: Device,
    stored: StoredFile,
    selection: Mapping[str, str],
    now: datetime,
    *,
    must_be_settled: bool = True,
) -> Examined:
    """Read a stored file and apply it to a device. Raises: as `examine`."""
    with opened(stored.path) as stream:
        read = read_file(stream, selection, hints_of(device))
    return examine(device=device, read=read, now=now, must_be_settled=must_be_settled)


def hints_of(device: Device) -> Hints:
    """What the registry knows of a device that a file does not say."""
    longitude = device.longitude
    return Hints(
        capacity_w=device.capacity_w,
        zone=device.area.timezone,
        is_solar=device.energy_source_code.startswith(SOLAR),
        longitude=None if longitude is None else float(longitude),
        usual_length=usual_length(device),
    )


def report_again(file: MeterFile, now: datetime) -> dict[str, Any]:
    """A kept file's report with every bad line. Raises: MeterFileRefused and its kinds."""
    stored = StoredFile(file.sha256, file.stored_as, 0)
    examined = examine_stored(file.device, stored, file.selection, now, must_be_settled=False)
    return report_of(examined, kept=None)


def report_of(examined: Examined, kept: int | None = ERRORS_KEPT) -> dict[str, Any]:
    """Counts, bad lines and everything that the preview shows; whole JSON values."""
    read = examined.read
    report: dict[str, Any] = {
        "format": read.format,
        "names": read.names[:200],
        "choices": read.choices.as_dict(),
        "open": read.choices.unsettled,
        "registers": [
            {"name": one.name, "selection": one.selection, "direction": one.direction}
            for one in read.registers[:REGISTERS_KEPT]
        ],
    }
    if examined.built is None:
        return report | _counts(read.series.rows) | {"open": ["key"], "findings": []}
    lines, verdicts = examined.lines, examined.verdicts
    problems = [*lines.problems, *(verdicts.problems if verdicts else [])]
    problems.sort(key=lambda problem: problem.line)
    report |= _counts(lines.rows) | {
        "rejected": len(lines.problems),
        "skipped": lines.filtered + lines.unobserved,
        "filtered": lines.filtered,
        "unobserved": lines.unobserved,
        "merged": lines.merged,
        "filled": lines.filled,
        "errors": [problem.as_dict() for problem in problems[:kept]],
        "errors_omitted": len(problems) - len(problems[:kept]),
        "register": examined.register.name if examined.register and read.registers else "",
    }
    if examined.register:
        report["findings"] = findings(
            examined.built, read.choices, examined.register, examined.hints
        )
    if verdicts:
        report |= _judged(examined, lines, verdicts)
    return report


def open_report(names: list[str], message: str) -> dict[str, Any]:
    """For a table of which not even the columns are known: a person names them."""
    columns = {name: {"value": "", "basis": OPEN, "because": message} for name in COLUMNS}
    more = {"format": "csv", "names": names, "choices": columns, "open": list(COLUMNS)}
    return _counts(0) | more | {"registers": [], "findings": [], "message": message}


COLUMNS = ("start", "energy")


def _counts(rows: int) -> dict[str, Any]:
    names = ("accepted", "held", "rejected", "duplicates", "skipped", "filtered", "unobserved")
    return {
        "rows": rows,
        **dict.fromkeys(names, 0),
        **dict.fromkeys(("same", "negative", "merged", "filled", "energy_wh"), 0),
        "interval_minutes": None,
        **diff_of(None, None),
        "errors": [],
        "errors_omitted": 0,
    }


def _judged(examined: Examined, lines: MeterLines, verdicts: Verdicts) -> dict[str, Any]:
    every = np.array(lines.wh, dtype=np.int64)
    minutes = np.array(lines.minute, dtype=np.int64)
    accepted = verdicts.status == ACCEPTED
    meant = verdicts.status != REJECTED
    wh = every[accepted]
    every, minutes = every[meant], minutes[meant]
    first_day, days = meter_coverage.days(minutes, every)
    covered = meter_coverage.coverage(minutes, verdicts.length)
    return {
        "accepted": len(wh),
        "held": len(verdicts.positions(HELD)),
        "rejected": len(lines.problems) + len(verdicts.positions(REJECTED)),
        "duplicates": len(verdicts.positions(DUPLICATE)),
        "same": verdicts.same,
        "negative": int(np.count_nonzero(wh < 0)),
        "energy_wh": int(wh.sum()),
        "interval_minutes": verdicts.length,
        "first_day": first_day,
        "days": days,
        "coverage": asdict(covered) if covered else None,
        **diff_of(lines, verdicts),
    }


def _shared(selection: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """A selection that several devices can share, and the register it names."""
    columns = filters_of(selection)
    rest = {name: value for name, value in selection.items() if name not in columns}
    if key := rest.pop(f"{MARK}key", ""):
        return {**rest, **columns}, key
    if len(columns) == 1 and f"{MARK}device" not in rest:
        ((column, value),) = columns.items()
        return {**rest, f"{MARK}device": column}, value
    return dict(selection), ""
