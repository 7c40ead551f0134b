"""The rows of a delimited text file, bounded in every direction."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from certificates.errors import MeterFileRefused, WrongEncoding, WrongFormat

DELIMITERS = ",;\t|"
LONGEST_LINE = 100_000  # characters
SAMPLED = 20  # lines that show the delimiter
AGAIN = "Export the meter data as CSV again."
Row = tuple[int, list[str]]


@contextmanager
def refusing(stream: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """The stream as UTF-8 text; what is no text or no CSV is refused in words.

    Raises: WrongEncoding, MeterFileRefused.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        yield text
    except UnicodeDecodeError as error:
        raise WrongEncoding(_where(text.detach())) from error
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
    reader = csv.reader(_bounded(text), delimiter=delimiter)
    for row in reader:
        if row:
            yield reader.line_num, row


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
