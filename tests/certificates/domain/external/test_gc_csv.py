"""Reading another registry's certificate file, and what is wrong with its lines."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.external.gc_csv import MOST_LINES, read_file
from certificates.domain.external.line import COLUMNS
from certificates.domain.formats.times import text_of
from certificates.errors import (
    ChoiceNeeded,
    ChoiceRefused,
    ColumnsMissing,
    ImportRefused,
    WrongEncoding,
    WrongFormat,
)
from tests.certificates.domain.external.files import gc_csv

# A line as the template of EnergyTag's reference registry has it: a byte-order mark, days first.
SAMPLE = {
    "issuance_id": "GC-1-2025-01-21-1500",
    "bundle_quantity": "5210000",
    "certificate_bundle_id_range_start": "0",
    "certificate_bundle_id_range_end": "5209999",
    "energy_source": "solar_pv",
    "production_starting_interval": "21/01/2025 21:00",
    "production_ending_interval": "21/01/2025 22:00",
    "local_timezone": "America/Chicago",
    "expiry_datestamp": "21/01/2027 21:00",
}


def one(*changes: dict[str, str], **choices: str):
    """The only line of a file, or the reasons why there is none."""
    read = read_file(gc_csv(*changes), choices)
    read.demand_settled()
    return read.lines[0] if read.lines else [(p.line, p.field, p.reason) for p in read.problems]


def test_a_byte_order_mark_and_days_first_are_understood():
    read = read_file(gc_csv(SAMPLE, head="\ufeff"), {"clock": "utc"})
    (line,) = read.lines
    assert (text_of(line.start), line.length) == ("2025-01-21T21:00Z", 60)
    assert text_of(line.expires) == "2027-01-21T21:00Z"
    assert (line.first_serial, line.last_serial, line.amount_wh) == (0, 5_209_999, 5_210_000)
    assert read.choices["dates"].because == "line 2 says 21/01/2025 21:00"


def test_the_same_hour_by_the_clock_of_its_place_is_another():
    line = one(SAMPLE, clock="local")
    assert text_of(line.start) == "2025-01-22T03:00Z"


def test_times_without_an_offset_are_asked_about():
    with pytest.raises(ChoiceNeeded, match="21/01/2025 21:00 without an offset") as caught:
        one(SAMPLE)
    assert caught.value.choice == "clock"


AMBIGUOUS = {
    "production_starting_interval": "01/02/2018 00:00",
    "production_ending_interval": "01/02/2018 01:00",
    "local_timezone": "UTC",
}


def test_dates_that_can_be_read_both_ways_are_asked_about_and_never_guessed():
    with pytest.raises(ChoiceNeeded, match="day first or the month first") as caught:
        one(AMBIGUOUS)
    assert caught.value.choice == "dates"
    assert text_of(one(AMBIGUOUS, dates="dmy").start) == "2018-02-01T00:00Z"
    assert text_of(one(AMBIGUOUS, dates="mdy").start) == "2018-01-02T00:00Z"


def test_one_date_that_allows_one_order_only_decides_for_the_file():
    later = {
        "production_starting_interval": "02/13/2018 00:00",
        "production_ending_interval": "02/13/2018 01:00",
        "local_timezone": "UTC",
    }
    read = read_file(gc_csv(AMBIGUOUS, later), {})
    assert [text_of(line.start) for line in read.lines] == [
        "2018-01-02T00:00Z",
        "2018-02-13T00:00Z",
    ]


def test_dates_that_prove_both_orders_are_refused_with_their_lines():
    late = {"production_starting_interval": "13/02/2018 00:00"}
    with pytest.raises(ImportRefused, match=r"Line 3 has the day first .* line 2 the month"):
        read_file(gc_csv({"production_starting_interval": "02/13/2018 00:00"}, late), {})


def test_an_order_that_the_file_contradicts_cannot_be_chosen():
    with pytest.raises(ChoiceRefused, match="line 2 says 21/01/2025"):
        read_file(gc_csv(SAMPLE), {"dates": "mdy", "clock": "utc"})


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2018-10-28T00:00", "2018-10-28T01:00", "2018-10-27T23:00Z"),
        ("2018-10-28T01:00", "2018-10-28T01:00", "2018-10-28T00:00Z"),
        ("2018-10-28T01:00", "2018-10-28T02:00", "2018-10-28T01:00Z"),
    ],
)
def test_hours_of_the_night_that_clocks_go_back_follow_each_other(start, end, found):
    line = one(
        {"production_starting_interval": start, "production_ending_interval": end}, clock="local"
    )
    assert text_of(line.start) == found


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"bundle_quantity": "999"}, "bundle_quantity", "number of serials from 0 to 999, 1000"),
        ({"bundle_quantity": "1001"}, "bundle_quantity", "number of serials"),
        ({"bundle_quantity": "1,000"}, "line", "quote what has a comma"),
        ({"bundle_quantity": "1e3"}, "bundle_quantity", "no whole number"),
        ({"bundle_quantity": "-5"}, "bundle_quantity", "no whole number"),
        ({"bundle_quantity": ""}, "bundle_quantity", "is empty"),
        ({"bundle_quantity": "\uff11\uff10\uff10\uff10"}, "bundle_quantity", "no whole number"),
        ({"face_value": "0"}, "face_value", "no whole number above 0"),
        ({"face_value": "0.5"}, "face_value", "no whole number"),
        ({"face_value": "9" * 40}, "bundle_quantity", "split the line"),
        (
            {"certificate_bundle_id_range_start": "5", "certificate_bundle_id_range_end": "4"},
            "bundle_quantity",
            "number of serials",
        ),
        (
            {"certificate_bundle_id_range_start": "1" * 41},
            "certificate_bundle_id_range_start",
            "more than 40 digits",
        ),
        (
            {"certificate_bundle_id_range_end": "A9"},
            "certificate_bundle_id_range_end",
            "no serial number",
        ),
        ({"energy_carrier": "hydrogen"}, "energy_carrier", "not electricity"),
        ({"is_storage": "TRUE"}, "storage_efficiency_factor", "losses stated as an efficiency"),
        (
            {"is_storage": "TRUE", "storage_efficiency_factor": "1.2"},
            "storage_efficiency_factor",
            "no share above 0 and up to 1",
        ),
        (
            {"is_storage": "TRUE", "storage_efficiency_factor": "0.000"},
            "storage_efficiency_factor",
            "no share above 0 and up to 1",
        ),
        (
            {"is_storage": "TRUE", "storage_efficiency_factor": "85%"},
            "storage_efficiency_factor",
            "such as 0.85",
        ),
        ({"is_storage": "perhaps"}, "is_storage", "neither TRUE nor FALSE"),
        (
            {"issuance_post_energy_carrier_conversion": "maybe"},
            "issuance_post_energy_carrier_conversion",
            "neither TRUE nor FALSE",
        ),
        ({"issuance_id": ""}, "issuance_id", "is empty"),
        ({"issuance_id": "x" * 101}, "issuance_id", "more than 100"),
        ({"issuing_body": "a\x07b"}, "issuing_body", "no text"),
        ({"issuing_body": "b" * 201}, "issuing_body", "more than 200"),
        ({"production_ending_interval": ""}, "production_ending_interval", "is empty"),
        (
            {"production_starting_interval": "yesterday 12:00 2018"},
            "production_starting_interval",
            "is no time",
        ),
        (
            {"production_ending_interval": "2018-01-01T02:00:00Z"},
            "production_starting_interval",
            "lasts 120 minutes",
        ),
        (
            {"production_ending_interval": "2018-01-01T00:00:00Z"},
            "production_starting_interval",
            "lasts 0 minutes",
        ),
        (
            {
                "production_starting_interval": "2018-01-01T00:10:00Z",
                "production_ending_interval": "2018-01-01T00:40:00Z",
            },
            "production_starting_interval",
            "straddle two intervals",
        ),
        ({"expiry_datestamp": "soon"}, "expiry_datestamp", "four digits"),
        ({"expiry_datestamp": "01.02.27 10:00"}, "expiry_datestamp", "four digits"),
    ],
)
def test_a_bad_value_is_named_with_line_column_and_reason(change, field, words):
    found = one(change, dates="dmy", clock="utc", factors="file")
    assert [(line, name) for line, name, _ in found] == [(2, field)]
    assert words in found[0][2]


def test_an_hour_that_the_clock_skipped_or_showed_twice_is_refused():
    skipped = {
        "production_starting_interval": "2018-03-25T01:00",
        "production_ending_interval": "2018-03-25T02:00",
    }
    assert "skipped" in one(skipped, clock="local")[0][2]
    twice = {
        "production_starting_interval": "2018-10-28T01:00",
        "production_ending_interval": "2018-10-28T01:30",
    }
    assert "showed twice" in one(twice, clock="local")[0][2]


def test_a_local_time_without_a_zone_is_refused():
    bare = {
        "production_starting_interval": "2018-03-25T01:00",
        "production_ending_interval": "2018-03-25T02:00",
        "local_timezone": "",
    }
    assert "names no zone" in one(bare, clock="local")[0][2]
    assert text_of(one(bare, clock="utc").start) == "2018-03-25T01:00Z"


@pytest.mark.parametrize(
    ("text", "micrograms"),
    [
        ("11.5", 11_500),
        ("0", 0),
        ("11.5 kg/MWh", 11_500),
        ("0.0115 t/MWh", 11_500),
        ("11.5 gCO2e/kWh", 11_500),
        ("11500 mg/kWh", 11_500),
        ("0.00001", 1),
        ("498.7 lb/MWh", 226_207),
    ],
)
def test_emission_factors_are_whole_micrograms_rounded_up(text, micrograms):
    line = one({"emissions_factor_production_device": text}, factors="file")
    assert line.factor_ug_per_wh == micrograms


@pytest.mark.parametrize(
    ("text", "words"),
    [("-1", "below zero"), ("5001", "check the unit"), ("11,5", "comma"), ("1 g/mile", "unit not")],
)
def test_an_emission_factor_that_cannot_be_is_refused(text, words):
    found = one({"emissions_factor_production_device": text}, factors="file")
    assert words in found[0][2]


def test_what_stated_factors_count_is_asked():
    with pytest.raises(ChoiceNeeded, match="lifecycle") as caught:
        one({"emissions_factor_production_device": "0"})
    assert caught.value.choice == "factors"


def test_columns_may_come_in_any_order_with_any_delimiter():
    names = list(reversed(COLUMNS))
    text = gc_csv({}).getvalue().decode().splitlines()[1].split(",")
    swapped = ";".join(names) + "\n" + ";".join(reversed(text)) + "\n"
    read = read_file(io.BytesIO(swapped.encode()), {})
    assert read.lines == read_file(gc_csv({}), {}).lines


def test_a_certificate_of_a_megawatt_hour_counts_as_one():
    line = one(
        {
            "bundle_quantity": "2",
            "certificate_bundle_id_range_start": "9" * 30 + "0",
            "certificate_bundle_id_range_end": "9" * 30 + "1",
            "face_value": "1000000",
        }
    )
    assert line.amount_wh == 2_000_000


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", ColumnsMissing, "names no column"),
        (b"a,b\n1,2\n", ColumnsMissing, "issuance_id, bundle_quantity"),
        (gc_csv({}).getvalue().split(b"\n")[0], ImportRefused, "no line of certificates"),
        (b"\xff\xfe" + gc_csv({}).getvalue(), WrongEncoding, "not UTF-8"),
        (gc_csv({}).getvalue() + b"\0", WrongFormat, "zero byte"),
        (gc_csv({}).getvalue() + b"," * 90_000, ImportRefused, "90,001 values"),
        (
            gc_csv({}).getvalue().replace(b"face_value", b"issuance_id", 1),
            ColumnsMissing,
            "face_value",
        ),
        (
            gc_csv({}).getvalue().replace(b"issuing_body", b"issuance_id", 1),
            ImportRefused,
            "issuance_id twice",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content, error, words):
    with pytest.raises(error, match=words):
        read_file(io.BytesIO(content), {})


def test_a_file_that_is_too_long_is_refused():
    head, line, _ = gc_csv({}).getvalue().split(b"\n")
    with pytest.raises(ImportRefused, match="50,000 lines"):
        read_file(io.BytesIO(head + b"\n" + (line + b"\n") * (MOST_LINES + 1)), {})


@pytest.mark.parametrize("given", [{"dates": "ymd"}, {"clock": "mine"}, {"colour": "green"}])
def test_a_choice_that_is_none_is_refused(given):
    with pytest.raises(ChoiceRefused):
        read_file(gc_csv({}), given)


@given(st.text(max_size=40), st.sampled_from(COLUMNS))
def test_whatever_stands_in_a_column_the_line_is_read_or_its_reason_told(text, column):
    value = '"' + text.replace('"', "").replace("\0", "").replace("\r", "") + '"'
    content = gc_csv({column: value}).getvalue()
    try:
        read = read_file(io.BytesIO(content), {"dates": "dmy", "clock": "local", "factors": "file"})
    except (ImportRefused, WrongFormat, ChoiceRefused):
        return
    assert bool(read.lines) != bool(read.problems)


@given(st.integers(0, 10**39), st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_energy_is_the_number_of_serials_times_their_value(first, count, face):
    (line,) = read_file(
        gc_csv(
            {
                "bundle_quantity": str(count),
                "certificate_bundle_id_range_start": str(first),
                "certificate_bundle_id_range_end": str(first + count - 1),
                "face_value": str(face),
            }
        ),
        {},
    ).lines
    assert line.amount_wh == (line.last_serial - line.first_serial + 1) * face


def test_what_storage_gave_back_comes_in_with_its_efficiency_and_its_plant_s_source():
    (line,) = read_file(
        gc_csv({"is_storage": "true", "storage_efficiency_factor": "0.85"}), {}
    ).lines
    assert (line.is_stored, line.is_converted, line.energy_source) == (True, False, "wind")
    assert line.facts["storage_efficiency_factor"] == "0.85"


def test_what_was_converted_comes_in_and_says_so():
    (line,) = read_file(gc_csv({"issuance_post_energy_carrier_conversion": "TRUE"}), {}).lines
    assert (line.is_stored, line.is_converted) == (False, True)


def test_an_efficiency_without_storage_is_no_fact_of_the_line():
    (line,) = read_file(gc_csv({"storage_efficiency_factor": "1"}), {}).lines
    assert "storage_efficiency_factor" not in line.facts
