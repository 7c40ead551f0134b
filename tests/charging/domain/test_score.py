"""A score's periods add up, and no hour lends another what it has too much."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.coverage import Covered
from charging.domain.score import SPANS, row_of, score_of

START = datetime(2018, 1, 1, tzinfo=UTC)
NAMES = ("used_wh", "renewable_wh", "carbon_free_wh", "tracked_wh")
WH = st.integers(0, 10**9)
HOURS = st.dictionaries(st.integers(0, 24 * 800), st.tuples(st.integers(1, 10**9), WH, WH, WH))


def intervals(hours):
    return [Covered(START + timedelta(hours=at), *hours[at]) for at in sorted(hours)]


@given(HOURS)
def test_every_way_to_part_the_time_adds_up_to_the_whole(hours):
    found = score_of("c", "C", intervals(hours), START)
    for span in SPANS:
        for name in NAMES:
            whole = getattr(found.total, name) if found.total else 0
            assert sum(getattr(row, name) for row in found.periods[span]) == whole


@given(HOURS)
def test_no_hour_counts_more_than_it_took(hours):
    found = score_of("c", "C", intervals(hours), START)
    expected = sum(min(used, renewable) for used, renewable, _, _ in hours.values())
    assert (found.total.renewable_wh if found.total else 0) == expected
    for rows in found.periods.values():
        for row in rows:
            shares = row_of(row)
            assert 0 <= shares["renewable_ppm"] <= 1_000_000


def test_a_whole_is_said_of_the_whole_alone():
    nearly = Covered(START, 10**9, 10**9 - 1, 10**9, 10**9)
    assert row_of(nearly)["renewable_ppm"] == 999_999
    assert row_of(nearly)["carbon_free_ppm"] == 1_000_000


@given(HOURS.filter(bool))
def test_other_figures_have_another_digest(hours):
    one = score_of("c", "C", intervals(hours), START)
    first = min(hours)
    used, *others = hours[first]
    other = score_of("c", "C", intervals(hours | {first: (used + 1, *others)}), START)
    assert one.figures_sha256 == score_of("c", "C", intervals(hours), START).figures_sha256
    assert one.figures_sha256 != other.figures_sha256
