"""Records of storage as they are sent: every bad line is named, with its field."""

import contextlib
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.storage.flows import CHARGE, DISCHARGE, read_csv, read_lines
from certificates.errors import CertificatesError, ColumnsMissing, LinesRefused, WrongEncoding

HEADER = "flow_start_datetime,flow_end_datetime,flow_energy,validator_id"
HOUR = "2018-01-01T00:00Z,2018-01-01T01:00Z"


def read(*lines: str, header: str = HEADER):
    return read_csv(io.BytesIO("\n".join([header, *lines, ""]).encode()))


def refused(*lines: str, header: str = HEADER):
    with pytest.raises(LinesRefused) as caught:
        read(*lines, header=header)
    return [(one.line, one.field) for one in caught.value.lines]


def test_below_zero_is_a_charge_and_above_zero_a_discharge():
    found = read(f"{HOUR},-1500,grid", "2018-01-01T01:00Z,2018-01-01T02:00Z,1200,")
    assert [(f.direction, f.energy_wh, f.validator) for f in found.flows] == [
        (CHARGE, 1500, "grid"),
        (DISCHARGE, 1200, ""),
    ]
    assert found.flows[0].starts_at == datetime(2018, 1, 1, tzinfo=UTC)


def test_a_charge_is_rounded_up_and_a_discharge_down():
    found = read(f"{HOUR},-0.4", "2018-01-01T01:00Z,2018-01-01T02:00Z,1.9")
    assert [flow.energy_wh for flow in found.flows] == [1, 1]


def test_a_column_in_kilowatt_hours_is_read_exactly():
    header = HEADER.replace("flow_energy", "flow_energy_kwh")
    assert read(f"{HOUR},1.2345", header=header).flows[0].energy_wh == 1234


def test_a_line_in_which_nothing_flowed_is_counted_and_kept_out():
    found = read(f"{HOUR},0")
    assert (len(found.flows), found.empty) == (0, 1)


def test_semicolons_and_a_byte_order_mark_are_read():
    text = "\ufeff" + HEADER.replace(",", ";") + "\n" + HOUR.replace(",", ";") + ";-5;x\n"
    assert read_csv(io.BytesIO(text.encode())).flows[0].energy_wh == 5


def test_one_hour_may_both_charge_and_discharge():
    assert len(read(f"{HOUR},-10", f"{HOUR},5").flows) == 2


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (f"{HOUR},many", "flow_energy"),
        (f"{HOUR},", "flow_energy"),
        (f"{HOUR},NaN", "flow_energy"),
        (f"{HOUR},1e400", "flow_energy"),
        (f"{HOUR},{1 << 40}", "flow_energy"),
        (f"{HOUR},-{1 << 40}", "flow_energy"),
        ("2018-01-01T00:00,2018-01-01T01:00Z,5", "flow_start_datetime"),
        ("2018-01-01T00:00Z,,5", "flow_end_datetime"),
        ("2018-01-01T00:00Z,2018-01-01T00:45Z,5", "flow_end_datetime"),
        ("2018-01-01T01:00Z,2018-01-01T00:00Z,5", "flow_end_datetime"),
        ("2018-01-01T00:05Z,2018-01-01T01:05Z,5", "flow_start_datetime"),
        ("0001-01-01T00:00+23:00,2018-01-01T01:00Z,5", "flow_start_datetime"),
        (f"{HOUR},5,{'x' * 101}", "validator_id"),
    ],
)
def test_a_bad_line_is_named_with_its_field(line, field):
    good = "2018-02-01T00:00Z,2018-02-01T01:00Z,5"
    assert refused(good, line) == [(3, field)]


def test_every_bad_line_is_named_and_not_the_first_alone():
    assert refused(f"{HOUR},x", f"{HOUR},y", f"{HOUR},-5") == [
        (2, "flow_energy"),
        (3, "flow_energy"),
    ]


def test_overlapping_records_of_one_direction_are_refused():
    part = "2018-01-01T00:30Z,2018-01-01T01:00Z"
    assert refused(f"{HOUR},-10", f"{part},-5", f"{part},3") == [(3, "flow_start_datetime")]


def test_a_header_without_an_energy_is_refused_with_what_it_reads():
    with pytest.raises(ColumnsMissing, match="flow_energy"):
        read(f"{HOUR},5", header="flow_start_datetime,flow_end_datetime,kwh")


def test_two_energies_are_refused():
    with pytest.raises(ColumnsMissing):
        read(f"{HOUR},5,5", header=HEADER.replace("validator_id", "flow_energy_kwh"))


def test_an_empty_file_and_a_picture_are_refused():
    with pytest.raises(ColumnsMissing):
        read_csv(io.BytesIO(b""))
    with pytest.raises(WrongEncoding):
        read_csv(io.BytesIO(b"\x89PNG\xff"))
    assert refused() == [(0, "records")]


@pytest.mark.parametrize("sent", [None, [], {}, "x", [1], [{"energy": 5}], [{"flow_energy": 5}]])
def test_a_body_that_is_no_list_of_records_is_refused(sent):
    with pytest.raises(LinesRefused):
        read_lines(sent)


def test_the_same_lines_have_the_same_mark():
    row = {"flow_start_datetime": HOUR[:17], "flow_end_datetime": HOUR[18:], "flow_energy": -5}
    assert read_lines([row]).sha256 == read_lines([dict(reversed(row.items()))]).sha256


@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_a_typed_refusal(content):
    with contextlib.suppress(CertificatesError):
        assert read_csv(io.BytesIO(content)).sha256
