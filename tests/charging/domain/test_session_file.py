"""From bytes to rows."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain import session_file
from charging.domain.profiles import GENERIC
from charging.domain.session_file import (
    DELIMITERS,
    _bare,
    cells_of,
    decode,
    read_rows,
    said_of_encoding,
    written,
)
from charging.errors import FileTooLarge, UnreadableFile
from ledger.domain.exporting import harmless

HEADER = ",".join(GENERIC.columns)


def test_a_row_keeps_its_line_number_and_raw_text_even_when_quoted_over_lines():
    text = f'{HEADER}\r\nx,1,s,e,1,"a\r\nb",i\r\n\r\ny,1,s,e,1,c,i\r\n'
    rows = list(read_rows(text.encode(), GENERIC))
    assert [row.line for row in rows] == [2, 5]
    assert rows[0].raw.endswith('"a\r\nb",i')


def test_a_short_row_has_empty_fields_and_blanks_are_cut():
    (row,) = read_rows(f"{HEADER}\n  a ,b\n".encode(), GENERIC)
    assert row.fields[GENERIC.columns[0]] == "a"
    assert row.fields[GENERIC.columns[-1]] == ""


def test_a_byte_that_is_in_no_text_is_named_with_its_line():
    with pytest.raises(UnreadableFile, match="Line 3 holds a byte that is not UTF-8"):
        decode(b"a\nb\n\xe9\x81\n")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_older_programs_of_western_europe_write_is_read_and_said(pack):
    text = f"{HEADER}\nStraße 7,1,s,e,1,Café €,i\n"
    old = pack(text.encode("cp1252"))
    assert list(read_rows(old, GENERIC)) == list(read_rows(text.encode(), GENERIC))
    assert "Windows-1252" in said_of_encoding(old)
    assert said_of_encoding(pack(text.encode())) == ""
    assert said_of_encoding(pack(text.encode("utf-16"))) == ""


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_what_spreadsheets_call_unicode_text_is_read_by_its_mark(order):
    text = f"\ufeff{HEADER}\nMüller,1,s,e,1,c,i\n"
    (row,) = read_rows(text.encode(order), GENERIC)
    assert row.fields[GENERIC.columns[0]] == "Müller"
    with pytest.raises(UnreadableFile, match="not UTF-16"):
        decode(text.encode(order)[:-1])


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(session_file, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(FileTooLarge):
        decode(gzip.compress(b"x" * 101))


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(session_file, "MAX_BYTES", 3)
    with pytest.raises(FileTooLarge, match="in parts"):
        decode(b"xxxx")


def test_a_column_that_is_read_and_stands_twice_is_refused():
    with pytest.raises(UnreadableFile, match="column site more than once"):
        list(read_rows(f"{HEADER},site\nx,1,s,e,1,c,d\n".encode(), GENERIC))
    (row,) = read_rows(f"{HEADER},note,note\nx,1,s,e,1,c,d,f\n".encode(), GENERIC)
    assert row.fields["site"] == "c"


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20), min_size=2
    ),
    st.sampled_from(DELIMITERS),
)
def test_what_is_written_for_a_spreadsheet_reads_as_it_was(cells, delimiter):
    safe = [harmless(cell, numbers=True) for cell in cells]
    assert not any(cell[:1] in "=@\t\r" for cell in safe if cell)
    assert cells_of(written(safe, delimiter), delimiter) == safe
    assert [_bare(cell) for cell in safe] == [_bare(cell) for cell in cells]
