"""Pictures of generation."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.drawing import bars, level, month_sums, year_paths

amounts = st.integers(min_value=-(10**9), max_value=10**12)


@given(st.lists(amounts, max_size=60))
def test_each_positive_value_has_a_bar_within_the_picture(values):
    path = bars(values)
    assert path.count("M") == sum(value > 0 for value in values)
    tops = [float(part.split("V")[1].split("h")[0]) for part in path.split("M")[1:]]
    assert all(0 <= top <= 100 for top in tops)


@given(st.integers(min_value=1, max_value=10**9), st.integers(min_value=1, max_value=10**9))
def test_more_energy_is_never_drawn_weaker(amount, capacity):
    assert level(amount + 1, capacity) >= level(amount, capacity)
    assert level(0, capacity) is None


@given(st.dictionaries(st.tuples(st.dates(), st.integers(0, 23)), st.just(1), max_size=50))
def test_every_hour_is_one_cell_inside_the_year(hours):
    cells = "".join(year_paths(hours, 3).values()).split("M")[1:]
    assert len(cells) == len(hours)
    assert all(0 <= int(cell.split()[0]) <= 364 for cell in cells)


def test_the_last_of_the_year_is_in_the_last_column():
    assert year_paths({(date(2020, 12, 31), 23): 3}, 3)[3].startswith("M364 23")


@given(st.lists(st.tuples(st.dates(), amounts), max_size=50))
def test_months_lose_nothing(days):
    assert sum(wh for _, wh in month_sums(days)) == sum(wh for _, wh in days)
