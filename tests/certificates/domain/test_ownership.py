"""Whose a plant's output is at every instant."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain import handover_states
from certificates.domain.ownership import Owners, start_of_day
from certificates.errors import HandoverRefused

START = datetime(2018, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
instants = st.integers(0, 1_000).map(lambda n: START + n * MINUTE)


@given(st.lists(instants, unique=True), instants)
def test_every_instant_has_the_owner_of_the_last_change_at_or_before_it(changes, at):
    rising = sorted(changes)
    owners = Owners(rising, range(len(rising) + 1))
    assert owners.at(at) == sum(change <= at for change in rising)


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2018, 7, 1), "UTC", "2018-07-01T00:00Z"),
        (date(2018, 7, 1), "Europe/London", "2018-06-30T23:00Z"),
        (date(2018, 1, 1), "Australia/Adelaide", "2017-12-31T13:30Z"),
        (date(2018, 10, 28), "Europe/Berlin", "2018-10-27T22:00Z"),
        # Midnight is skipped there: the day begins at one o'clock.
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00Z"),
    ],
)
def test_a_day_begins_where_its_zone_says(day, zone, instant):
    assert start_of_day(day, zone) == datetime.fromisoformat(instant)


def test_each_act_has_one_side_and_one_way():
    check = handover_states.check
    assert check("accept", "proposed", "buyer")
    assert not check("accept", "accepted", "buyer")
    with pytest.raises(HandoverRefused, match="Only the new owner may accept"):
        check("accept", "proposed", "seller")
    with pytest.raises(HandoverRefused, match="This one is done"):
        check("withdraw", "done", "seller")
    for step in handover_states.TRANSITIONS.values():
        assert step.target not in step.sources
