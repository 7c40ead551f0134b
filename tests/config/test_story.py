"""The front page tells the known answers."""

from config.story import hours, story

KNOWN = {"46300": 118_852_094, "demand": 262_134_364, "hours": 7_406}


def test_the_year_adds_up_to_the_known_answers():
    told = story()
    assert told.total.demand_wh == KNOWN["demand"]
    assert told.total.matched_wh == KNOWN["46300"]
    assert [scenario.matched_wh for scenario in told.scenarios] == [
        118_852_094,
        194_380_463,
        219_485_325,
    ]


def test_the_months_are_the_year():
    told = story()
    assert len(told.months) == 12
    assert sum(month.matched_wh for month in told.months) == told.total.matched_wh


def test_no_hour_is_matched_beyond_what_was_charged():
    year = list(hours())
    assert len(year) == KNOWN["hours"]
    assert all(0 <= hour.matched_wh <= hour.demand_wh for hour in year)
