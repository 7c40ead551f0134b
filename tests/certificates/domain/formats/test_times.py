"""Times as files write them, and from the wall clock to UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.formats.times import DMY, MDY, YMD, Clock, order_of, text_of
from certificates.domain.formats.zones import (
    OK,
    SKIPPED_HOUR,
    UNCLEAR_HOUR,
    to_utc,
    zone_of,
)
from certificates.domain.meter_values import EPOCH, Unreadable, minute

ZONES = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
]
minutes = st.integers(0, 4 * 10**7)


def wall(text: str) -> int:
    return minute(text, is_utc=True)


@pytest.mark.parametrize(
    ("order", "text", "expected", "is_utc"),
    [
        (YMD, "2018-01-31T12:00:00Z", "2018-01-31T12:00Z", True),
        (YMD, "2018-01-31 12:00", "2018-01-31T12:00Z", False),
        (YMD, "2018-01-31 12:00:00.000", "2018-01-31T12:00Z", False),
        (YMD, "2018/01/31 12:00 +01:00", "2018-01-31T11:00Z", True),
        (YMD, "2018-01-31 24:00", "2018-02-01T00:00Z", False),
        (YMD, "201801311200", "2018-01-31T12:00Z", False),
        (YMD, "20180131T1200Z", "2018-01-31T12:00Z", True),
        (YMD, "1517400000", "2018-01-31T12:00Z", True),
        (YMD, "1517400000000", "2018-01-31T12:00Z", True),
        (DMY, "31.01.2018 12:00", "2018-01-31T12:00Z", False),
        (DMY, "3/2/2018 1:00 PM", "2018-02-03T13:00Z", False),
        (DMY, "31-Jan-2018 12:00", "2018-01-31T12:00Z", False),
        (MDY, "1/31/18 12:00 AM", "2018-01-31T00:00Z", False),
    ],
)
def test_known_ways_to_write_a_time(order, text, expected, is_utc):
    at, fixed = Clock(order).read(text)
    assert (text_of(at), fixed) == (expected, is_utc)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2018-01-31", "a day without a time"),
        ("2018-02-30 12:00", "is no time"),
        ("2018-01-31 25:00", "is no time"),
        ("2018-01-31 12:60", "is no time"),
        ("2018-01-31 12:00:01", "whole minute"),
        ("soon", "is no time"),
        ("", "is no time"),
        ("13/13/2018 12:00", "is no time"),
        ("31-Foo-2018 12:00", "is no time"),
    ],
)
def test_what_is_no_time_is_refused_in_words(text, words):
    with pytest.raises(Unreadable, match=words):
        Clock().read(text)


@given(minutes, st.sampled_from([YMD, DMY, MDY]))
def test_any_minute_reads_back(at, order):
    moment = EPOCH + timedelta(minutes=at)
    form = {YMD: "%Y-%m-%d %H:%M", DMY: "%d.%m.%Y %H:%M", MDY: "%m/%d/%Y %I:%M %p"}[order]
    assert Clock(order).read(moment.strftime(form)) == (at, False)


@given(st.text(max_size=40), st.sampled_from([YMD, DMY, MDY]))
def test_any_text_is_read_or_refused(text, order):
    try:
        at, _ = Clock(order).read(text)
    except Unreadable:
        return
    assert isinstance(at, int)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["13.01.2018 00:00", "14.01.2018 00:00"], (DMY, True)),
        (["01/13/2018 00:00"], (MDY, True)),
        (["2018-01-02 00:00"], (YMD, True)),
        (["01/01/2018", "02/01/2018", "03/01/2018"], (DMY, False)),
        (["01/01/2018", "01/02/2018", "01/03/2018"], (MDY, False)),
    ],
)
def test_the_order_of_a_date_is_proven_or_only_likely(texts, expected):
    assert order_of(texts) == expected


@given(
    st.sampled_from(ZONES),
    st.integers(0, 12_000),
    st.sampled_from([5, 15, 30, 60]),
    st.booleans(),
)
def test_labels_of_a_meter_on_the_wall_clock_become_its_utc_again(name, day, step, is_newest):
    zone = ZoneInfo(name)
    utc = np.arange(day * 1440, day * 1440 + 3 * 1440, step, np.int64)
    local = np.array([_label(at, zone) for at in utc.tolist()], np.int64)
    order = slice(None, None, -1 if is_newest else 1)
    found, state = to_utc(local[order], zone)
    assert (found == utc[order]).all()
    assert (state == OK).all()


def _label(at: int, zone: ZoneInfo) -> int:
    moment = datetime.fromtimestamp(at * 60, zone).replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(minutes=1)


def test_an_hour_that_never_was_is_told():
    local = np.array([wall("2018-03-25T00:30"), wall("2018-03-25T01:30")])
    _, state = to_utc(local, ZoneInfo("Europe/London"))
    assert state.tolist() == [OK, SKIPPED_HOUR]


def test_an_hour_that_was_twice_and_stands_once_is_told():
    local = np.array([wall("2018-10-28T00:30"), wall("2018-10-28T01:30")])
    _, state = to_utc(local, ZoneInfo("Europe/London"))
    assert state.tolist() == [OK, UNCLEAR_HOUR]


@pytest.mark.parametrize("name", ["UTC", "+10:00", "-05", "Europe/London"])
def test_zones_are_names_or_offsets(name):
    assert zone_of(name) is not None


@pytest.mark.parametrize("name", ["", "Nowhere", "+15:00", "../UTC", "europe/london\0"])
def test_what_is_no_zone_is_none(name):
    assert zone_of(name) is None
