"""Pictures show what the figures say."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from charging.domain import drawing

CELLS = st.dictionaries(
    st.tuples(st.integers(0, 30), st.integers(0, 23)), st.integers(0, 3), min_size=1
)


@st.composite
def hours(draw):
    used = draw(st.integers(1, 10**6))
    tracked = draw(st.integers(0, used))
    return drawing.HourAmounts(used, draw(st.integers(0, tracked)), tracked)


@given(st.lists(hours(), min_size=1, max_size=24))
def test_bars_are_as_high_as_what_was_used(amounts):
    bars = drawing.hour_bars(amounts)
    top = max(hour.used_wh for hour in amounts)
    for hour, bar in zip(amounts, bars, strict=True):
        whole = bar.renewable + bar.other + bar.unmatched
        assert abs(whole - 100 * hour.used_wh / top) < 0.03
        assert -0.03 <= bar.top <= bar.other_top + 0.01 <= bar.renewable_top + 0.02 <= 100.02


def test_no_hours_no_bars():
    assert drawing.hour_bars([]) == []
    assert drawing.bar_paths([]) == drawing.BarPaths("", "", "")


COLUMN = re.compile(r"M(\d+) (-?[\d.]+)h1v([\d.]+)h-1z")


@given(st.lists(hours(), min_size=1, max_size=60))
def test_bars_as_paths_are_the_same_bars(amounts):
    bars = drawing.hour_bars(amounts)
    paths = drawing.bar_paths(bars)
    for path, parts in (
        (paths.renewable, [(bar.renewable_top, bar.renewable) for bar in bars]),
        (paths.other, [(bar.other_top, bar.other) for bar in bars]),
        (paths.unmatched, [(bar.top, bar.unmatched) for bar in bars]),
    ):
        drawn = {int(at): (float(y), float(high)) for at, y, high in COLUMN.findall(path)}
        assert drawn == {at: part for at, part in enumerate(parts) if part[1]}
        assert COLUMN.sub("", path) == ""


@given(CELLS)
def test_every_cell_is_painted_once_in_its_level(cells):
    painted: Counter[tuple[int, int, int]] = Counter()
    for level, path in drawing.heat_paths(cells).items():
        for column, row, height in re.findall(r"M(\d+) (\d+)h1v(\d+)h-1z", path):
            for step in range(int(height)):
                painted[int(column), int(row) + step, level] += 1
    assert painted == Counter((*cell, level) for cell, level in cells.items())


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_full_is_said_only_when_all_was_matched(used, matched):
    matched = min(used, matched)
    assert (drawing.level(matched, used) == 3) == (matched == used)
    assert (drawing.level(matched, used) == 0) == (matched == 0)
