"""What is written for PostgreSQL's binary COPY reads back as what was given."""

import struct
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.models.binary_copy import rows_of

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
READERS = {
    "int2": lambda data: struct.unpack(">h", data)[0],
    "int4": lambda data: struct.unpack(">i", data)[0],
    "int8": lambda data: struct.unpack(">q", data)[0],
    "bool": lambda data: bool(data[0]),
    "text": lambda data: data.decode(),
    "bytea": lambda data: data,
    "jsonb": lambda data: data[1:].decode(),
    "timestamptz": lambda data: EPOCH + timedelta(microseconds=struct.unpack(">q", data)[0]),
}


def signed(bits: int):
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


VALUES = {
    "int2": signed(16),
    "int4": signed(32),
    "int8": signed(64),
    "bool": st.booleans(),
    "text": st.text(st.characters(codec="utf-8"), max_size=6),
    "bytea": st.binary(max_size=6),
    "jsonb": st.text(st.characters(codec="utf-8"), max_size=6),
    "timestamptz": st.datetimes(timezones=st.just(UTC)),
}


def read(kinds: list[str], data: bytes) -> list[tuple]:
    """The rows, by the letter of the format."""
    rows, at = [], 0
    while at < len(data):
        assert struct.unpack_from(">h", data, at) == (len(kinds),)
        at, row = at + 2, []
        for kind in kinds:
            (length,) = struct.unpack_from(">i", data, at)
            at += 4
            row.append(None if length == -1 else READERS[kind](data[at : at + max(length, 0)]))
            at += max(length, 0)
        rows.append(tuple(row))
    return rows


@st.composite
def tables(draw):
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5))
    row = st.tuples(*(st.none() | VALUES[kind] for kind in kinds))
    return kinds, draw(st.lists(row, max_size=12))


@given(tables())
def test_rows_read_back_in_their_order(table):
    kinds, rows = table
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in kinds]
    assert read(kinds, rows_of(kinds, columns, len(rows))) == rows


@given(st.lists(signed(64), min_size=1, max_size=5))
def test_arrays_are_written_as_lists_are(numbers):
    of_list = rows_of(["int8"], [numbers], len(numbers))
    assert rows_of(["int8"], [np.array(numbers, np.int64)], len(numbers)) == of_list


def test_an_array_of_instants_is_in_utc():
    data = rows_of(["timestamptz"], [np.array([0, 25_772_400]).astype("datetime64[m]")], 2)
    times = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, 12, tzinfo=UTC)]
    assert read(["timestamptz"], data) == [(at,) for at in times]


@pytest.mark.parametrize(
    ("kind", "number"),
    [("int2", 2**15), ("int2", -(2**15) - 1), ("int4", 2**31), ("int8", 2**63)],
)
def test_a_number_that_does_not_fit_is_refused(kind, number):
    with pytest.raises(OverflowError):
        rows_of([kind], [[1, number]], 2)


def test_columns_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="1 values for 2 rows"):
        rows_of(["int8", "int8"], [[1, 2], [1]], 2)
