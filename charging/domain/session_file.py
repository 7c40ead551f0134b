"""A file of sessions, from bytes to rows with their line numbers and raw text."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from certificates.domain.formats import xlsx_rows
from certificates.domain.formats.encodings import SAID, WINDOWS, encoding_of
from certificates.errors import CertificatesError, UploadTooLarge
from charging.domain.profiles import Profile
from charging.errors import FileTooLarge, MissingColumns, UnreadableFile
from ledger.domain.exporting import FORMULA

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 2 * MAX_BYTES
MAX_ROWS = 400_000  # every bad one is named with its reasons, which takes memory
MAX_LINE_CHARACTERS = 100_000
MAX_COLUMNS = 200
GZIP = b"\x1f\x8b"
WORKBOOK = b"PK\x03\x04"
DELIMITERS = (",", ";", "\t", "|")  # an earlier one wins a tie
QUOTED = re.compile(r'"[^"]*"')
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
END = "\r\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts on (the header is line 1), its fields, and its text, whose
    cells `delimiter` parts.
    """

    line: int
    fields: dict[str, str]
    raw: str
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a table's columns, as they stand in its first row, and what parts them."""

    names: tuple[str, ...] = ()
    delimiter: str = ","


def read_rows(data: bytes, profile: Profile) -> Iterator[Row]:
    """The rows of a CSV file, plain or gzipped, in any encoding that meter files may have; or
    of the first table of an Excel workbook.

    Raises: FileTooLarge, UnreadableFile, MissingColumns.
    """
    if data.startswith(WORKBOOK):
        return _sheet_rows(data, profile)
    return rows_of(decode(data), profile)


def header_of(data: bytes) -> Header:
    """The first row of a table; a workbook's rows are parted by commas once they are text.

    Raises: FileTooLarge, UnreadableFile.
    """
    if data.startswith(WORKBOOK):
        return Header(_names(next((cells for _, cells in _cells(data)), [])))
    text = decode(data)
    delimiter = delimiter_of(text)
    reader = csv.reader(_Lines(text), delimiter=delimiter)
    try:
        return Header(_names(next(reader, [])), delimiter)
    except csv.Error as error:
        raise UnreadableFile(f"Line 1: {error}. Expected the names of columns.") from error


def count_lines(data: bytes) -> int:
    """How many lines a file has, to show how far its reading is; 0 for a workbook."""
    return 0 if data.startswith(WORKBOOK) else decode(data).count("\n")


def delimiter_of(text: str) -> str:
    """What parts the columns of a table: whatever its first line has most of."""
    first = text.lstrip("\r\n")[:MAX_LINE_CHARACTERS].split("\n", 1)[0]
    bare = QUOTED.sub("", first)
    return max(DELIMITERS, key=bare.count)


def rows_of(text: str, profile: Profile) -> Iterator[Row]:
    """The rows of a table that is decoded already. Raises: as `read_rows`."""
    lines = _Lines(text)
    delimiter = delimiter_of(text)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = _names(next(reader, []))
        _check_header(header, profile)
        lines.taken.clear()
        start = reader.line_num + 1
        rows = 0
        for values in reader:
            raw = "".join(lines.taken).rstrip("\r\n")
            lines.taken.clear()
            if values:
                rows += 1
                _check_count(rows)
                yield Row(start, _fields(header, values), raw, delimiter)
            start = reader.line_num + 1
        if not rows:
            raise UnreadableFile("The file has no rows below its header.")
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num}: {error}. Expected a CSV row.") from error


def _sheet_rows(data: bytes, profile: Profile) -> Iterator[Row]:
    cells = _cells(data)
    header = _names(next((names for _, names in cells), []))
    _check_header(header, profile)
    rows = 0
    for line, values in cells:
        rows += 1
        _check_count(rows)
        yield Row(line, _fields(header, values), written(values))
    if not rows:
        raise UnreadableFile("The sheet has no rows below its header.")


def _cells(data: bytes) -> Iterator[tuple[int, list[str]]]:
    _check_size(data)
    try:
        yield from xlsx_rows.rows_of(io.BytesIO(data))
    except UploadTooLarge as error:
        raise FileTooLarge(str(error)) from error
    except CertificatesError as error:
        raise UnreadableFile(str(error)) from error


def written(values: Iterable[str], delimiter: str = ",") -> str:
    """Cells as one line of CSV, without its end."""
    line = io.StringIO()
    # Only what ends a line is quoted where it stands in a cell, so it has to be told.
    csv.writer(line, delimiter=delimiter, lineterminator=END).writerow(values)
    return line.getvalue().removesuffix(END)


def cells_of(raw: str, delimiter: str) -> list[str]:
    """The cells of a row from its text; the other way round than `written`."""
    return next(csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter), [])


def _bare(text: str) -> str:
    """A cell without the apostrophe that `harmless` set before it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def read_all(stream: BinaryIO) -> bytes:
    """A file's bytes, never more than may be taken at once. Raises: FileTooLarge."""
    data = stream.read(MAX_BYTES + 1)
    _check_size(data)
    return data


def _check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise FileTooLarge(
            f"The file has more than {MAX_BYTES:,} bytes, the most that is taken at once. "
            "Send it in parts, for instance by month."
        )


def decode(data: bytes) -> str:
    """The text of a file, plain or gzipped. Raises: FileTooLarge, UnreadableFile."""
    data = _plain(data)
    encoding = encoding_of(io.BytesIO(data))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Line {line} holds a byte that is not {encoding.upper().removesuffix('-SIG')}. "
            "Save the file as CSV in UTF-8."
        ) from error
    if "\0" in text:
        raise UnreadableFile("The file holds zero bytes; it is not a text table.")
    return text


def said_of_encoding(data: bytes) -> str:
    """What a person should know of how the text was read; empty where nothing was guessed.

    Raises: FileTooLarge, UnreadableFile.
    """
    is_text = not data.startswith(WORKBOOK)
    return SAID if is_text and encoding_of(io.BytesIO(_plain(data))) == WINDOWS else ""


def _plain(data: bytes) -> bytes:
    _check_size(data)
    if data.startswith(ZIP):
        raise UnreadableFile("This is a spreadsheet or a ZIP archive. Save the table as CSV.")
    return _unpack(data) if data.startswith(GZIP) else data


class _Lines:
    """Lines of a text that remembers which ones were taken for the current row."""

    def __init__(self, text: str) -> None:
        self._lines = LINE.finditer(text)
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)[0]
        if len(line) > MAX_LINE_CHARACTERS:
            raise UnreadableFile("A line is far too long for a table of sessions.")
        self.taken.append(line)
        return line


def _check_count(rows: int) -> None:
    if rows > MAX_ROWS:
        raise FileTooLarge(
            f"The file has more than {MAX_ROWS:,} rows. Send it in parts, for instance by month."
        )


def _names(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(_bare(name.strip()) for name in cells)


def _fields(header: Sequence[str], values: list[str]) -> dict[str, str]:
    padded = values + [""] * (len(header) - len(values))
    return {name: _bare(value.strip()) for name, value in zip(header, padded, strict=False)}


def _check_header(header: Sequence[str], profile: Profile) -> None:
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            f"Line 1 names {len(header):,} columns; a table of sessions has at most {MAX_COLUMNS}."
        )
    missing = [name for name in profile.columns if name not in header]
    if missing:
        raise MissingColumns(
            f"Line 1: the columns {', '.join(missing)} are missing. "
            f"Found: {', '.join(name for name in header if name)[:400] or 'nothing'}."
        )
    twice = sorted(name for name in profile.read if header.count(name) > 1)
    if twice:
        raise UnreadableFile(
            f"Line 1 names the column {twice[0]} more than once. Give each column that is read "
            "a name of its own."
        )


def _unpack(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            text = packed.read(MAX_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"The gzip file is damaged: {error}.") from error
    if len(text) > MAX_UNPACKED_BYTES:
        raise FileTooLarge(f"The file unpacks to more than {MAX_UNPACKED_BYTES:,} bytes.")
    return text
