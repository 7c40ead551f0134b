"""Which periods a standing order runs for, and how much each takes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.standing_orders import Measure, Span, take

START = datetime(2018, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
instants = st.integers(0, 60 * 24 * 800).map(lambda n: START + timedelta(minutes=n))
held = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5_000)), max_size=30).map(
    lambda rows: [(START + n * QUARTER, wh) for n, wh in sorted(rows)]
)


@given(st.sampled_from(["day", "month"]), instants, instants)
def test_periods_follow_each_other_without_a_gap_until_the_end(every, one, two):
    begin, end = sorted([one, two])
    span, at, count = Span(every, begin, end), begin, 0
    while (period := span.period_at(at)) is not None:
        assert period[0] == at < period[1]
        at, count = period[1], count + 1
    assert at == end or begin == end
    days = (end - begin).days
    assert days - 1 <= count <= days + 2 if every == "day" else count <= days // 28 + 2


def test_a_month_is_the_calendars():
    span = Span("month", datetime(2017, 12, 15, tzinfo=UTC))
    first = span.period_at(span.starts_at)
    assert first == (span.starts_at, START)
    assert span.period_at(datetime(2018, 2, 10, tzinfo=UTC)) == (
        datetime(2018, 2, 1, tzinfo=UTC),
        datetime(2018, 3, 1, tzinfo=UTC),
    )


@given(held, st.integers(1, 1_000_000))
def test_a_share_takes_no_more_than_its_part_of_anything(rows, ppm):
    for (_, wh), part in zip(rows, take(rows, Measure(share_ppm=ppm)), strict=True):
        assert 0 <= wh * ppm - part * 1_000_000 < 1_000_000


@given(held, st.integers(1, 6_000))
def test_wh_of_every_hour_are_taken_up_to_them_in_each(rows, most):
    sums: dict[datetime, list[int]] = {}
    for (at, wh), part in zip(rows, take(rows, Measure(wh_per_hour=most)), strict=True):
        assert 0 <= part <= wh
        both = sums.setdefault(at.replace(minute=0), [0, 0])
        both[0] += wh
        both[1] += part
    assert all(part == min(wh, most) for wh, part in sums.values())


@given(held, st.integers(1, 50_000))
def test_wh_of_a_period_are_taken_from_the_oldest_first(rows, most):
    parts = take(rows, Measure(wh_per_run=most))
    assert sum(parts) == min(most, sum(wh for _, wh in rows))
    short = [part < wh for (_, wh), part in zip(rows, parts, strict=True)]
    assert short == sorted(short)


@pytest.mark.parametrize("every", ["day", "month"])
def test_a_span_that_is_over_has_no_period(every):
    span = Span(every, START, START + timedelta(days=3))
    assert span.period_at(START + timedelta(days=3)) is None
