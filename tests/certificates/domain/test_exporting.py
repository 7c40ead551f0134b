"""Rows reach other programs whole, and no text becomes a formula."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.exporting import FORMULA, cell, csv_text, json_text, ndjson_text

values = st.one_of(st.none(), st.integers(), st.booleans(), st.text())
rows = st.lists(st.tuples(values, values), max_size=5)
NAMES = ["a", "b"]


@given(rows)
def test_json_and_ndjson_give_back_every_row(given_rows):
    whole = json.loads("".join(json_text(NAMES, given_rows)))
    lines = [json.loads(line) for line in ndjson_text(NAMES, given_rows)]
    assert whole == lines == [{"a": a, "b": b} for a, b in given_rows]


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
