"""A year of production and certificates; what the meter leaves out."""

from datetime import UTC, date, datetime, timedelta

from certificates.models import Reading
from certificates.queries.generator.calendar import calendar, month_lines, production_years
from certificates.queries.generator.gaps import gaps
from certificates.services.meters.readings import import_readings
from tests.certificates.conftest import meter_csv

DAY = date(2018, 1, 1)


def test_what_is_certified_and_what_is_not_yet_are_told_apart(device, produce, now):
    produce("1", "2")
    line = "2018-02-01T00:00:00Z,3"
    import_readings(device=device, stream=meter_csv(line), name="n", selection={}, now=now)
    found = calendar([device], 2018)
    assert found.certified == {(DAY, 0): 1_000, (DAY, 1): 2_000}
    assert found.produced == found.certified | {(date(2018, 2, 1), 0): 3_000}
    january, february = month_lines(found)
    assert (january.hours, january.produced_wh, january.open_wh) == (2, 3_000, 0)
    assert (february.certified_wh, february.open_wh) == (0, 3_000)


def test_own_consumption_takes_nothing_off_what_was_produced(device, produce):
    produce("1", "-5")
    assert calendar([device], 2018).produced == {(DAY, 0): 1_000}


def test_years_are_those_of_the_readings(device, produce):
    assert production_years([device]) == []
    produce("1", "2")
    assert production_years([device]) == [2018]
    assert calendar([device], 2017).produced == {}


def test_gaps_name_every_interval_that_is_missing(device, now):
    hours = (0, 1, 4, 5, 9)
    lines = [f"2018-01-01T{hour:02}:00:00Z,1" for hour in hours]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    found = gaps(device)
    starts = [at.hour for gap in found for at in gap.starts()]
    assert starts == [2, 3, 6, 7, 8]
    assert [gap.intervals for gap in found] == [2, 3]


def test_what_is_held_is_no_gap(device, produce):
    produce("1", "2", "3")
    Reading.objects.filter(starts_at=datetime(2018, 1, 1, 1, tzinfo=UTC)).update(status="held")
    assert gaps(device) == []


def test_a_plant_without_readings_misses_nothing(device):
    assert gaps(device) == []


def test_an_interval_of_another_length_is_no_gap(device, produce):
    produce("1", "2")
    Reading.objects.filter(starts_at=datetime(2018, 1, 1, tzinfo=UTC)).update(
        ends_at=datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=2)
    )
    assert gaps(device) == []
