"""Reading a meter file: CSV text in, columns of whole numbers and every bad line out."""

import csv
import io
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from certificates.domain import meter_header as header
from certificates.domain.meter_values import Unreadable, energy, minute
from certificates.errors import MeterFileRefused, UploadTooLarge, WrongEncoding, WrongFormat

NO, YES = {"0", "false", "no"}, {"1", "true", "yes", ""}
LONGEST_LINE = 100_000  # characters
AGAIN = "Export the meter data as CSV again."
MOST_LINES = 2_000_000  # two centuries of hours; every bad one is named, which takes memory


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with one line, and what to do."""

    line: int
    field: str
    value: str
    reason: str

    def as_dict(self) -> dict[str, int | str]:
        return {
            "line": self.line,
            "field": self.field,
            "value": self.value,
            "reason": self.reason,
        }


@dataclass(slots=True)
class MeterLines:
    """The selected lines of a file that hold a time and an amount, column by column.

    `minute`: interval start, minutes since 1970-01-01T00:00Z; `wh` rounded down,
    `remainder` millionths of a Wh; `raw` the text as it stood. `doubtful` are positions of
    lines that have a value although they are marked as not observed.
    """

    columns: header.Columns
    line: "array[int]" = field(default_factory=lambda: array("q"))
    minute: "array[int]" = field(default_factory=lambda: array("q"))
    wh: "array[int]" = field(default_factory=lambda: array("q"))
    remainder: "array[int]" = field(default_factory=lambda: array("q"))
    raw: list[str] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    rows: int = 0
    filtered: int = 0
    unobserved: int = 0

    def refuse(self, line: int, name: str, value: str, reason: str) -> None:
        """Note a bad line."""
        self.problems.append(LineProblem(line, name, value[:200], reason))

    def take(self, line: int, row: list[str]) -> None:
        """Read one line, or note why not."""
        columns = self.columns
        if len(row) < columns.width:
            reason = f"has {len(row)} columns, the header {columns.width}; is a delimiter missing?"
            return self.refuse(line, "line", ",".join(row), reason)
        text, start = row[columns.energy].strip(), row[columns.start].strip()
        flag = "1" if columns.observed is None else row[columns.observed].strip().lower()
        if flag in NO and not text:
            self.unobserved += 1
            return None
        name, value = columns.energy_name, text
        try:
            if flag not in YES and flag not in NO:
                name, value = columns.observed_name, flag
                raise Unreadable("is neither 1 nor 0")
            if not text:
                raise Unreadable("is empty; write 0, or mark the interval with observed 0")
            wh, remainder = energy(text, columns.unit)
            name, value = columns.start_name, start
            at = minute(start, is_utc=columns.is_utc)
        except Unreadable as error:
            return self.refuse(line, name, value, str(error))
        if flag in NO:
            self.doubtful.append(len(self.raw))
        self.line.append(line)
        self.minute.append(at)
        self.wh.append(wh)
        self.remainder.append(remainder)
        self.raw.append(text)
        return None


def parse(stream: BinaryIO, selection: Mapping[str, str]) -> MeterLines:
    """Read a whole file; only lines whose columns equal the selection are taken.

    `stream` is seekable and holds the unpacked bytes. Lines are numbered as in the file,
    the header being line 1.
    Raises: WrongEncoding, WrongFormat, UploadTooLarge, ColumnsMissing, MeterFileRefused.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        lines = _read(text, selection)
    except UnicodeDecodeError as error:
        raise WrongEncoding(_where(text.detach())) from error
    except csv.Error as error:
        raise MeterFileRefused(f"The file is no CSV: {error}. Save it as CSV again.") from error
    text.detach()
    return lines


def _read(text: io.TextIOWrapper, selection: Mapping[str, str]) -> MeterLines:
    delimiter = header.delimiter_of(text.readline(LONGEST_LINE))
    text.seek(0)
    reader = csv.reader(_bounded(text), delimiter=delimiter)
    names = next(reader, [])
    lines = MeterLines(header.find_columns(names))
    wanted = header.find_selection(names, selection)
    seen: set[str] = set()
    for row in reader:
        if not row:
            continue
        lines.rows += 1
        if lines.rows > MOST_LINES:
            raise UploadTooLarge(f"The file has more than {MOST_LINES:,} lines. Split it by year.")
        for position, value in wanted:
            if position >= len(row) or row[position].strip() != value:
                lines.filtered += 1
                if len(seen) < 12 and position < len(row):
                    seen.add(row[position].strip())
                break
        else:
            lines.take(reader.line_num, row)
    if lines.rows == lines.filtered:
        found = f" Found instead: {', '.join(sorted(seen))}." if seen else ""
        chosen = " and ".join(f"{name} = {value}" for name, value in selection.items())
        raise MeterFileRefused(
            f"No line of the file has {chosen}.{found}" if chosen else "The file has no lines."
        )
    return lines


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, none longer than a meter file's can be, none with a zero byte."""
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise WrongFormat(
                f"Line {number} has more than {LONGEST_LINE:,} characters: this is no table of "
                "meter data. Export it as CSV, one interval to a line."
            )
        if "\0" in line:
            raise WrongFormat(f"Line {number} holds a zero byte: the file is not text. {AGAIN}")
        yield line


def _where(stream: BinaryIO) -> str:
    stream.seek(0)
    for number, line in enumerate(iter(lambda: stream.readline(4 * LONGEST_LINE), b""), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"line {number}, byte {error.start + 1} (0x{line[error.start]:02x})"
            return f"The file is not UTF-8 text: {place}. Save it as CSV UTF-8."
    return "The file is not UTF-8 text. Save it as CSV UTF-8."
