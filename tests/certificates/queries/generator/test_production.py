"""Production by hour and day, in UTC."""

from datetime import UTC, date, datetime

from certificates.queries.generator.production import calendar, production_by_day

YEAR = datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


def test_the_calendar_tells_nothing_issued_from_little_issued(device, produce):
    produce("1", "-2", "3")
    (day,) = calendar(device, *YEAR)
    assert day.day == date(2018, 1, 1)
    assert day.hours[:4] == [1000, None, 3000, None]
    assert day.total_wh == 4000


def test_a_day_s_production_takes_own_consumption_off(device, produce):
    produce("1", "-2", "3", "99999")
    assert production_by_day(device, *YEAR) == {date(2018, 1, 1): 2000}


def test_a_period_without_lots_is_empty(device):
    assert calendar(device, *YEAR) == []
