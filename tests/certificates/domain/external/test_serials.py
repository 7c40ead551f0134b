"""Ranges of serials meet exactly where a number is in both."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.external.serials import SerialRange, meetings, padded

EDGE = 10**40 - 1
STRETCHES = st.tuples(st.integers(0, 200), st.integers(0, 20)).map(lambda p: (p[0], p[0] + p[1]))


def ranges(stretches: list[tuple[int, int]], word: str) -> list[SerialRange]:
    return [SerialRange(a, b, f"{word} {n}") for n, (a, b) in enumerate(stretches)]


def apart(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that share nothing with one kept before."""
    kept: list[tuple[int, int]] = []
    for first, last in stretches:
        if all(last < a or b < first for a, b in kept):
            kept.append((first, last))
    return kept


@given(st.lists(STRETCHES, max_size=12), st.lists(STRETCHES, max_size=12).map(apart))
def test_a_meeting_is_told_exactly_where_two_ranges_share_a_serial(new, known):
    news, knowns = ranges(new, "line"), ranges(known, "earlier")
    told = list(meetings(news, knowns))
    numbers = {one.place: set(range(one.first, one.last + 1)) for one in [*news, *knowns]}
    for one, other in told:
        assert numbers[one.place] & numbers[other.place]
    places = [one.place for one, _ in told]
    assert len(places) == len(set(places))
    with_known = {n.place for n in news if any(numbers[n.place] & numbers[k.place] for k in knowns)}
    assert with_known <= set(places)
    clash = any(
        numbers[a.place] & numbers[b.place] for n, a in enumerate(news) for b in news[n + 1 :]
    )
    assert bool(told) == (bool(with_known) or clash)


@given(st.integers(0, EDGE), st.integers(0, EDGE))
def test_padded_serials_compare_as_their_numbers_do(a, b):
    assert (padded(a) < padded(b)) == (a < b)
    assert int(padded(a)) == a


@pytest.mark.parametrize("serial", [-1, EDGE + 1])
def test_a_serial_that_does_not_fit_is_no_text(serial):
    with pytest.raises(ValueError, match="does not fit"):
        padded(serial)


@given(st.lists(st.integers(1, 10**12), min_size=2, max_size=30), st.integers(0, 10**30))
def test_ranges_that_follow_each_other_do_not_meet(sizes, start):
    edges = [start]
    for size in sizes:
        edges.append(edges[-1] + size)
    follow = [SerialRange(a, b - 1, str(a)) for a, b in pairwise(edges)]
    assert not list(meetings(follow))
    assert not list(meetings(follow[::2], follow[1::2]))
