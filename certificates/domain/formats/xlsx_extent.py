"""How far the cells of a sheet reach, told before a reader makes room for all between them.

A sheet lists only the cells that hold something, but its readers lay out the whole rectangle:
one cell in the last corner makes 17 thousand million of them out of a file of 2 kB.
Source: ECMA-376 part 1, 18.3.1.73 (row) and 18.3.1.4 (c): `r` is a row's number from 1 or a
cell's reference like B7; a row or cell without it follows the one before.
"""

import re
from collections.abc import Iterable
from xml.parsers.expat import ExpatError, ParserCreate

from certificates.errors import MeterFileRefused, UploadTooLarge, WrongFormat

MARK = b"sheetData"  # the element of cells; a part of a workbook without it has none
MOST_CELLS = 6_000_000  # laid out, some 40 bytes each; a million lines of five columns are fewer
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of any sheet
ENCODING = "utf-8"  # as readers take it, whatever the document declares
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
HOLDS = frozenset({"v", "is"})  # what a cell holds: a value, or text of its own
AGAIN = "Open it in the program that made it and save it again, or as CSV."


def check_extent(pieces: Iterable[bytes]) -> None:
    """Refuse a sheet whose cells reach over more than can be laid out.

    `pieces` are its XML. Raises: UploadTooLarge, WrongFormat, MeterFileRefused.
    """
    extent = _Extent()
    parser = ParserCreate(ENCODING)
    parser.StartElementHandler = extent.element
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except ExpatError as error:
        raise MeterFileRefused(f"A sheet of the workbook is no XML ({error}). {AGAIN}") from error


def _refuse_document_type(*_: object) -> None:
    raise WrongFormat("A sheet declares its own document type or entities, which is not read.")


class _Extent:
    """Follows rows and cells, and the rectangle of those that hold something; places from 1."""

    def __init__(self) -> None:
        self.row, self.column, self.next_row = 1, 0, 1
        self.at = (1, 1)
        self.first_row = self.last_row = self.right = 0
        self.left = MOST_COLUMNS

    def element(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes.get("r"))
        elif name in HOLDS:
            self._grow()
        elif name == "row":
            self._row(attributes.get("r"))

    def _row(self, number: str | None) -> None:
        if number is not None and not (number.isascii() and number.isdigit()):
            raise _no_place(number)
        self.row = self.next_row if number is None else int(number[:9])
        self.next_row, self.column = self.row + 1, 0

    def _cell(self, reference: str | None) -> None:
        row = self.row
        self.column += 1
        if reference is not None:
            found = _REFERENCE.fullmatch(reference)
            if found is None:
                raise _no_place(reference)
            self.column, row = _column(found[1]), int(found[2])
        if not (1 <= row <= MOST_ROWS and self.column <= MOST_COLUMNS):
            raise _no_place(reference or f"row {row}, column {self.column}")
        self.at = (row, self.column)

    def _grow(self) -> None:
        row, column = self.at
        if row < self.last_row:
            raise MeterFileRefused(
                f"Row {row} of a sheet stands below row {self.last_row}. {AGAIN}"
            )
        self.first_row, self.last_row = self.first_row or row, row
        if column < self.left:
            self.left = column
        if column > self.right:
            self.right = column
        if (row - self.first_row + 1) * (self.right - self.left + 1) > MOST_CELLS:
            raise UploadTooLarge(
                f"A sheet of the workbook reaches from row {self.first_row:,} to row {row:,} over "
                f"{self.right - self.left + 1:,} columns, more than {MOST_CELLS:,} cells. Delete "
                "what stands far from the table, or save the table as CSV."
            )


def _column(letters: str) -> int:
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - ord("A") + 1
    return place


def _no_place(text: str) -> MeterFileRefused:
    return MeterFileRefused(f"A sheet of the workbook has no place {text[:20]!r}. {AGAIN}")
