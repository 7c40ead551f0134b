"""JSON with exact numbers: what comes in goes out."""

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.ocpi.document import (
    MAX_BYTES,
    content_hash,
    read,
    read_object,
    read_sent,
    write,
)
from charging.domain.ocpi.values import is_instant, read_instant, wh_of, write_instant
from charging.errors import UnreadableDocument

numbers = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=12
)
documents = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(documents)
def test_what_is_written_is_read_again(value):
    assert read(write(value)) == value


@given(documents)
def test_what_is_written_is_json_to_anyone(value):
    json.loads(write(value))


@pytest.mark.parametrize("digits", ["2.00", "0.1", "41.12", "1", "0", "-3.50", "0.0001"])
def test_digits_stay_as_they_were(digits):
    assert write(read(digits.encode())).decode() == digits


def test_what_a_document_says_counts_and_how_it_is_written_does_not():
    one = read(b'{"a": 2.0, "b": [1, "x"]}')
    same = read(b'{"b":[1.00,"x"],"a":2}')
    assert content_hash(one) == content_hash(same)
    assert content_hash(one) != content_hash(read(b'{"a": 2.01, "b": [1, "x"]}'))
    assert content_hash(read(b'{"a": 1}')) != content_hash(read(b'{"a": "1"}'))
    assert content_hash(read(b'{"a": 1}')) != content_hash(read(b'{"a": true}'))


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_read_or_be_refused(data):
    with suppress(UnreadableDocument):
        read(data)


@pytest.mark.parametrize(
    "data", [b"1e400", b"1e-400", b"[" * 17, b" " * (MAX_BYTES + 1), b"-Infinity"]
)
def test_what_is_beyond_use_is_refused(data):
    with pytest.raises(UnreadableDocument):
        read(data)


@pytest.mark.parametrize(
    "text",
    [
        "2015-06-29T20:39:09Z",
        "2015-06-29T20:39:09",
        "2015-06-29T20:39:09.123Z",
        "2015-06-29T20:39:09.123456789",
    ],
)
def test_instants_of_the_standard_are_read(text):
    assert read_instant(text).year == 2015


@pytest.mark.parametrize(
    "text",
    ["2015-06-29T20:39:09+02:00", "2015-06-29", "2015-13-01T00:00:00Z", "1969-12-31T23:59:59Z",
     "2015-06-29T24:00:00Z", "2015-06-29T20:39:60Z", "", "٢٠١٥-06-29T20:39:09Z"],
)  # fmt: skip
def test_other_instants_are_not(text):
    assert not is_instant(text)


@given(st.datetimes(min_value=read_instant("1970-01-01T00:00:00Z").replace(tzinfo=None)))
def test_an_instant_is_read_as_it_was_written(moment):
    aware = moment.replace(tzinfo=read_instant("1970-01-01T00:00:00Z").tzinfo)
    assert read_instant(write_instant(aware)) == aware


@given(numbers)
def test_wh_are_rounded_up_by_less_than_one(kwh):
    assert 0 <= wh_of(kwh) - kwh * 1000 < 1
    assert isinstance(wh_of(Decimal("0.0001")), int)


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '{"b":[{"a":1,"c":2,"a":3}]}', '{"":1,"":2}'])
def test_a_field_that_stands_twice_is_refused_where_it_is_sent_and_named(text):
    with pytest.raises(UnreadableDocument, match="stands twice"):
        read_sent(text.encode())
    assert read_object(text.encode())  # what was kept before this rule can still be read


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=5))
def test_an_object_that_is_sent_is_read_like_any_other(value):
    data = json.dumps(value).encode()
    assert read_sent(data) == read_object(data) == value
