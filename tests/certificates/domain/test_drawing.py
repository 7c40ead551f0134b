"""Pictures of generation."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.drawing import bars, calendar_paths, level, month_sums

amounts = st.integers(min_value=-(10**9), max_value=10**12)


@given(st.lists(amounts, max_size=60))
def test_each_positive_value_has_a_bar_within_the_picture(values):
    path = bars(values)
    assert path.count("M") == sum(value > 0 for value in values)
    tops = [float(part.split("V")[1].split("h")[0]) for part in path.split("M")[1:]]
    assert all(0 <= top <= 100 for top in tops)


@given(st.lists(amounts, min_size=1, max_size=60), st.integers(1, 10**9))
def test_what_is_larger_than_the_top_is_cut_off_there_and_flattens_nothing(values, top):
    wild = bars([*values, 10**15], top=top)
    assert wild.startswith(bars(values, top=top))
    assert f"M{len(values)} 100V0.00" in wild


@given(st.integers(min_value=1, max_value=10**9), st.integers(min_value=1, max_value=10**9))
def test_more_energy_is_never_drawn_weaker(amount, capacity):
    assert level(amount + 1, capacity) >= level(amount, capacity)
    assert level(0, capacity) is None


def test_the_last_of_the_year_is_in_the_last_column():
    assert calendar_paths({(date(2020, 12, 31), 23): 3}, {}, 3)[3].startswith("M364 23")


@given(st.lists(st.tuples(st.dates(), amounts), max_size=50))
def test_months_lose_nothing(days):
    assert sum(wh for _, wh in month_sums(days)) == sum(wh for _, wh in days)


DAYS = st.dates(min_value=date(2018, 1, 1), max_value=date(2018, 12, 31))
HOURS = st.dictionaries(st.tuples(DAYS, st.integers(0, 23)), st.integers(-5, 9), max_size=60)


def cells(path):
    """The hours that a path covers, as (column, hour)."""
    for part in path.split("M")[1:]:
        place, _, rest = part.partition("h1v")
        column, hour = map(int, place.split())
        for tall in range(int(rest.removesuffix("h-1z"))):
            yield column, hour + tall


@given(HOURS, st.sets(st.tuples(DAYS, st.integers(0, 23)), max_size=60))
def test_what_is_missing_is_drawn_apart_and_hides_nothing(produced, missing):
    drawn = calendar_paths({}, produced, 9, missing)
    shown = {(day.timetuple().tm_yday - 1, hour) for (day, hour), wh in produced.items() if wh > 0}
    apart = {(day.timetuple().tm_yday - 1, hour) for day, hour in missing} - shown
    assert (set(cells(drawn[0])), set(cells(drawn[-1]))) == (shown, apart)


@given(HOURS, HOURS)
def test_every_hour_is_drawn_once_at_its_strength(certified, produced):
    drawn = calendar_paths(certified, produced, 9)
    found = {cell: strength for strength, path in drawn.items() for cell in cells(path)}
    assert len(found) == sum(1 for path in drawn.values() for _ in cells(path))
    wanted = {key: 0 for key, amount in produced.items() if amount > 0}
    wanted |= {key: level(amount, 9) for key, amount in certified.items() if level(amount, 9)}
    assert found == {
        (day.timetuple().tm_yday - 1, hour): strength for (day, hour), strength in wanted.items()
    }


def test_hours_that_follow_each_other_are_one_rectangle():
    day = date(2018, 1, 2)
    assert calendar_paths({(day, hour): 9 for hour in range(24)}, {}, 9)[3] == "M1 0h1v24h-1z"
