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
from certificates.domain.formats.series import Series
from certificates.domain.formats.table_rows import Row, Taking
from certificates.domain.formats.times import is_time
from certificates.errors import ColumnsMissing, MeterFileRefused

PREAMBLE = 20  # rows among which the header is looked for
SAMPLED = 2_000  # rows from which choices are guessed
MOST_VALUES_OF_A_KEY = 200  # different values, up to which a column can name plants
CANDIDATES = 8  # columns looked at for the names of plants
LARGE = 64  # cells of a first line that are looked at for a time
PIECE = 256  # lines read together: of a bad one, so many are read one by one


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
    take = Taking(table.names, columns, series, choices)
    seen: set[str] = set()
    piece: list[Row] = []
    for line, row in table.rows:
        if wanted and (missed := _misses(row, wanted)):
            series.count()
            series.filtered += 1
            if len(seen) < 12 and missed[0] < len(row):
                seen.add(row[missed[0]].strip())
            continue
        piece.append((line, row))
        if len(piece) == PIECE:
            take.rows(piece)
            piece = []
    take.rows(piece)
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
