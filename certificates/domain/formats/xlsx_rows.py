"""The rows of a workbook's first sheet that holds a table, unpacked only within limits."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from certificates.errors import MeterFileRefused, UploadTooLarge, WrongFormat

# A year of quarter-hours of ten plants is some 20 MB of XML in a dozen entries.
MOST_ENTRIES = 500
MOST_UNPACKED = 128 << 20  # bytes of all entries together
MOST_RATIO = 200  # unpacked to packed; sheets of numbers reach some 30
RATIO_COUNTS_FROM = 1 << 20  # bytes; small entries of one repeated word may pack better
MOST_CELLS = 20_000_000
PIECE = 1 << 16
AGAIN = "Open it in the program that made it and save it again, or as CSV."
Cell = int | float | str | bool | date | datetime | time | timedelta


def rows_of(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Rows as text, numbered as in the sheet; times in ISO 8601, to the whole second.

    Raises: WrongFormat, UploadTooLarge, MeterFileRefused.
    """
    check_size(stream)
    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        sheet = _sheet(book)
    except (CalamineError, OSError, ValueError) as error:
        raise MeterFileRefused(f"The workbook cannot be read ({error}). {AGAIN}") from error
    if sheet is None:
        raise MeterFileRefused("The workbook has no sheet with lines.")
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise UploadTooLarge(f"The sheet {sheet.name} has too many cells. Split it by month.")
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = [_text(cell) for cell in cells]
            if any(row):
                yield number, row
    except (CalamineError, OSError, ValueError) as error:
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
            if not any(entry.filename.startswith("xl/") for entry in entries):
                raise WrongFormat(
                    "This is a ZIP archive, not an Excel workbook. Unpack it and upload the file "
                    "inside."
                )
            _check_declared(entries)
            total = 0
            for entry in entries:
                total += _unpacked(stream, entry, MOST_UNPACKED - total)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise MeterFileRefused(f"The ZIP archive is damaged ({error}). {AGAIN}") from error


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


def _unpacked(stream: BinaryIO, entry: zipfile.ZipInfo, allowed: int) -> int:
    """Bytes that the entry's data really become, whatever its header claims."""
    stream.seek(entry.header_offset + 26)
    lengths = stream.read(4)
    if len(lengths) < 4:
        raise zipfile.BadZipFile("an entry lies beyond the end")
    name, extra = (int.from_bytes(lengths[n : n + 2], "little") for n in (0, 2))
    stream.seek(entry.header_offset + 30 + name + extra)
    if entry.compress_type == zipfile.ZIP_STORED:
        return entry.compress_size
    unpacker, size, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, entry.compress_size
    while left > 0 and not unpacker.eof:
        piece = stream.read(min(PIECE, left))
        if not piece:
            raise zipfile.BadZipFile("an entry is cut off")
        left -= len(piece)
        while piece and not unpacker.eof:
            size += len(unpacker.decompress(piece, PIECE))
            piece = unpacker.unconsumed_tail
            if size > allowed:
                raise _too_large()
            _check_ratio(size, entry.compress_size)
    return size


def _sheet(book: CalamineWorkbook) -> CalamineSheet | None:
    """The first sheet with two rows; cover pages have fewer columns than two."""
    for name in book.sheet_names:
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
