"""Loss intervals follow each other without gap, from the day storage began."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.storage.terms import LONGEST_MONTHS, loss_interval

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
instants = st.integers(0, 36_000 * 1440).map(lambda n: BEGIN + timedelta(minutes=n))


def test_an_interval_of_a_month_from_the_last_day_ends_with_the_shorter_month():
    start = datetime(2018, 1, 31, tzinfo=UTC)
    found = loss_interval(start, 1, datetime(2018, 2, 28, 12, tzinfo=UTC))
    assert found == (datetime(2018, 2, 28, tzinfo=UTC), datetime(2018, 3, 31, tzinfo=UTC))


def test_nothing_lies_before_the_first():
    start = datetime(2018, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="before the first"):
        loss_interval(start, 1, start - timedelta(microseconds=1))


@given(instants, st.integers(1, LONGEST_MONTHS), instants)
def test_every_instant_lies_in_one_interval_and_they_meet(start, months, at):
    if at < start:
        return
    begin, end = loss_interval(start, months, at)
    assert start <= begin <= at < end
    assert end - begin <= timedelta(days=31 * months)
    assert loss_interval(start, months, end)[0] == end
