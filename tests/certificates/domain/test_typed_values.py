"""Typed values become a meter file that says exactly what was typed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.typed_values import TypedValue, as_file
from certificates.errors import ValueRefused

START = datetime(2018, 1, 1, tzinfo=UTC)


def typed(*texts, version=1):
    return [TypedValue(START + timedelta(hours=n), version, t) for n, t in enumerate(texts)]


@given(st.lists(st.decimals(-(10**6), 10**6, places=6), min_size=1, max_size=24))
def test_every_value_is_there_in_full(values):
    lines = as_file(typed(*map(str, values))).splitlines()[1:]
    assert [Decimal(line.split(",")[1]) for line in lines] == values
    assert [line.split(",")[0] for line in lines] == [
        f"{START + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(len(values))
    ]


def test_empty_fields_state_nothing():
    assert as_file(typed("", " ", "3")).splitlines()[1:] == ["2018-01-01T02:00:00Z,3,1"]


def test_a_second_click_is_the_same_file_and_a_later_correction_another():
    assert as_file(typed("3")) == as_file(typed("3"))
    assert as_file(typed("3", version=2)) != as_file(typed("3"))


@pytest.mark.parametrize(
    "text", ["many", "1,5", "1.5 kWh", "NaN", "Infinity", "1e", "=1+1", "٣", "9" * 31]
)
def test_what_is_no_amount_is_refused_with_its_place(text):
    with pytest.raises(ValueRefused, match="is no amount in kWh") as caught:
        as_file(typed("", text))
    assert caught.value.place == 1


def test_nothing_typed_is_refused():
    with pytest.raises(ValueRefused, match="at least one"):
        as_file(typed("", ""))
