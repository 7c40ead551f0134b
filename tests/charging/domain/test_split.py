"""A charge spread over intervals."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.split import split_evenly

STARTS = st.integers(1_500_000_000, 1_600_000_000)
DURATIONS = st.integers(1, 24 * 3600)
ENERGIES = st.integers(1, 200_000)
LENGTHS = st.sampled_from([900, 1800, 3600])


@given(STARTS, DURATIONS, ENERGIES, LENGTHS)
def test_nothing_is_lost_and_nothing_is_added(start, duration, energy, length):
    parts = split_evenly(start, start + duration, energy, length)
    assert sum(wh for _, wh in parts) == energy


@given(STARTS, DURATIONS, ENERGIES, LENGTHS)
def test_every_part_lies_in_an_interval_the_charge_touches(start, duration, energy, length):
    for interval, wh in split_evenly(start, start + duration, energy, length):
        assert wh > 0
        assert interval % length == 0
        assert interval < start + duration
        assert interval + length > start


@given(STARTS, DURATIONS, ENERGIES, LENGTHS)
def test_no_part_is_a_whole_wh_away_from_its_share_of_the_time(start, duration, energy, length):
    parts = dict(split_evenly(start, start + duration, energy, length))
    for interval in range(start - start % length, start + duration, length):
        seconds = min(start + duration, interval + length) - max(start, interval)
        assert abs(parts.get(interval, 0) * duration - energy * seconds) < duration


def test_a_tie_goes_to_the_earlier_interval():
    assert split_evenly(1800, 5400, 3) == [(0, 2), (3600, 1)]


def test_a_charge_across_a_clock_change_is_spread_over_real_hours():
    london = ZoneInfo("Europe/London")
    start = datetime(2018, 10, 28, 0, 30, tzinfo=london)  # summer time
    end = datetime(2018, 10, 28, 2, 0, tzinfo=london)  # winter time: two and a half hours later
    parts = split_evenly(int(start.timestamp()), int(end.timestamp()), 10_000)
    hours = [datetime.fromtimestamp(interval, UTC).hour for interval, _ in parts]
    assert hours == [23, 0, 1]
    assert [wh for _, wh in parts] == [2_000, 4_000, 4_000]


@pytest.mark.parametrize(("start", "end", "energy"), [(0, 0, 1), (10, 5, 1), (0, 10, 0)])
def test_a_charge_that_is_none_is_refused(start, end, energy):
    with pytest.raises(ValueError, match="takes energy"):
        split_evenly(start, end, energy)
