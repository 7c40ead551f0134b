"""Rows reach other programs whole, and no text becomes a formula."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.exporting import (
    CUT_SHORT,
    FORMULA,
    cell,
    csv_text,
    cut_short_line,
    harmless,
    json_text,
    ndjson_text,
)

values = st.one_of(st.none(), st.integers(), st.booleans(), st.text())
rows = st.lists(st.tuples(values, values), max_size=5)
NAMES = ["a", "b"]


@given(rows)
def test_json_and_ndjson_give_back_every_row(given_rows):
    whole = json.loads("".join(json_text(NAMES, given_rows)))
    # Lines end with \n alone: a text may hold what Python takes for the end of one (U+2028).
    lines = "".join(ndjson_text(NAMES, given_rows)).split("\n")
    assert lines.pop() == ""
    assert (
        whole == [json.loads(line) for line in lines] == [{"a": a, "b": b} for a, b in given_rows]
    )


@given(rows)
def test_csv_has_a_line_for_each_row_and_no_formula(given_rows):
    text = "".join(csv_text(NAMES, given_rows))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == NAMES
    assert len(read) == len(given_rows) + 1
    for row, (a, b) in zip(read[1:], given_rows, strict=True):
        for shown, value in zip(row, (a, b), strict=True):
            assert not (isinstance(value, str) and shown.startswith(FORMULA))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_a_spreadsheet_would_run_is_marked_as_text(text):
    assert cell(text) == f"'{text}"


def test_numbers_stay_numbers_and_instants_are_utc():
    assert cell(-5) == -5
    assert cell(datetime(2018, 1, 1, tzinfo=UTC)) == "2018-01-01T00:00:00Z"
    assert cell(date(2018, 1, 1)) == "2018-01-01"
    assert cell(None) == ""
    assert cell(Decimal("-1.50")) == "-1.50"


def broken():
    yield from [(1, 2)] * 1_200
    raise OSError("the database is gone")


@pytest.mark.parametrize("writer", [csv_text, ndjson_text, json_text])
def test_a_list_that_fails_on_its_way_is_not_taken_for_whole(writer):
    got = []
    with pytest.raises(OSError, match="gone"):
        got.extend(writer(NAMES, broken()))
    text = "".join(got)
    if writer is json_text:
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
    else:
        assert CUT_SHORT in text.strip().split("\n")[-1]


def test_a_failed_lists_last_line_of_ndjson_is_an_object_with_a_code():
    assert json.loads(cut_short_line())["code"] == "list_cut_short"


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@sum", "\t=1", "\n=1", "-1.5.2", "+"])
def test_no_text_is_taken_for_a_formula_whatever_is_kept(text):
    assert harmless(text) == harmless(text, numbers=True) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+1", "-1,5", "-0.25"])
def test_a_plain_number_stays_one_only_where_it_is_sent_back_as_it_was_read(text):
    assert harmless(text, numbers=True) == text
    assert harmless(text) == f"'{text}"
