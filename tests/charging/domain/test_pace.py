"""A burst is told from the daily trickle, sender by sender."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.pace import MOST_SENDERS, WINDOW, Pace

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """Seconds that pass when a test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


def test_what_a_second_brings_beyond_its_measure_is_a_burst():
    pace = Pace(at_once=3)
    assert [pace.is_burst("a", NOW) for _ in range(5)] == [False] * 3 + [True] * 2
    assert not pace.is_burst("b", NOW)
    assert not pace.is_burst("a", NOW + WINDOW)


def test_a_clock_that_is_set_back_starts_a_new_second():
    pace = Pace(at_once=1)
    assert [pace.is_burst("a", NOW), pace.is_burst("a", NOW)] == [False, True]
    assert not pace.is_burst("a", NOW - timedelta(days=1))


def test_a_burst_that_a_slow_machine_stretches_is_told_by_the_work_it_makes():
    pace, clock = Pace(at_once=50, share=timedelta(seconds=0.3)), Clock()
    told = []
    for _ in range(300):
        with pace.turn("a", clock.now, clock) as in_burst:
            clock.seconds += 0.002 if in_burst else 0.08
            told.append(in_burst)
    assert told[:5] == [False] * 4 + [True]
    assert told.count(False) < 10


@given(st.floats(0.001, 30), st.floats(0, 5))
def test_what_is_worked_at_once_leaves_most_of_the_time_to_what_is_only_kept(takes, pause):
    pace, clock = Pace(at_once=50), Clock()
    worked = 0.0
    for _ in range(200):
        with pace.turn("a", clock.now, clock) as in_burst:
            clock.seconds += 0.002 if in_burst else takes
            worked += 0 if in_burst else takes
        clock.seconds += pause
    assert worked <= max(clock.seconds, 1) * 2 / 3 + 2 * takes + 0.6


def test_of_a_sender_that_does_not_wait_one_is_worked_on_at_a_time():
    pace, clock = Pace(at_once=50), Clock()
    with (
        pace.turn("a", NOW, clock) as first,
        pace.turn("a", NOW, clock) as second,
        pace.turn("b", NOW, clock) as other,
    ):
        assert (first, second, other) == (False, True, False)
    with pytest.raises(ValueError), pace.turn("a", NOW, clock):
        raise ValueError
    with pace.turn("a", NOW, clock) as after:
        assert not after


def test_work_is_asked_for_once_a_second():
    pace = Pace(at_once=1)
    moments = [NOW + timedelta(milliseconds=ms) for ms in (0, 500, 999, 1000, 1500, 2000)]
    assert [pace.is_time("a", at) for at in moments] == [True, False, False, True, False, True]
    assert pace.is_time("b", NOW)


def test_after_asking_in_vain_it_is_asked_again_half_a_minute_later():
    pace = Pace(at_once=1)
    assert pace.is_time("a", NOW)
    pace.was_in_vain("a", NOW)
    moments = [NOW + timedelta(seconds=s) for s in (1, 29, 30, 30.5, 31)]
    assert [pace.is_time("a", at) for at in moments] == [False, False, True, False, True]
    assert pace.is_time("a", NOW - timedelta(days=1))


def test_more_senders_than_anyone_has_are_forgotten_not_kept():
    pace = Pace(at_once=1)
    for sender in range(3 * MOST_SENDERS):
        assert not pace.is_burst(sender, NOW)
    assert len(pace._windows) <= MOST_SENDERS + 1


@given(st.lists(st.integers(0, 5_000), max_size=60), st.integers(0, 5))
def test_never_more_than_its_measure_is_worked_on_in_a_second(offsets, at_once):
    pace = Pace(at_once=at_once)
    taken = [
        ms for ms in sorted(offsets) if not pace.is_burst("a", NOW + timedelta(milliseconds=ms))
    ]
    # A second that starts anywhere touches two of the pace's own at most.
    assert all(sum(start <= ms < start + 1000 for ms in taken) <= 2 * at_once for start in taken)
