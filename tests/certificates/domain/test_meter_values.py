"""Energy and time from text, exactly."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.meter_values import EPOCH, Unreadable, energy, minute, minute_of

decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=9, allow_nan=False)


@given(decimals)
def test_whole_wh_and_remainder_are_the_value_again(value):
    wh, remainder = energy(f"{value:f}", "kwh")
    assert 0 <= remainder < 1_000_000
    assert Fraction(wh) + Fraction(remainder, 1_000_000) == Fraction(value) * 1000


@given(decimals)
def test_the_quick_and_the_careful_way_agree(value):
    assert energy(f"{value:f}", "kwh") == energy(f"{value:.30e}"[:40], "kwh")


@given(st.integers(-(10**12), 10**12), st.integers(1, 9))
def test_digits_finer_than_a_millionth_of_a_wh_round_down(uwh, beyond):
    text = f"{'-' if uwh < 0 else ''}{abs(uwh) // 10**9}.{abs(uwh) % 10**9:09d}"
    wh, remainder = energy(f"{text}{beyond}", "kwh")
    assert wh * 1_000_000 + remainder == (uwh - 1 if text.startswith("-") else uwh)


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("2004.46", "kwh", (2_004_460, 0)),
        ("-0.0005", "kwh", (-1, 500_000)),
        ("1.5", "mwh", (1_500_000, 0)),
        ("7", "wh", (7, 0)),
        ("1e-3", "kwh", (1, 0)),
        (".5", "kwh", (500, 0)),
        ("-0", "kwh", (0, 0)),
    ],
)
def test_known_amounts(text, unit, expected):
    assert energy(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("12,5", "separator"),
        ("1.234,5", "separator"),
        ("1_000", "separator"),
        ("abc", "no number"),
        ("NaN", "no number"),
        ("inf", "no number"),
        ("999999999999999", "check the unit"),
        ("1e400000", "check the unit"),
        ("0." + "1" * 60, "40 characters"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_hint(text, hint):
    with pytest.raises(Unreadable, match=hint):
        energy(text, "kwh")


@given(st.integers(0, 10**8), st.integers(-14, 14))
def test_any_offset_gives_the_same_minute(minutes, offset):
    moment = EPOCH + timedelta(minutes=minutes)
    shifted = (moment + timedelta(hours=offset)).strftime("%Y-%m-%dT%H:%M:%S")
    sign = "-" if offset < 0 else "+"
    assert minute(f"{shifted}{sign}{abs(offset):02}:00", is_utc=False) == minutes


def test_a_column_named_utc_needs_no_offset():
    assert minute("2018-01-01 00:00", is_utc=True) == minute_of(datetime(2018, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2018-01-01T00:00", "zone"),
        ("2018-01-01", "without a time"),
        ("01/02/2018 10:00", "no time"),
        ("2018-02-30T00:00Z", "no time"),
        ("2018-01-01T00:00:30Z", "whole minute"),
        ("", "no time"),
    ],
)
def test_what_is_no_start_is_refused_with_a_hint(text, hint):
    with pytest.raises(Unreadable, match=hint):
        minute(text, is_utc=False)
