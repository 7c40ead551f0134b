"""A table of marginal intensities: what one kilowatt-hour more would have emitted, and where.

Columns: area, starts_at (ISO 8601 with its offset), length_minutes, one of g_per_kwh and
mg_per_kwh, source, version, scope (lifecycle or direct) and gas (CO2e or CO2). Marginal
figures of different makers count different things, so that a line without scope and gas is
refused rather than guessed.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from charging.domain.emissions import CO2, CO2E, DIRECT, LIFECYCLE, Factor, FactorKind
from charging.errors import MissingColumns, UnreadableFile

COLUMNS = ("area", "starts_at", "length_minutes", "source", "version", "scope", "gas")
FIGURES = {"g_per_kwh": 1000, "mg_per_kwh": 1}  # milligrams in one
LENGTHS = (5, 10, 15, 30, 60)
MOST_MG = 10_000_000  # ten kilograms per kWh: no power plant emits more
LONGEST_SOURCE = 150
NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,12})?")
VERSION = re.compile(r"[1-9]\d{0,8}")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MarginalRow:
    """Micrograms per Wh (milligrams per kWh) of [starts_at, + length) in an area, by code."""

    line: int
    area: str
    starts_at: datetime
    length_minutes: int
    ug_per_wh: int
    scope: str
    gas: str
    source: str
    version: int

    @property
    def factor(self) -> Factor:
        """The figure with all that it counts."""
        return Factor(
            self.ug_per_wh,
            FactorKind.MARGINAL,
            self.scope,
            self.gas,
            self.source,
            version=self.version,
        )


@dataclass(frozen=True, slots=True)
class BadField:
    """What is wrong with which field of which line."""

    line: int
    field: str
    value: str
    reason: str


def read_marginal(text: str) -> Iterator[MarginalRow | BadField]:
    """Every line: what it says, or the first thing that is wrong with it.

    Raises: MissingColumns, UnreadableFile.
    """
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        figure = _check_header(header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, header, cells, figure)
    except csv.Error as error:
        raise UnreadableFile(
            f"Line {reader.line_num} is no line of a comma-separated table ({error})."
        ) from error


def mean_factor(
    starts_at: datetime, minutes: int, parts: Sequence[tuple[datetime, int, Factor]]
) -> Factor | None:
    """The mean over an interval of figures (start, minutes) that fill it exactly.

    Rounded once, to whole micrograms per Wh, half to even. None where a part of the interval
    has no figure or two, or where the figures count different things.
    """
    at, total = starts_at, 0
    for start, length, factor in sorted(parts, key=lambda part: part[0]):
        if start != at:
            return None
        at += length * MINUTE
        total += factor.ug_per_wh * length
    if not parts or at != starts_at + minutes * MINUTE:
        return None
    first = parts[0][2]
    if len({(one.basis, one.source, one.version) for _, _, one in parts}) > 1:
        return None
    mean = int((Decimal(total) / minutes).to_integral_value(ROUND_HALF_EVEN))
    return Factor(
        mean, FactorKind.MARGINAL, first.scope, first.gas, first.source, version=first.version
    )


def _check_header(header: Sequence[str]) -> str:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise MissingColumns(
            f"The table lacks the columns {', '.join(missing)}. It needs {', '.join(COLUMNS)} "
            f"and one of {' and '.join(FIGURES)}."
        )
    figures = [name for name in FIGURES if name in header]
    if len(figures) != 1:
        raise MissingColumns(
            f"The table has {len(figures)} columns of figures; it needs one of "
            f"{' and '.join(FIGURES)}."
        )
    return figures[0]


def _row(
    line: int, header: Sequence[str], cells: Sequence[str], figure: str
) -> MarginalRow | BadField:
    if len(cells) != len(header):
        return BadField(line, "", "", f"has {len(cells)} fields where the head has {len(header)}")
    row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    for field, reason in _reasons(row, figure):
        if reason:
            return BadField(line, field, row[field][:100], reason)
    milligrams = Decimal(row[figure]) * FIGURES[figure]
    return MarginalRow(
        line=line,
        area=row["area"],
        starts_at=datetime.fromisoformat(row["starts_at"]).astimezone(UTC),
        length_minutes=int(row["length_minutes"]),
        ug_per_wh=int(milligrams.to_integral_value(ROUND_HALF_EVEN)),
        scope=row["scope"],
        gas=row["gas"],
        source=row["source"],
        version=int(row["version"]),
    )


def _reasons(row: dict[str, str], figure: str) -> Iterator[tuple[str, str]]:
    """Each field with what is wrong with it, or nothing; a later one may lean on earlier."""
    yield "area", "" if row["area"] else "is empty; give the code of a bidding area"
    length = row["length_minutes"]
    is_length = length in {str(one) for one in LENGTHS}
    yield (
        "length_minutes",
        "" if is_length else f"is none of {', '.join(map(str, LENGTHS))} minutes",
    )
    yield "starts_at", _wrong_start(row["starts_at"], int(length) if is_length else 1)
    number = row[figure]
    yield figure, "" if NUMBER.fullmatch(number) else "is no number of nought or more, as 412.5"
    is_likely = bool(NUMBER.fullmatch(number)) and Decimal(number) * FIGURES[figure] <= MOST_MG
    yield figure, "" if is_likely else "is more than 10 kg per kWh; is its unit right?"
    source = row["source"]
    is_source = 0 < len(source) <= LONGEST_SOURCE and source.isprintable()
    yield "source", "" if is_source else f"needs 1 to {LONGEST_SOURCE} characters"
    yield "version", "" if VERSION.fullmatch(row["version"]) else "is no whole number from 1 on"
    yield "scope", "" if row["scope"] in (LIFECYCLE, DIRECT) else f"is not {LIFECYCLE} or {DIRECT}"
    yield "gas", "" if row["gas"] in (CO2E, CO2) else f"is not {CO2E} or {CO2}"


def _wrong_start(text: str, length: int) -> str:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return "is no instant like 2018-06-01T10:00:00Z"
    if start.tzinfo is None:
        return "has no offset from UTC; end it with Z, or with one like +01:00"
    try:
        start = start.astimezone(UTC)
        seconds = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    except OverflowError:
        return "is no instant like 2018-06-01T10:00:00Z"
    if start.microsecond or seconds % (length * 60):
        return f"is no start of an interval of {length} minutes in UTC"
    return ""
