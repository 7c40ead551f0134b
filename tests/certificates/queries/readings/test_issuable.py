"""Readings that certificates can be issued for, and the windows in which they are looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from certificates.models import Device, Lot, Reading
from certificates.queries.readings.issuable import first_issuable, issuable_readings, windows
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from tests.certificates.conftest import NOW, meter_csv

START = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def read(device) -> Device:
    """Ten hours; the fourth was corrected twice."""
    lines = [f"2018-01-01T{hour:02}:00Z,{hour + 1}" for hour in range(10)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=NOW)
    for n in (1, 2):
        lines[3] = f"2018-01-01T03:00Z,{n + 10}"
        import_readings(device=device, stream=meter_csv(*lines), name="c", selection={}, now=NOW)
    return device


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 12, 13, 100])
@pytest.mark.parametrize("period", [(None, None), (START + 2 * HOUR, START + 7 * HOUR)])
def test_windows_follow_each_other_and_every_start_is_in_one(read, limit, period):
    found = windows(read, *period, limit)
    assert (found[0][0], found[-1][1]) == period
    assert [end for _, end in found[:-1]] == [begin for begin, _ in found[1:]]
    assert len(found) <= 12 // limit + 1
    seen = [
        reading.starts_at
        for window in found
        for reading in first_issuable(issuable_readings(read, *window, now=NOW))
    ]
    first, last = period[0] or START, period[1] or START + 10 * HOUR
    hours = [START + n * HOUR for n in range(10)]
    # The corrected interval is issued as one that is amended.
    assert seen == [at for at in hours if first <= at < last and at != START + 3 * HOUR]


def test_a_period_without_readings_is_one_window(device):
    assert windows(device, None, NOW, 5) == [(None, NOW)]


def test_a_reading_is_told_with_its_instants_in_utc_and_the_hash_of_its_file(read):
    found = first_issuable(issuable_readings(read, None, None, now=NOW), 1)
    reading = Reading.objects.select_related("file").get(starts_at=START)
    assert found == [(reading.pk, START, START + HOUR, 1_000, reading.quality, reading.file.sha256)]
    assert found[0].starts_at.tzinfo is UTC


def test_what_was_issued_is_not_issuable_and_what_came_late_is(read):
    issue(device=read, now=NOW)
    assert first_issuable(issuable_readings(read, None, None, now=NOW)) == []
    late = meter_csv("2018-01-01T10:00Z,5", "2018-01-01T11:00Z,6")
    import_readings(device=read, stream=late, name="late", selection={}, now=NOW)
    found = first_issuable(issuable_readings(read, None, None, now=NOW))
    assert [reading.energy_wh for reading in found] == [5_000, 6_000]


def test_windows_issue_what_one_transaction_would(read, monkeypatch):
    monkeypatch.setattr("certificates.services.issuing.issuance.CHUNK", 1)
    report = issue(device=read, now=NOW)
    assert (report.lots, Lot.objects.count()) == (10, 10)
    assert report.issued_wh == 1_000 * (55 - 4 + 12)
