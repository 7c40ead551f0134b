"""The rows of a workbook's first sheet that holds a table, unpacked only within limits."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from certificates.domain.formats.xlsx_extent import AGAIN, MARK, check_extent
from certificates.errors import MeterFileRefused, UploadTooLarge, WrongFormat

# A year of quarter-hours of ten plants is some 20 MB of XML in a dozen entries.
MOST_ENTRIES = 500
MOST_UNPACKED = 128 << 20  # bytes of all entries together
MOST_RATIO = 200  # unpacked to packed; sheets of numbers reach some 30
RATIO_COUNTS_FROM = 1 << 20  # bytes; small entries of one repeated word may pack better
MOST_SHEETS = 20  # looked at for the table; each is read whole
PIECE = 1 << 16
# Marks of workbooks of other kinds, which a reader would try where a part of this one is bad.
OTHER_KINDS = ("content.xml", "xl/workbook.bin")
UNREADABLE = (CalamineError, OSError, ValueError)
# A reader makes room for as many texts as this number says: ten million at most.
UNBELIEVABLE = re.compile(rb"uniqueCount(?!\s{0,9}=\s{0,9}[\"'][0-9]{1,7}[\"'])")
TAIL = 64  # bytes, more than the name with its number
Cell = int | float | str | bool | date | datetime | time | timedelta


def rows_of(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Rows as text, numbered as in the sheet; times in ISO 8601, to the whole second.

    Raises: WrongFormat, UploadTooLarge, MeterFileRefused.
    """
    return rows_in(sheet_of(stream))


def sheet_of(stream: BinaryIO) -> CalamineSheet:
    """The first sheet that holds a table. Raises: WrongFormat, UploadTooLarge, MeterFileRefused."""
    check_size(stream)
    stream.seek(0)
    try:
        sheet = _sheet(CalamineWorkbook.from_filelike(stream))
    except UNREADABLE as error:
        raise MeterFileRefused(f"The workbook cannot be read ({error}). {AGAIN}") from error
    if sheet is None:
        raise MeterFileRefused("The workbook has no sheet with lines.")
    return sheet


def rows_in(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """As rows_of, from the start. Raises: MeterFileRefused."""
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = [_text(cell) for cell in cells]
            if any(row):
                yield number, row
    except UNREADABLE as error:
        raise MeterFileRefused(f"The workbook cannot be read ({error}). {AGAIN}") from error


def check_size(stream: BinaryIO) -> None:
    """Unpack every entry, keeping nothing, to see that none is a bomb; what it says of itself
    may be a lie. Raises: WrongFormat, UploadTooLarge, MeterFileRefused.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise UploadTooLarge(f"The ZIP archive has more than {MOST_ENTRIES} entries.")
            _check_kind([entry.filename.lower().replace("\\", "/") for entry in entries])
            _check_declared(entries)
            total = 0
            for entry in entries:
                size, is_sheet = _looked_through(_unpacked(stream, entry, MOST_UNPACKED - total))
                total += size
                if is_sheet:
                    check_extent(_unpacked(stream, entry, MOST_UNPACKED))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise MeterFileRefused(f"The ZIP archive is damaged ({error}). {AGAIN}") from error


def _check_kind(names: list[str]) -> None:
    if any(name in OTHER_KINDS for name in names):
        raise WrongFormat(
            "This is a workbook of another kind (ODS or XLSB). Save it as XLSX or CSV."
        )
    if not any(name.startswith("xl/") for name in names):
        raise WrongFormat(
            "This is a ZIP archive, not an Excel workbook. Unpack it and upload the file inside."
        )


def _check_declared(entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        if entry.flag_bits & 1:
            raise WrongFormat(f"The ZIP archive is protected by a password. {AGAIN}")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WrongFormat(f"The ZIP archive is packed in a way not read here. {AGAIN}")
        _check_ratio(entry.file_size, entry.compress_size)
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _too_large()


def _check_ratio(unpacked: int, packed: int) -> None:
    if unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * max(packed, 1):
        raise UploadTooLarge(
            f"The ZIP archive unpacks to more than {MOST_RATIO} times its size: no table of "
            "readings or charges does. Save it as CSV."
        )


def _too_large() -> UploadTooLarge:
    return UploadTooLarge(
        f"Unpacked, the ZIP archive is larger than {MOST_UNPACKED >> 20} MB. Split it by month."
    )


def _looked_through(pieces: Iterator[bytes]) -> tuple[int, bool]:
    """How many bytes they are, and whether they hold the cells of a sheet.

    Raises: MeterFileRefused for texts that say they are more than can be: a reader believes it.
    """
    size, is_sheet, end = 0, False, b""
    for piece in pieces:
        size += len(piece)
        text = end + piece
        is_sheet = is_sheet or MARK in text
        _check_count(text, len(text) - TAIL)
        end = text[-TAIL:]
    _check_count(end, len(end))
    return size, is_sheet


def _check_count(text: bytes, until: int) -> None:
    found = UNBELIEVABLE.search(text)
    if found and found.start() < until:
        raise MeterFileRefused(
            f"The workbook says that it has more texts than it can hold. {AGAIN}"
        )


def _unpacked(stream: BinaryIO, entry: zipfile.ZipInfo, allowed: int) -> Iterator[bytes]:
    """What the entry's data really become, whatever its header claims."""
    stream.seek(entry.header_offset + 26)
    lengths = stream.read(4)
    if len(lengths) < 4:
        raise zipfile.BadZipFile("an entry lies beyond the end")
    name, extra = (int.from_bytes(lengths[n : n + 2], "little") for n in (0, 2))
    stream.seek(entry.header_offset + 30 + name + extra)
    is_stored = entry.compress_type == zipfile.ZIP_STORED
    unpacker = None if is_stored else zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    for piece in _unpacked_by(unpacker, _packed(stream, entry.compress_size)):
        size += len(piece)
        if size > allowed:
            raise _too_large()
        _check_ratio(size, entry.compress_size)
        yield piece


def _packed(stream: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0:
        piece = stream.read(min(PIECE, left))
        if not piece:
            raise zipfile.BadZipFile("an entry is cut off")
        left -= len(piece)
        yield piece


def _unpacked_by(unpacker: Any, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if unpacker is None:
            yield piece
            continue
        while piece and not unpacker.eof:
            yield unpacker.decompress(piece, PIECE)
            piece = unpacker.unconsumed_tail
        if unpacker.eof:
            return


def _sheet(book: CalamineWorkbook) -> CalamineSheet | None:
    """The first sheet with two rows; cover pages have fewer columns than two."""
    for name in book.sheet_names[:MOST_SHEETS]:
        sheet = book.get_sheet_by_name(name)
        if sheet.start and sheet.height > 1 and sheet.width > 1:
            return sheet
    return None


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return f"{cell:.15g}"  # all the digits that a sheet shows
    if isinstance(cell, datetime):
        # A sheet counts days in binary fractions: a full hour may be a millisecond off.
        return (cell + timedelta(milliseconds=500)).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"  # midnight of a column of times
    return cell.isoformat() if isinstance(cell, time) else str(cell)
