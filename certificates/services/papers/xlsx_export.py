"""Rows as an Excel workbook, written without keeping them."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import xlsxwriter

from certificates.domain.exporting import Row, cell
from certificates.errors import ExportRefused

MOST_ROWS = 1_048_575  # of a sheet, beside its header (Excel's limit)
EXACT = 10**15  # Excel keeps fifteen digits of a number; longer ones stay text


def write_xlsx(target: BinaryIO, *, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """One sheet with a header. Raises: ExportRefused when it has too many rows."""
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column)
    is_full = False
    for line, row in enumerate(rows, start=1):
        is_full = line > MOST_ROWS
        if is_full:
            break
        for place, value in enumerate(row):
            told = cell(value)
            if isinstance(told, int) and abs(told) < EXACT:
                sheet.write_number(line, place, told)
            else:
                sheet.write_string(line, place, str(told))
    book.close()  # in any case: it keeps a file of its own for the rows
    if is_full:
        raise too_many()


def too_many() -> ExportRefused:
    """What is said where a sheet would have too many rows."""
    return ExportRefused(
        f"A sheet holds {MOST_ROWS:,} rows, and there are more. Take the CSV file."
    )
