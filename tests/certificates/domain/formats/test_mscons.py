"""MSCONS: its marks, zones, channels and qualifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.meter_lines import CALCULATED, ESTIMATED, MEASURED
from certificates.errors import MeterFileRefused
from tests.certificates.domain.formats.making import (
    basis,
    built,
    is_complete,
    mscons,
    reading,
    total_wh,
)


@pytest.mark.parametrize(
    ("una", "values"),
    [
        ("UNA:+,? '", ("0,25", "1,5", "3")),
        ("UNA:+.? '", ("0.25", "1.5", "3")),
        ("", ("0.25", "1.5", "3")),
    ],
)
def test_the_first_segment_sets_the_decimal_sign(una, values):
    assert total_wh(built(mscons(*values, una=una))) == (4750, 0)


def test_a_plus_that_is_no_mark_is_an_offset():
    lines = built(mscons("1", "2", zone="?+01")).lines
    assert lines.minute[0] % 1440 == 23 * 60
    assert list(lines.minute[1:]) == [lines.minute[0] + 15]


def test_times_without_an_offset_have_a_zone_to_check():
    read = reading(mscons("1", zone=""))
    assert basis(read, "zone") == ("Europe/Berlin", "guessed")


@pytest.mark.parametrize(
    ("obis", "direction"),
    [("1-1?:1.29.0", "import"), ("1-1?:2.29.0", "export"), ("1-1?:3.29.0", "other")],
)
def test_the_obis_number_says_the_direction(obis, direction):
    (register,) = reading(mscons("1", obis=obis)).series.registers
    assert register.direction == direction


@pytest.mark.parametrize(
    ("qualifier", "quality"),
    [("220", MEASURED), ("67", CALCULATED), ("201", ESTIMATED)],
)
def test_the_qualifier_says_the_quality(qualifier, quality):
    assert list(built(mscons("1", qualifier=qualifier)).lines.quality) == [quality]


def test_a_value_that_must_not_be_used_is_left_out_and_counted():
    assert built(mscons("1", qualifier="20")).lines.unobserved == 1


def test_an_unknown_qualifier_and_another_unit_are_named():
    for text, words in ((mscons("1", qualifier="999"), "999"), (mscons("1:K3"), "not in kWh")):
        (problem,) = built(text).lines.problems
        assert words in problem.reason


def test_an_interval_of_sixteen_minutes_is_named_and_the_others_are_taken():
    text = mscons(*["1"] * 40).replace("202203010030", "202203010031")
    one = built(text)
    assert [problem.reason[:16] for problem in one.lines.problems] == [
        "lasts 16 minutes",
        "lasts 14 minutes",
    ]
    assert (len(one.lines.raw), one.lines.length) == (38, 15)
    assert is_complete(one)


def test_a_month_with_the_spring_change_has_four_quarters_less():
    assert len(built(mscons(*["1"] * 2_972)).lines.raw) == 31 * 96 - 4


@pytest.mark.parametrize("text", [mscons("1", "2")[:-30], "UNA", "UNA:+", "UNA:::::::::", "UNB+?"])
def test_a_message_that_is_cut_off_is_refused(text):
    with pytest.raises(MeterFileRefused, match=r"EDIFACT|no quantities"):
        reading(text)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
def test_the_total_is_the_sum_of_the_values(values):
    texts = [f"{value // 1000},{value % 1000:03}" for value in values]
    one = built(mscons(*texts))
    assert total_wh(one) == (sum(values), 0)
    assert is_complete(one)
