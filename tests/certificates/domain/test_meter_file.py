"""A meter file is read line by line; every bad line is named."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.meter_file import parse
from certificates.errors import ColumnsMissing, MeterFileRefused, WrongEncoding

HEADER = "interval_start_utc,energy_kwh,observed"
KELMARSH = (
    Path(__file__).parents[3] / "sample_data/generation/kelmarsh_2018_hourly_by_turbine.csv.gz"
)


def read(text: str, encoding: str = "utf-8", **selection: str):
    return parse(io.BytesIO(text.encode(encoding)), selection)


def test_the_sample_year_of_turbine_2_has_its_known_counts():
    with gzip.open(KELMARSH) as stream:
        lines = parse(stream, {"turbine": "Kelmarsh 2"})
    negative = [wh for wh in lines.wh if wh < 0]
    positive = [wh for wh in lines.wh if wh > 0]
    assert (lines.rows - lines.filtered, lines.unobserved) == (8_760, 290)
    assert (len(negative), sum(negative)) == (532, -795_010)
    assert (len(positive), sum(positive)) == (7_938, 5_663_514_360)
    assert lines.problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_byte_order_mark_line_ends_and_delimiter_change_nothing(encoding, newline, delimiter):
    text = newline.join([HEADER, "2018-01-01T00:00Z,1.5,1", "2018-01-01T01:00Z,2,1", ""])
    lines = read(text.replace(",", delimiter), encoding)
    assert list(lines.wh) == [1500, 2000]
    assert list(lines.line) == [2, 3]


def test_a_line_that_was_not_observed_is_counted_and_no_error():
    lines = read(f"{HEADER}\n2018-01-01T00:00Z,,0\n2018-01-01T01:00Z,2,1\n")
    assert (lines.rows, lines.unobserved, lines.problems) == (2, 1, [])


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("2018-01-01T00:00Z,x,1", "energy_kwh", "x"),
        ("2018-01-01T00:00Z,,1", "energy_kwh", ""),
        ("yesterday,1,1", "interval_start_utc", "yesterday"),
        ("2018-01-01T00:00Z,1,perhaps", "observed", "perhaps"),
        ("2018-01-01T00:00Z,1", "line", "2018-01-01T00:00Z,1"),
    ],
)
def test_a_bad_line_is_named_with_its_number_field_and_value(line, field, value):
    lines = read(f"{HEADER}\n2018-01-01T01:00Z,1,1\n{line}\n")
    (problem,) = lines.problems
    assert (problem.line, problem.field, problem.value) == (3, field, value)
    assert problem.reason


def test_a_header_without_energy_says_which_names_are_known():
    with pytest.raises(ColumnsMissing, match=r"energy_kwh or kwh.*interval_start_utc, wind"):
        read("interval_start_utc,wind\n")


def test_a_file_without_lines_is_refused():
    with pytest.raises(MeterFileRefused, match="no lines"):
        read(f"{HEADER}\n")


def test_a_selection_that_finds_nothing_says_what_there_is():
    with pytest.raises(MeterFileRefused, match=r"No line .* turbine = 9\. Found instead: 1, 2\."):
        read("start_utc,kwh,turbine\n2018-01-01T00:00,1,1\n2018-01-01T00:00,1,2\n", turbine="9")


def test_a_selection_by_an_unknown_column_is_refused():
    with pytest.raises(ColumnsMissing, match="no column 'plant'"):
        read(f"{HEADER}\n", plant="1")


def test_bytes_that_are_no_text_are_refused_with_the_line():
    with pytest.raises(WrongEncoding, match=r"line 3, byte 1 \(0x81\)"):
        parse(io.BytesIO(f"{HEADER}\n2018-01-01T00:00Z,1,1\n".encode() + b"\x81,1,1\n"), {})


def test_a_field_without_end_is_refused():
    lines = "x\n" * 100_000
    with pytest.raises(MeterFileRefused, match="Line 2 begins a quotation"):
        read(f'{HEADER}\n"{lines}')


def test_a_field_without_end_swallows_no_line():
    good = "2018-01-01T00:00Z,1,1\n"
    with pytest.raises(MeterFileRefused, match="Line 3 begins a quotation"):
        read(f'{HEADER}\n{good}2018-01-01T01:00Z,2,"1\n2018-01-01T02:00Z,3,1\n')


def test_a_mark_inside_a_quotation_is_written_twice_or_the_line_is_named():
    with pytest.raises(MeterFileRefused, match=r"Line 2 is no CSV.*twice"):
        read(f'{HEADER}\n2018-01-01T01:00Z,2,"a"b"\n')


@given(st.text())
def test_any_text_is_read_or_refused_with_a_typed_error(text):
    try:
        lines = read(f"{HEADER}\n{text}", "utf-8")
    except MeterFileRefused:
        return
    assert lines.rows == (lines.filtered + lines.unobserved + len(lines.raw) + len(lines.problems))
