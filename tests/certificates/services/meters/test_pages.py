"""What the preview of a meter file draws."""

from datetime import date, timedelta

from certificates.services.meters.pages import _plot

DAYS = [date(2018, 3, 1) + timedelta(days=n) for n in range(3)]


def plot(*amounts):
    return _plot(list(zip(DAYS, amounts, strict=True)), 100)


def test_one_wrong_day_is_cut_off_and_flattens_no_others():
    drawn = plot(50, 10**9, 25)
    assert (drawn["cut"], drawn["highest"]) == (1, (DAYS[1], 10**9))
    assert drawn["bars"].startswith("M0 100V54.55")
    assert drawn["able_y"] == "9.09"


def test_what_the_plant_can_make_is_no_line_where_no_day_comes_near():
    assert plot(5, 6, 7) | {"bars": ""} == {
        "bars": "",
        "highest": (DAYS[2], 7),
        "cut": 0,
        "able_y": "",
    }


def test_a_file_without_days_draws_nothing():
    assert _plot([], 100)["bars"] == ""
