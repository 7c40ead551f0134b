"""A workbook made on the way: every value whole, whatever it holds, and a further sheet in time."""

import io
import zipfile
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import workbook as module
from ledger.domain.workbook import CUT, LONGEST, workbook

# What no file can hold: a half of a letter, and two code points that are none.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"))
whole = st.integers(-(10**15) + 1, 10**15 - 1)


def made(rows, columns=("a", "b")):
    return b"".join(workbook("rows", columns, rows))


def read(data):
    book = python_calamine.load_workbook(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def cell(value):
    """The one cell of a workbook."""
    ((_, (told,)),) = read(made([(value,)], ["a"]))
    return told


@given(st.lists(st.tuples(texts.filter(bool), whole), min_size=1, max_size=6))
def test_texts_and_numbers_come_back_as_they_were(rows):
    ((head, *lines),) = read(made(rows))
    assert head == ["a", "b"]
    assert [(text, int(number)) for text, number in lines] == rows


@given(st.lists(whole, min_size=1, max_size=30))
def test_the_sum_of_a_column_is_the_sum_of_what_went_in(numbers):
    ((_, *lines),) = read(made([(number,) for number in numbers], ["a"]))
    assert sum(int(number) for (number,) in lines) == sum(numbers)


@given(st.timedeltas(timedelta(0), timedelta(days=100_000)))
def test_an_instant_is_a_date_in_utc_to_the_second(since):
    at = datetime(1900, 3, 2, tzinfo=UTC) + since
    told = cell(at.astimezone(timezone(timedelta(hours=5, minutes=30))))
    if not isinstance(told, datetime):  # the reader's way with midnight
        told = datetime.combine(told, time())
    assert told.replace(tzinfo=UTC) == at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (10**15, "1000000000000000"),
        (-(10**18), "-1000000000000000000"),
        ("0123", "0123"),
        ("9" * 18, "9" * 18),
        (True, True),
        (Decimal("12.50"), 12.5),
        (Decimal("1234567890.1234567"), "1234567890.1234567"),
        (Decimal("NaN"), "NaN"),
        (date(2020, 2, 29), date(2020, 2, 29)),
        (date(1890, 1, 1), "1890-01-01"),
        ("שלום \u202e x", "שלום \u202e x"),
        (" a\r\n\tb\x00_x0041_ ", " a\r\n\tb\x00_x0041_ "),
        ("\ud800", "\ufffd"),
    ],
)
def test_nothing_becomes_something_else(value, told):
    assert cell(value) == told


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_looks_like_a_formula_is_text_and_stays_it_when_edited(text):
    data = made([(text,)], ["a"])
    assert cell(text) == text
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert f's="{module.AS_TEXT}" t="inlineStr"'.encode() in sheet
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


def test_a_text_longer_than_a_cell_says_that_it_is_cut():
    told = cell("😀" * LONGEST)
    assert told.endswith(CUT)
    assert len(told.encode("utf-16-le")) <= 2 * LONGEST
    assert cell("x" * LONGEST) == "x" * LONGEST


def test_an_empty_list_is_a_sheet_with_its_names():
    assert read(made([])) == [[["a", "b"]]]


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_BYTES"])
def test_what_one_sheet_does_not_hold_goes_on_in_the_next(limit, monkeypatch):
    monkeypatch.setattr(module, limit, 2_000 if limit == "MOST_ROWS" else 100_000)
    rows = [(f"text {n}", n) for n in range(5_000)]
    sheets = read(made(rows))
    assert len(sheets) > 2
    assert all(sheet[0] == ["a", "b"] for sheet in sheets)
    assert [(text, int(n)) for sheet in sheets for text, n in sheet[1:]] == rows


def test_a_sheet_that_is_just_full_has_no_empty_one_behind_it(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    assert len(read(made([("x", n) for n in range(3)]))) == 1


def test_every_part_is_well_formed_and_named_in_the_contents():
    with zipfile.ZipFile(io.BytesIO(made([("<&>\x0c", 1)]))) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_it_begins_before_the_second_row_is_read_and_has_no_end_without_its_rows():
    def rows():
        yield from [("x", n) for n in range(2_000)]
        raise OSError("the database is gone")

    stream = workbook("rows", ["a", "b"], rows())
    got = [next(stream)]
    with pytest.raises(OSError, match="gone"):
        got.extend(stream)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(got)))


def test_equal_rows_give_equal_files():
    assert made([("x", 1)]) == made([("x", 1)])
