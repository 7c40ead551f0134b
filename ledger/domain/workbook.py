"""Rows as a workbook (ECMA-376, Office Open XML) that goes out while its rows are being read.

What it consists of is written straight into the archive, so a workbook of any length needs the
memory of a few rows, and who is cut off in between is left with no workbook: the archive's
directory comes last. Cells have types: a text is never taken for a formula, an instant is a date
that shows its Z, and a number of more digits than a spreadsheet keeps is text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from ledger.domain.exporting import FORMULA, Row, Value
from ledger.domain.zip_stream import File, zip_stream

MOST_ROWS = 1_048_575  # of a sheet, beside its header (Excel's limit)
MOST_BYTES = 2_000_000_000  # of a sheet: an archive without 64-bit lengths ends at 2^31 - 1
EXACT_DIGITS = 15  # Excel keeps fifteen digits of a number; longer ones stay text
EXACT = 10**EXACT_DIGITS
LONGEST = 32_767  # UTF-16 units in a cell (Excel's limit)
CUT = "... [cut here: the CSV and JSON files have all of it]"
ZERO = date(1899, 12, 30)  # day 0 of a spreadsheet's calendar, which is right from March 1900 on
FIRST_DAY = 61
DAY = 86_400
AT_ONCE = 500  # rows packed together
INSTANT, DAY_ALONE, AS_TEXT, HEAD = 1, 2, 3, 4  # places in the table of styles
ODD = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MEDIA_TYPE = f"{KIND}.sheet"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = (
    f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/></Types>'
)
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd&quot;T&quot;hh:mm:ss&quot;Z&quot;"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    "</styleSheet>"
)


def workbook(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The file piece by piece: a sheet with a header, and a further one where a sheet is full.

    `name` is a plain word of at most 25 characters.
    """
    return zip_stream(_parts(name, columns, iter(rows)))


def _parts(name: str, columns: Sequence[str], rows: Iterator[Row]) -> Iterator[File]:
    yield "[Content_Types].xml", [TYPES.encode()]
    yield "_rels/.rels", [_relations([("officeDocument", "xl/workbook.xml")])]
    yield "xl/styles.xml", [STYLES.encode()]
    names: list[str] = []
    while True:
        names.append(f"{name} ({len(names) + 1})" if names else name)
        yield f"xl/worksheets/sheet{len(names)}.xml", _Sheet(columns, rows).chunks()
        if (left := next(rows, None)) is None:
            break
        rows = chain([left], rows)
    sheets = "".join(
        f'<sheet name="{title}" sheetId="{place}" r:id="rId{place}"/>'
        for place, title in enumerate(names, 1)
    )
    book = f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
    yield "xl/workbook.xml", [book.encode()]
    targets = [("worksheet", f"worksheets/sheet{place}.xml") for place in range(1, len(names) + 1)]
    yield "xl/_rels/workbook.xml.rels", [_relations([*targets, ("styles", "styles.xml")])]


def _relations(targets: Sequence[tuple[str, str]]) -> bytes:
    lines = "".join(
        f'<Relationship Id="rId{place}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'.encode()


class _Sheet:
    """One sheet: as many of the rows as it holds; what is left stays in them."""

    def __init__(self, columns: Sequence[str], rows: Iterator[Row]) -> None:
        self.columns, self.rows = columns, rows
        self.letters = [_letters(place) for place in range(len(columns))]

    def chunks(self) -> Iterator[bytes]:
        head = self._head()
        yield head
        line, size, some = 1, len(head), list[str]()
        while line <= MOST_ROWS and size < MOST_BYTES:
            row = next(self.rows, None)
            if row is None:
                break
            line += 1
            some.append(self._line(line, row))
            if len(some) == AT_ONCE:
                data = "".join(some).encode()
                size += len(data)
                some.clear()
                yield data
        last = f"{self.letters[-1]}{line}"
        yield "".join(some).encode()
        yield f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>'.encode()

    def _head(self) -> bytes:
        names = "".join(
            f'<c r="{letter}1"{_text(name, HEAD)}'
            for letter, name in zip(self.letters, self.columns, strict=True)
        )
        return (
            f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>'
            f'<col min="1" max="{len(self.columns)}" width="21" customWidth="1"/></cols>'
            f'<sheetData><row r="1">{names}</row>'
        ).encode()

    def _line(self, line: int, row: Row) -> str:
        cells = [
            f'<c r="{letter}{line}"{_cell(value)}'
            for letter, value in zip(self.letters, row, strict=True)
            if value is not None
        ]
        return f'<row r="{line}">{"".join(cells)}</row>'


@lru_cache(512, typed=True)  # plants, kinds and hours come again and again
def _cell(value: Value) -> str:
    """What follows a cell's address."""
    if isinstance(value, str):
        return _text(value, AS_TEXT if value.startswith(FORMULA) else 0)
    if isinstance(value, bool):
        return f' t="b"><v>{value:d}</v></c>'
    if isinstance(value, int):
        return _number(str(value)) if -EXACT < value < EXACT else _text(str(value))
    if isinstance(value, Decimal):
        is_exact = value.is_finite() and len(value.as_tuple().digits) <= EXACT_DIGITS
        return _number(f"{value:f}") if is_exact else _text(str(value))
    return _day(value)  # type: ignore[arg-type]


def _day(value: date) -> str:
    """An instant in UTC to the second, or a day."""
    whole = value.astimezone(UTC) if isinstance(value, datetime) else None
    day = ((whole.date() if whole else value) - ZERO).days
    if day < FIRST_DAY:
        return _text(whole.isoformat() if whole else value.isoformat())
    if whole is None:
        return _number(str(day), DAY_ALONE)
    seconds = (whole.hour * 60 + whole.minute) * 60 + whole.second
    part = (seconds * 10**10 + DAY // 2) // DAY  # ten digits tell a second apart
    return _number(f"{day}.{part:010}", INSTANT)


def _number(digits: str, style: int = 0) -> str:
    return f"{_styled(style)}><v>{digits}</v></c>"


def _text(text: str, style: int = 0) -> str:
    if len(text) * 2 > LONGEST:
        text = _cut(text)
    shown = ODD.sub(_named, text)
    return f'{_styled(style)} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _styled(style: int) -> str:
    return f' s="{style}"' if style else ""


def _cut(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST:
        return text
    kept = units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore")
    return f"{kept}{CUT}"


def _named(found: re.Match[str]) -> str:
    """What XML has no letter for, as the standard writes it (ST_Xstring, 22.9.2.19)."""
    text = found[0]
    if text in NAMED:
        return NAMED[text]
    if len(text) > 1:
        return f"_x005F{text}"
    return "\ufffd" if text >= "\ud800" else f"_x{ord(text):04X}_"


def _letters(place: int) -> str:
    """A column's letters, A for 0."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = f"{chr(65 + rest)}{text}"
    return text
