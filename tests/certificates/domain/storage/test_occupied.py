"""The record in the way is found as by looking at all of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.storage.occupied import Occupied

START = datetime(2018, 1, 1, tzinfo=UTC)
ways = st.sampled_from(["charge", "discharge"])


@dataclass(frozen=True)
class Row:
    direction: str
    starts_at: datetime
    ends_at: datetime


def span(one):
    return one.direction, one.starts_at, one.ends_at


def row(direction, begin, length):
    at = START + timedelta(minutes=begin)
    return Row(direction, at, at + timedelta(minutes=length))


@st.composite
def apart(draw):
    """Rows of which none of a direction overlaps another."""
    found = []
    for way in ("charge", "discharge"):
        at = 0
        for gap, length in draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)))):
            found.append(row(way, at + gap, length))
            at += gap + length
    return draw(st.permutations(found))


@given(rows=apart(), way=ways, begin=st.integers(0, 99), length=st.integers(1, 30))
def test_a_row_in_the_way_is_found_where_there_is_one(rows, way, begin, length):
    asked = row(way, begin, length)
    found = Occupied(rows, span).overlapping(way, asked.starts_at, asked.ends_at)
    every = [
        one
        for one in rows
        if one.direction == way and one.starts_at < asked.ends_at and asked.starts_at < one.ends_at
    ]
    assert found == max(every, key=lambda one: one.starts_at, default=None)
