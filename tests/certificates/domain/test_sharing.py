"""Shares by standing agreement give away no more and no less than the lot."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.sharing import (
    WHOLE_PPM,
    Fixed,
    entitlement,
    highest_total,
    shares,
    shares_of_many,
)

START = datetime(2018, 1, 1, tzinfo=UTC)
OWNER = 1


@st.composite
def agreements(draw):
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE_PPM), min_size=1, max_size=5)))
    parts = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
    return [(draw(st.integers(1, 4)), part) for part in parts]


@given(st.integers(1, 10**13), agreements())
def test_nothing_is_lost_and_nobody_gets_zero(amount, agreed):
    given_ = shares(amount, agreed, OWNER)
    assert sum(given_.values()) == amount
    assert all(wh > 0 for wh in given_.values())


@given(st.integers(1, 10**13), st.integers(1, WHOLE_PPM))
def test_a_share_is_never_more_than_agreed_and_less_by_under_a_wh(amount, ppm):
    part = shares(amount, [(2, ppm)], OWNER).get(2, 0)
    assert part * WHOLE_PPM <= amount * ppm < (part + 1) * WHOLE_PPM


def test_the_owner_keeps_the_remainder():
    assert shares(1_000_000, [(2, 46_300)], OWNER) == {2: 46_300, 1: 953_700}
    assert shares(1, [(2, 999_999)], OWNER) == {1: 1}


def test_the_highest_total_counts_only_what_is_in_force_together():
    hour = timedelta(hours=1)
    first = (START, START + hour, 600_000)
    second = (START + hour, None, 600_000)
    assert highest_total([first, second]) == 600_000
    assert highest_total([first, second, (START, None, 400_000)]) == 1_000_000
    assert highest_total([]) == 0


fixed = st.lists(st.builds(Fixed, st.integers(2, 4), st.integers(0, 2_000)), max_size=4)


@given(st.integers(1, 3_000), agreements(), fixed, st.integers(0, 3_000))
def test_with_wh_of_each_hour_nothing_is_lost_either(amount, agreed, each, before):
    given_ = shares(amount, agreed, OWNER, each, before)
    assert sum(given_.values()) == amount
    assert all(wh > 0 for wh in given_.values())


@given(st.lists(st.integers(1, 900), min_size=1, max_size=6), fixed)
def test_lots_of_one_interval_give_together_what_one_lot_would(amounts, each):
    """However often an interval is supplemented, nobody gets its Wh of the hour twice."""
    sums, before = {}, 0
    for amount in amounts:
        for account, wh in shares(amount, [], OWNER, each, before).items():
            sums[account] = sums.get(account, 0) + wh
        before += amount
    assert sums == shares(sum(amounts), [], OWNER, each)


def test_wh_of_each_hour_come_after_the_shares_and_in_order():
    both = [Fixed(3, 300), Fixed(4, 300)]
    assert shares(1_000, [(2, 500_000)], OWNER, both) == {2: 500, 3: 300, 4: 200}
    assert shares(2_000, [(2, 500_000)], OWNER, both) == {2: 1_000, 3: 300, 4: 300, 1: 400}


def test_a_part_of_an_hour_gives_its_part_of_the_wh():
    assert [entitlement(1_001, minutes) for minutes in (15, 30, 60)] == [250, 500, 1_001]


@given(st.lists(st.integers(1, 9 * 10**18), min_size=1, max_size=4), st.data())
def test_shares_of_many_lots_are_those_of_each(amounts, data):
    agreed = [data.draw(agreements()) for _ in amounts]
    longest = max(map(len, agreed))
    # Whom there is no agreement with for a lot has a share of 0 there.
    by_place = [[(each + [(2, 0)] * longest)[n] for each in agreed] for n in range(longest)]
    for place, column in enumerate(by_place):
        by_place[place] = [(column[0][0], ppm) for _, ppm in column]
    columns = [(column[0][0], np.array([ppm for _, ppm in column])) for column in by_place]
    owners = data.draw(st.lists(st.sampled_from([OWNER, OWNER + 1]), min_size=len(amounts)))
    found = shares_of_many(np.array(amounts), columns, np.array(owners[: len(amounts)]))
    for n, amount in enumerate(amounts):
        expected = shares(amount, [column[n] for column in by_place], owners[n])
        assert {account: wh[n] for account, wh in found.items() if wh[n]} == expected
