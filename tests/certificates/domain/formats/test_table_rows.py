"""Lines that are taken together come to what each comes to by itself."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.formats import header
from certificates.domain.formats.choices import STATED, Choice, Choices
from certificates.domain.formats.numbers import plain_reader, reader
from certificates.domain.formats.series import Series
from certificates.domain.formats.table_rows import Taking
from certificates.domain.meter_values import Unreadable

NAMES = ["start_utc", "plant", "energy", "observed"]
NUMBERS = st.one_of(
    st.decimals(min_value=-(10**6), max_value=10**6, places=3).map(str),
    st.decimals(min_value=0, max_value=10**13, places=18).map(str),
    st.from_regex(r"[-+]?[0-9]{0,17}[.,]?[0-9]{0,30}", fullmatch=True),
    st.sampled_from(["", " 7 ", "1\n2", "1,5", "-0.5", "-0", "1e3", "NaN", "1_0", "٣", "9" * 15]),
)
TIMES = st.one_of(
    st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M}"),
    st.datetimes().map(lambda at: f"{at:%Y-%m-%d %H:%M}Z"),
    st.sampled_from(["", "2018-01-31", "2018-01-31T12:00:01Z", "1517400000", "yesterday"]),
)
ROWS = st.lists(
    st.one_of(
        st.tuples(TIMES, st.sampled_from(["A", " B ", ""]), NUMBERS, st.sampled_from("1 0x")),
        st.tuples(st.just("2018-01-31T12:00Z"), st.just("A"), NUMBERS, st.just("1")),
        st.lists(NUMBERS, max_size=6).map(tuple),
    ).map(list),
    max_size=12,
)


def taking(zone="UTC", unit="kwh", decimal=".", device="plant", counter="interval"):
    made = {"zone": zone, "unit": unit, "decimal": decimal, "device": device, "dates": "ymd"}
    made["counter"] = counter
    choices = Choices({name: Choice(value, STATED, "") for name, value in made.items()})
    columns = header.find_columns(NAMES, {"start": "start_utc", "energy": "energy"})
    series = Series("start", "energy", is_count=counter == "cumulative")
    return Taking(NAMES, columns, series, choices)


@given(
    rows=ROWS,
    before=ROWS,
    zone=st.sampled_from(["UTC", "", "Europe/Berlin"]),
    decimal=st.sampled_from([".", ","]),
    unit=st.sampled_from(["wh", "kwh", "mw"]),
    device=st.sampled_from(["plant", ""]),
    counter=st.sampled_from(["interval", "cumulative"]),
)
def test_lines_taken_together_are_what_each_is_by_itself(rows, before, **choices):
    together, apart = taking(**choices), taking(**choices)
    for piece in (before, rows):
        numbered = list(enumerate(piece, start=2))
        together.rows(numbered)
        for line, row in numbered:
            apart.row(line, row)
    for field in fields(Series):
        assert getattr(together.series, field.name) == getattr(apart.series, field.name)
    assert together.is_fixed is apart.is_fixed


def test_plain_lines_are_taken_without_looking_at_each(monkeypatch):
    taken = taking()
    monkeypatch.setattr(Taking, "row", None)
    taken.rows([(line, ["2018-01-31T12:00Z", "A", "1.5", "1"]) for line in (2, 3)])
    assert list(taken.series.amount) == [1_500_000_000] * 2


@given(texts=st.lists(NUMBERS, min_size=1, max_size=6), decimal=st.sampled_from([".", ","]))
def test_plain_numbers_are_read_as_one_by_one(texts, decimal):
    many = plain_reader("kwh", decimal)(texts)
    if many is not None:
        assert many == [reader("kwh", decimal)(text) for text in texts]


@pytest.mark.parametrize("text", ["9000000000000.000001", "10000000000000", "-9000000000001"])
def test_more_than_any_plant_makes_is_not_plain(text):
    assert plain_reader("wh", ".")(["1", text]) is None
    with pytest.raises(Unreadable):
        reader("wh", ".")("10000000000000")
