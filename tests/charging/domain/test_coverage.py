"""Coverage adds up over any calendar, and a surplus of one hour fills no other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.coverage import PPM, Covered, Span, by_span, carbon_free_score_ppm

START = datetime(2018, 10, 26, tzinfo=UTC)  # the clocks go back on the 28th


@st.composite
def intervals(draw):
    made = []
    for number in draw(st.lists(st.integers(0, 200), unique=True, max_size=30)):
        used = draw(st.integers(1, 10**6))
        tracked = draw(st.integers(0, used))
        free = draw(st.integers(0, tracked))
        renewable = draw(st.integers(0, free))
        made.append(Covered(START + timedelta(hours=number), used, renewable, free, tracked))
    return made


@given(intervals(), st.sampled_from(Span), st.sampled_from(["Europe/London", "Asia/Kolkata"]))
def test_no_wh_is_lost_between_periods(made, span, zone):
    summed = by_span(made, span, zone)
    for name in ("used_wh", "renewable_wh", "carbon_free_wh", "tracked_wh"):
        assert sum(getattr(one, name) for one in summed) == sum(getattr(one, name) for one in made)
    starts = [one.starts_at for one in summed]
    assert starts == sorted(set(starts))


@given(intervals())
def test_the_score_is_what_was_matched_in_its_own_interval(made):
    score = carbon_free_score_ppm(made)
    if not made:
        assert score is None
    else:
        used, free = sum(one.used_wh for one in made), sum(one.carbon_free_wh for one in made)
        assert score * used <= free * PPM < (score + 1) * used


def test_the_grid_s_own_share_joins_only_where_it_is_known():
    half = Covered(START, 1_000, 500, 500, 500)
    assert carbon_free_score_ppm([half]) == 500_000
    known = Covered(START, 1_000, 500, 500, 500, grid_free_ppm=400_000)
    assert carbon_free_score_ppm([known]) == 700_000


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span.DAY, "2018-10-27T23:00"),  # midnight in British summer time
        (Span.WEEK, "2018-10-21T23:00"),
        (Span.MONTH, "2018-09-30T23:00"),
        (Span.YEAR, "2018-01-01T00:00"),
        (Span.HOUR, "2018-10-28T23:00"),
    ],
)
def test_a_period_starts_on_the_clocks_of_the_place(span, expected):
    late = Covered(datetime(2018, 10, 28, 23, tzinfo=UTC), 1, 0, 0, 0)
    (only,) = by_span([late], span, "Europe/London")
    assert f"{only.starts_at:%Y-%m-%dT%H:%M}" == expected
