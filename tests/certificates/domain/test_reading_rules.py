"""Which lines become readings, wait for review or are refused."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.meter_file import parse
from certificates.domain.reading_rules import (
    ACCEPTED,
    DUPLICATE,
    HELD,
    REJECTED,
    Judge,
    Known,
    infer_length,
)
from certificates.errors import IntervalUnknown

FAR = 10**9
NOTHING = Known(*(np.empty(0, np.int64) for _ in range(4)))


def known(*rows: tuple[int, int, int]) -> Known:
    table = np.array([(at, length, wh, 0) for at, length, wh in rows], np.int64).reshape(-1, 4)
    return Known(*table.T)


def judge(*rows, length=60, capacity_w=2_000_000, now_minute=FAR, before=NOTHING):
    """Rows are (minute of 1970, kWh as text)."""
    text = "".join(f"1970-01-01T{at // 60:02}:{at % 60:02}Z,{kwh}\n" for at, kwh in rows)
    lines = parse(io.BytesIO(f"start_utc,kwh\n{text}".encode()), {})
    return Judge(lines, length).judge(capacity_w=capacity_w, now_minute=now_minute, known=before)


def statuses(verdicts) -> list[int]:
    return verdicts.status.tolist()


@pytest.mark.parametrize("length", [15, 30, 60])
def test_the_commonest_step_is_the_length(length):
    minutes = np.array([0, length, 2 * length, 50 * length], np.int64)
    assert infer_length(minutes, None) == length


def test_one_line_takes_the_device_s_usual_length():
    assert infer_length(np.array([0]), 30) == 30
    with pytest.raises(IntervalUnknown, match="at least two"):
        infer_length(np.array([0]), None)


def test_five_minutes_are_refused():
    with pytest.raises(IntervalUnknown, match="5 minutes apart"):
        infer_length(np.array([0, 5, 10]), None)


def test_negative_energy_is_accepted():
    assert statuses(judge((0, "-1.5"), (60, "3"))) == [ACCEPTED, ACCEPTED]


def test_an_interval_that_is_not_over_is_refused():
    assert statuses(judge((0, "1"), (60, "1"), now_minute=119)) == [ACCEPTED, REJECTED]
    assert statuses(judge((0, "1"), (60, "1"), now_minute=120)) == [ACCEPTED, ACCEPTED]


def test_the_same_line_twice_is_a_duplicate():
    verdicts = judge((0, "1"), (60, "2"), (0, "1"))
    assert statuses(verdicts) == [ACCEPTED, ACCEPTED, DUPLICATE]
    assert verdicts.problems == []


def test_two_values_for_one_interval_hold_the_first_and_refuse_the_second():
    verdicts = judge((0, "1"), (60, "2"), (0, "1.1"))
    assert statuses(verdicts) == [HELD, ACCEPTED, REJECTED]
    assert [problem.line for problem in verdicts.problems] == [2, 4]
    assert "line 2" in verdicts.problems[1].reason


def test_an_overlapping_interval_off_the_grid_is_refused():
    assert statuses(judge((0, "1"), (30, "1"), (60, "1"))) == [ACCEPTED, REJECTED, ACCEPTED]


def test_an_interval_off_the_grid_that_overlaps_nothing_is_held():
    verdicts = judge((0, "1"), (90, "1"))
    assert statuses(verdicts) == [ACCEPTED, HELD]
    assert "not on a whole 60 minutes" in verdicts.reasons[1]


def test_more_than_the_capacity_is_held_beyond_five_percent():
    assert statuses(judge((0, "2100"), (60, "2100.001"))) == [ACCEPTED, HELD]


def test_a_quarter_hour_may_hold_a_quarter_of_the_capacity():
    assert statuses(judge((0, "525"), (15, "525.001"), length=15)) == [ACCEPTED, HELD]


def test_a_known_reading_is_the_same_or_a_correction_but_never_overwritten():
    verdicts = judge((0, "1"), (60, "2"), (120, "3"), before=known((0, 60, 1000), (60, 60, 1999)))
    assert statuses(verdicts) == [DUPLICATE, ACCEPTED, ACCEPTED]
    assert verdicts.same == 1
    assert verdicts.corrects.tolist() == [False, True, False]
    assert verdicts.before[1] == 1999


@pytest.mark.parametrize("before", [known((30, 30, 5)), known((0, 30, 5)), known((45, 60, 5))])
def test_an_interval_that_overlaps_a_known_one_is_refused(before):
    assert statuses(judge((0, "1"), (120, "1"), before=before)) == [REJECTED, ACCEPTED]


def test_neighbours_of_a_known_interval_are_accepted():
    verdicts = judge((0, "1"), (120, "1"), before=known((60, 60, 5)))
    assert statuses(verdicts) == [ACCEPTED, ACCEPTED]


rows = st.lists(
    st.tuples(st.integers(0, 95).map(lambda n: n * 15), st.integers(-5, 3000)),
    min_size=1,
    max_size=40,
)


@given(rows, rows)
def test_every_line_gets_one_verdict_and_what_is_kept_never_overlaps(lines, earlier):
    before = known(*sorted({at - at % 60: (at - at % 60, 60, wh) for at, wh in earlier}.values()))
    verdicts = judge(*((at, str(kwh)) for at, kwh in lines), before=before)
    kept = sorted(
        at
        for (at, _), status, corrects in zip(
            lines, statuses(verdicts), verdicts.corrects, strict=True
        )
        if status in (ACCEPTED, HELD) and not corrects
    )
    taken = sorted([*kept, *before.minute.tolist()])
    assert all(left + 60 <= right for left, right in itertools.pairwise(taken))
    noted = {problem.line for problem in verdicts.problems}
    bad = {n + 2 for n, status in enumerate(statuses(verdicts)) if status in (HELD, REJECTED)}
    assert noted == bad
