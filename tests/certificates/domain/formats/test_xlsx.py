"""Workbooks: read like their table, and nothing in them makes a reader take all memory."""

import io
import resource
import time
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.formats.xlsx_rows import rows_of
from certificates.errors import MeterFileRefused, UploadTooLarge, WrongFormat
from tests.bad_files import Table
from tests.bad_files import workbook as bomb
from tests.certificates.domain.formats.making import (
    built,
    hours_of,
    is_complete,
    reading,
    stream_of,
    total_wh,
    workbook,
)

FIRST = datetime.fromisoformat("2018-01-01T00:00")
SHEET, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
TAKEN = hours_of(FIRST, 1.5, 2)
GOOD = workbook(TAKEN)


def changed(part: str, old: str, new: str, content: bytes = GOOD, **more: str) -> bytes:
    """A good workbook with other XML at one place, and more parts."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as book,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in book.namelist():
            text = book.read(name).decode()
            if name == part:
                assert old in text
                text = text.replace(old, new, 1)
            made.writestr(name, text)
        for name, text in more.items():
            made.writestr(name, text)
    return packed.getvalue()


def with_row(xml: str) -> bytes:
    return changed(SHEET, "</sheetData>", f"{xml}</sheetData>")


def test_a_workbook_reads_like_its_table():
    content = workbook(hours_of(FIRST, 1.5, 2, -0.25), skip=2)
    one = built(content)
    assert list(one.lines.wh) == [1500, 2000, -250]
    assert list(one.lines.line) == [4, 5, 6]
    assert is_complete(one)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=20))
def test_a_sheet_s_numbers_are_read_as_the_sheet_shows_them(values):
    content = workbook(hours_of(FIRST, *[value / 1000 for value in values]))
    assert total_wh(built(content, {"@counter": "interval"})) == (sum(values), 0)


def test_a_bomb_in_a_workbook_is_refused_before_it_is_opened():
    with pytest.raises(UploadTooLarge, match="ZIP"):
        reading(bomb(Table("a", "b")))


def test_an_archive_that_is_no_workbook_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data.csv", "start_utc,kwh\n")
    with pytest.raises(WrongFormat, match="Unpack it"):
        reading(packed.getvalue())


def test_an_entry_that_lies_about_its_size_is_found_out():
    content = bytearray(bomb(Table("a", "b")))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = content.rfind(mark)
        content[place + offset : place + offset + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(UploadTooLarge, match="200 times"):
        reading(bytes(content))


FAR = {
    "a cell in the last corner": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "a cell of text far away": '<row r="90000"><c r="XFD90000"><is><t>x</t></is></c></row>',
    "many rows and one wide": '<row r="5000"><c r="A5000"/><c r="XFD5000"><v>1</v></c></row>',
}


@pytest.mark.parametrize("xml", FAR.values(), ids=FAR)
def test_a_sheet_that_reaches_too_far_is_refused_before_room_is_made(xml):
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(UploadTooLarge, match=r"reaches from row 1 to row .* cells"):
        reading(with_row(xml))
    assert time.process_time() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ('<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>', "no place 'A4294967295'"),
        ('<row r="9"><c r="ZZZ9"><v>1</v></c></row>', "no place 'ZZZ9'"),
        ('<row r="9"><c r="&#65;0"><v>1</v></c></row>', "no place 'A0'"),
        ('<row r="-9"><c><v>1</v></c></row>', "no place '-9'"),
        ('<row r="2"><c r="A2"><v>1</v></c></row>', "Row 2 of a sheet stands below row 3"),
        ("<row><c><v>1</v></row>", "is no XML"),
    ],
)
def test_cells_that_stand_nowhere_are_named(xml, words):
    with pytest.raises(MeterFileRefused, match=words):
        reading(with_row(xml))


@pytest.mark.parametrize("cells", ["<row><c/><c><f>1+1</f></c></row>", '<row r="1048576"/>'])
def test_what_holds_nothing_takes_no_room(cells):
    assert reading(with_row(cells)).series.rows == 2


def test_rows_and_cells_without_a_number_follow_the_ones_before():
    row = "<row><c><v>43101.5</v></c><c><v>7</v></c></row>"
    assert [number for number, _ in rows_of(stream_of(with_row(row)))] == [1, 2, 3, 4]


@pytest.mark.parametrize("count", ["34294967296", "&#57;9999999999", "", "-1", "1e9"])
def test_texts_that_are_said_to_be_more_than_can_be_are_refused(count):
    with pytest.raises(MeterFileRefused, match="more texts than it can hold"):
        reading(changed(TEXTS, 'uniqueCount="2"', f'uniqueCount="{count}"'))


def test_the_number_of_texts_is_found_wherever_the_file_is_cut_in_pieces():
    for filling in range(65_400, 65_536, 7):
        comment = f"<!--{'x' * filling}--><sst "
        assert reading(changed(TEXTS, "<sst ", comment)).series.rows == 2
        bad = changed(TEXTS, "<sst ", f'{comment}uniqueCount="99999999999" ')
        with pytest.raises(MeterFileRefused, match="more texts"):
            reading(bad)


def test_a_sheet_may_not_declare_entities():
    bad = changed(SHEET, "<worksheet", '<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd">]><worksheet')
    with pytest.raises(WrongFormat, match="document type"):
        reading(bad)


@pytest.mark.parametrize("name", ["content.xml", "xl/workbook.bin", "XL\\Workbook.bin"])
def test_workbooks_of_other_kinds_are_named(name):
    with pytest.raises(WrongFormat, match="ODS or XLSB"):
        reading(changed(BOOK, "", "", **{name: "<a/>"}))


def test_links_to_other_files_are_not_followed():
    link = '<externalReferences><externalReference r:id="rId9"/></externalReferences><calcPr'
    content = changed(BOOK, "<calcPr", link, **{"xl/externalLinks/externalLink1.xml": "<a/>"})
    assert list(built(content).lines.wh) == [1500, 2000]


def test_a_formula_whose_value_is_not_kept_is_named():
    lines = built(
        with_row('<row r="4"><c r="A4" s="1"><v>43101.1</v></c><c r="B4"><f>1</f></c></row>')
    )
    assert [(one.line, one.reason[:8]) for one in lines.lines.problems] == [(4, "is empty")]


def test_days_are_counted_from_1904_where_the_workbook_says_so():
    old = changed(BOOK, "<workbookPr ", '<workbookPr date1904="1" ')
    at = built(old).lines.minute[0] - built(GOOD).lines.minute[0]
    assert at == 1462 * 1440


def test_a_count_of_days_that_is_not_shown_as_a_date_says_what_to_do():
    rows = [[43101.25, 1], [43101.5, 2]]
    lines = built(workbook([*TAKEN, *rows])).lines
    assert {one.reason for one in lines.problems} == {
        "is a sheet's count of days; format the column as date and time"
    }


def test_a_workbook_of_very_many_sheets_is_looked_at_for_a_while_only():
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(2, 5_000))
    narrow = workbook([["b"], ["c"]], names=("a",))
    content = changed(BOOK, "</sheets>", f"{sheets}</sheets>", narrow)
    reading(changed(BOOK, "</sheets>", f"{sheets}</sheets>"))
    started = time.process_time()
    with pytest.raises(MeterFileRefused, match="no sheet with lines"):
        reading(content)
    assert time.process_time() - started < 5
