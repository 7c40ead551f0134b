"""The rows of a delimited text file, bounded in every direction."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from certificates.domain.formats.encodings import UTF_8, UTF_16
from certificates.errors import MeterFileRefused, WrongEncoding, WrongFormat

DELIMITERS = ",;\t|^~"
LONGEST_LINE = 100_000  # characters
MOST_LINES = 20  # of one row, whose quoted cells may hold line breaks
SAMPLED = 20  # lines that show the delimiter
UNENDED = "unexpected end of data"  # what csv says of a quotation without an end
AGAIN = "Export the meter data as CSV again."
Row = tuple[int, list[str]]


@contextmanager
def refusing(stream: BinaryIO, encoding: str = UTF_8) -> Iterator[io.TextIOWrapper]:
    """The stream as text, UTF-8 if nobody says else; what is no text or no CSV is refused in words.

    Raises: WrongEncoding, MeterFileRefused.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield text
    except UnicodeError as error:  # UTF-16 that is cut off raises the plain kind
        raise WrongEncoding(_where(text.detach(), encoding)) from error
    except csv.Error as error:
        raise MeterFileRefused(f"The file is no CSV: {error}. Save it as CSV again.") from error
    text.detach()


def delimiter_of(text: io.TextIOWrapper) -> str:
    """What parts the columns: the mark that stands equally often in the most of its lines."""
    lines = [line for line in islice(_bounded(text), SAMPLED) if line.strip()]
    text.seek(0)
    best, delimiter = (0, 0), DELIMITERS[0]
    for mark in DELIMITERS:
        counts = Counter(line.count(mark) for line in lines)
        counts.pop(0, None)
        if counts:
            count, times = max(counts.items(), key=lambda item: (item[1], item[0]))
            if (times, count) > best:
                best, delimiter = (times, count), mark
    return delimiter


def rows_of(text: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    """Rows that hold anything, with the number of their last line; the first line is 1."""
    return ((number, row) for number, row, _ in rows_with_text(text, delimiter))


def rows_with_text(text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """The same, each with how it stands in the file: several lines where a cell has breaks.

    Raises: MeterFileRefused for a quotation that does not end, which would swallow rows.
    """
    taken: list[str] = []
    reader = csv.reader(_bounded(text, taken), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row, "".join(taken)
            taken.clear()
    except csv.Error as error:
        raise _no_csv(reader.line_num - len(taken) + 1, str(error)) from error


def _no_csv(line: int, reason: str) -> MeterFileRefused:
    if reason == UNENDED:
        return MeterFileRefused(
            f'Line {line} begins a quotation (") that does not end. Close it, or leave the mark '
            "out."
        )
    return MeterFileRefused(
        f"Line {line} is no CSV: {reason}. Inside quotation marks write a mark twice."
    )


def _bounded(text: io.TextIOWrapper, taken: list[str] | None = None) -> Iterator[str]:
    """The lines, none longer than a meter file's can be, none with a zero byte.

    They are noted in `taken`, which whoever takes a row clears: no row has more than MOST_LINES.
    """
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
        if taken is not None:
            if len(taken) == MOST_LINES:
                raise csv.Error(UNENDED)
            taken.append(line)
        yield line


def _where(stream: BinaryIO, encoding: str) -> str:
    if encoding == UTF_16:
        return "The file begins as UTF-16 text but is none to its end. Save it as CSV UTF-8."
    stream.seek(0)
    for number, line in enumerate(iter(lambda: stream.readline(4 * LONGEST_LINE), b""), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"line {number}, byte {error.start + 1} (0x{line[error.start]:02x})"
            return f"The file is not UTF-8 text: {place}. Save it as CSV UTF-8."
    return "The file is not UTF-8 text. Save it as CSV UTF-8."
