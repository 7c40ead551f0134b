"""A table with a line for each interval: delimited text or a sheet of a workbook."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np

from certificates.domain.formats import header
from certificates.domain.formats.choices import (
    MARK,
    POWER,
    STATED,
    Choice,
    Choices,
    filters_of,
)
from certificates.domain.formats.infer import Hints, infer, stamp
from certificates.domain.formats.numbers import reader
from certificates.domain.formats.series import PLAIN, Series
from certificates.domain.formats.times import FIRST_MINUTE, LAST_MINUTE, Clock, is_time
from certificates.domain.meter_values import LARGEST_COUNT_WH, LARGEST_WH, Unreadable
from certificates.errors import ColumnsMissing, MeterFileRefused

NO, YES = {"0", "false", "no"}, {"1", "true", "yes", ""}
PREAMBLE = 20  # rows among which the header is looked for
SAMPLED = 2_000  # rows from which choices are guessed
MOST_VALUES_OF_A_KEY = 200  # different values, up to which a column can name plants
CANDIDATES = 8  # columns looked at for the names of plants
LARGE = 64  # cells of a first line that are looked at for a time
Row = tuple[int, list[str]]


@dataclass(slots=True)
class Table:
    """A header, its place, and the rows below it, of which the first were looked at."""

    names: list[str]
    columns: header.Columns
    sample: list[Row]
    rest: Iterator[Row]
    before: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, once."""
        return chain(self.sample, self.rest)


def open_table(rows: Iterator[Row], given: Choices) -> Table:
    """Find the header among the first rows. Raises: ColumnsMissing."""
    wanted = {name: given[name] for name in ("start", "energy") if given[name]}
    head = list(islice(rows, PREAMBLE))
    first: ColumnsMissing | None = None
    for place, (_, names) in enumerate(head):
        try:
            columns = header.find_columns(names, wanted)
        except ColumnsMissing as error:
            first = first or error
            continue
        sample = head[place + 1 :] + list(islice(rows, SAMPLED))
        return Table(names, columns, sample, rows, head[:place])
    if head and any(is_time(cell.strip()) for cell in head[0][1][:LARGE]):
        return _without_header(head, rows, wanted)
    missing = first or _empty()
    if not any(is_time(cell.strip()) for _, row in head for cell in row[:LARGE]):
        missing.names = []  # no table of meter data at all: nobody need name its columns
    raise missing


def _without_header(head: list[Row], rows: Iterator[Row], wanted: Mapping[str, str]) -> Table:
    names = [f"column {place}" for place, _ in enumerate(head[0][1], start=1)]
    start = next(place for place, cell in enumerate(head[0][1]) if is_time(cell.strip()))
    columns = header.find_columns(names, {"start": names[start], **wanted})
    return Table(names, columns, head + list(islice(rows, SAMPLED)), rows)


def _empty() -> ColumnsMissing:
    try:
        header.find_columns([])
    except ColumnsMissing as error:
        return error
    raise AssertionError  # pragma: no cover


def choices_for(
    table: Table, given: Choices, selection: Mapping[str, str], hints: Hints
) -> Choices:
    """What was given, and a guess for the rest from the lines that are meant."""
    wanted = header.find_selection(table.names, filters_of(selection))
    everything = [row for _, row in table.sample]
    sample = [row for row in everything if not _misses(row, wanted)] or everything
    made = infer(table.columns, sample, hints)
    for name, place in (("start", table.columns.start), ("energy", table.columns.energy)):
        made[name] = Choice(table.names[place].strip(), STATED, "its name says so")
    return Choices(made).with_(**given.made)


def read(table: Table, choices: Choices, selection: Mapping[str, str]) -> Series:
    """Every line that the selection means; others are counted. Raises: MeterFileRefused."""
    columns = table.columns
    wanted = header.find_selection(table.names, filters_of(selection))
    unit = choices["unit"]
    series = Series(columns.start_name, columns.energy_name, is_power=unit in POWER)
    series.is_count = choices["counter"] == "cumulative"
    take = _Taking(table, series, choices)
    seen: set[str] = set()
    for line, row in table.rows:
        if wanted and (missed := _misses(row, wanted)):
            series.count()
            series.filtered += 1
            if len(seen) < 12 and missed[0] < len(row):
                seen.add(row[missed[0]].strip())
            continue
        take.row(line, row)
    series.is_utc = bool(take.is_fixed)
    _check(series, selection, seen)
    return series


def _misses(row: Sequence[str], wanted: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
    for position, value in wanted:
        if position >= len(row) or row[position].strip() != value:
            return position, value
    return None


def _check(series: Series, selection: Mapping[str, str], seen: set[str]) -> None:
    if series.rows > series.filtered:
        return
    found = f" Found instead: {', '.join(sorted(seen))}." if seen else ""
    chosen = " and ".join(f"{name} = {value}" for name, value in filters_of(selection).items())
    raise MeterFileRefused(
        f"No line of the file has {chosen}.{found}" if chosen else "The file has no lines."
    )


class _Taking:
    """Reads rows into a series; a register for each value of the column that names plants."""

    def __init__(self, table: Table, series: Series, choices: Choices) -> None:
        self.columns, self.series = table.columns, series
        self.clock = Clock(choices["dates"])
        most_wh = LARGEST_COUNT_WH if series.is_count else LARGEST_WH
        self.number = reader(choices["unit"], choices["decimal"], most_wh)
        self.zone = choices["zone"]
        self.is_fixed: bool | None = None  # whether lines say their zone, as the first did
        device = choices["device"]
        self.device = header.position_of(table.names, device) if device else None
        self.device_name = device.strip()
        self.keys: dict[str, int] = {}
        if self.device is None:
            series.register(self.columns.energy_name, {})

    def row(self, line: int, row: list[str]) -> None:
        """Read one line, or note why not."""
        columns, series = self.columns, self.series
        if len(row) < columns.width and not self._is_ragged(row):
            reason = f"has {len(row)} columns, the header {columns.width}; is a delimiter missing?"
            return series.refuse(-1, line, "line", ",".join(row), reason)
        key = 0 if self.device is None else self._key(row[self.device].strip())
        text = row[columns.energy].strip()
        flag = "1" if columns.observed is None else row[columns.observed].strip().lower()
        if flag in NO and not text:
            return series.skip(key)
        name, value = columns.energy_name, text
        try:
            if flag not in YES and flag not in NO:
                name, value = columns.observed_name, flag
                raise Unreadable("is neither 1 nor 0")
            if not text:
                raise Unreadable("is empty; write 0, or mark the interval with observed 0")
            amount = self.number(text)
            name, value = columns.start_name, stamp(row, columns)
            at = self._minute(value)
            name, value = columns.energy_name, text
            series.add(key, line, at, amount, text, about=PLAIN)
        except Unreadable as error:
            return series.refuse(key, line, name, value, str(error))
        if flag in NO:
            series.marked.append(len(series.raw) - 1)
        return None

    def _is_ragged(self, row: list[str]) -> bool:
        """A row may leave out what stands empty at its end, as sheets and portals do."""
        columns = self.columns
        others = (columns.clock, columns.observed, self.device)
        needed = [columns.energy, columns.start, *(place or 0 for place in others)]
        return len(row) > max(needed) and self.columns.width > len(row) > 1

    def _minute(self, text: str) -> int:
        at, is_fixed = self.clock.read(text)
        if is_fixed is not self.is_fixed and self.zone != "UTC":
            if self.is_fixed is None and (is_fixed or self.zone):
                self.is_fixed = is_fixed
            elif is_fixed:
                raise Unreadable("says its zone, unlike the lines before it; write all alike")
            else:
                raise Unreadable("does not say its zone; write 2018-01-31T12:00:00Z")
        if not FIRST_MINUTE < at < LAST_MINUTE:
            raise Unreadable("is no time of a meter; write 2018-01-31T12:00:00Z")
        return at

    def _key(self, name: str) -> int:
        key = self.keys.get(name)
        if key is None:
            key = self.keys[name] = self.series.register(name, {self.device_name: name})
        return key


def devices_of(table: Table) -> tuple[str, list[str]]:
    """The column that names several plants, if one does, and all that it says.

    Such a column repeats few values, and each time stands once for each of them. Reads the
    table to its end.
    """
    columns = table.columns
    taken = {columns.start, columns.clock, columns.observed, *columns.energies}
    places = [place for place in range(len(table.names)) if place not in taken][:CANDIDATES]
    values: dict[int, set[str]] = {place: set() for place in places}
    pairs = {place: array("q") for place in places}
    times = array("q")
    for _, row in table.rows:
        time = stamp(row, columns)
        times.append(hash(time))
        for place in list(values):
            value = row[place].strip() if place < len(row) else ""
            values[place].add(value)
            pairs[place].append(hash((time, value)))
            if len(values[place]) > MOST_VALUES_OF_A_KEY or not value:
                del values[place], pairs[place]
    for place, different in values.items():
        if len(different) > 1 and len(np.unique(pairs[place])) > len(times) * 9 // 10:
            return table.names[place].strip(), sorted(different)
    return "", []


def energy_columns(table: Table) -> list[dict[str, str]]:
    """A selection for each column that holds a plant of its own, where there are several."""
    places = table.columns.energies
    if len(places) < 2:
        return []
    return [{f"{MARK}energy": table.names[place].strip()} for place in places]
