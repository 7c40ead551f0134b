"""Meter files become readings, once, with every line accounted for."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.errors import DeviceNotApproved, MeterFileRefused, WrongFormat
from certificates.models import MeterFile, Reading
from certificates.services.meters import readings
from certificates.services.meters.readings import import_readings, preview
from certificates.services.plants import devices
from tests.certificates.conftest import NOW, facts, meter_csv

TWO = ("2018-01-01T00:00Z,1.5", "2018-01-01T01:00Z,-0.25")


def load(device, *lines, **options):
    return import_readings(
        device=device, stream=meter_csv(*lines), name="m.csv", selection={}, now=NOW, **options
    )


def is_complete(report) -> bool:
    parts = ("accepted", "held", "rejected", "duplicates", "skipped")
    return report["rows"] == sum(report[part] for part in parts)


def test_readings_keep_whole_wh_the_raw_text_and_where_they_came_from(device):
    report = load(device, "2018-01-01T00:00Z,1.5000001", TWO[1])
    first, second = device.readings.order_by("starts_at")
    assert (first.energy_wh, first.remainder_uwh, first.raw_value) == (1500, 100, "1.5000001")
    assert first.starts_at == datetime(2018, 1, 1, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(hours=1)
    assert (first.line, second.line, second.energy_wh) == (2, 3, -250)
    assert first.quality == "calculated"
    assert (report["accepted"], report["negative"], report["energy_wh"]) == (2, 1, 1250)


def test_a_dry_run_says_what_an_import_does_and_keeps_nothing(device, data_dir):
    lines = (*TWO, "2018-01-01T02:00Z,99999", "soon,1")
    seen = preview(device=device, stream=meter_csv(*lines), selection={}, now=NOW)
    assert not Reading.objects.exists()
    assert not MeterFile.objects.exists()
    assert list((data_dir / "uploads" / "meter").iterdir()) == []
    assert seen == load(device, *lines)
    assert (seen["accepted"], seen["held"], seen["rejected"]) == (2, 1, 1)
    assert [error["line"] for error in seen["errors"]] == [4, 5]


def test_the_same_file_twice_answers_with_the_first_report(device):
    first = load(device, *TWO)
    assert load(device, *TWO) == first
    assert Reading.objects.count() == 2
    assert MeterFile.objects.count() == 1


def test_another_file_with_the_same_values_counts_them_as_the_same(device):
    load(device, *TWO)
    report = load(device, *TWO, "2018-01-01T02:00Z,3")
    assert (report["accepted"], report["duplicates"], report["same"]) == (1, 2, 2)
    assert is_complete(report)


def test_another_value_for_a_known_interval_is_never_written_over(device):
    load(device, *TWO)
    report = load(device, "2018-01-01T00:00Z,1.6", TWO[1])
    assert (report["accepted"], report["corrections"]) == (1, 1)
    versions = device.readings.filter(starts_at=datetime(2018, 1, 1, tzinfo=UTC))
    assert list(versions.order_by("version").values_list("energy_wh", flat=True)) == [1500, 1600]


def test_a_held_reading_says_why(device):
    load(device, TWO[0], "2018-01-01T01:00Z,99999")
    held = device.readings.get(status="held")
    assert "more than the capacity allows" in held.hold_reason


def test_a_file_of_bad_lines_only_is_reported_in_full(device):
    report = load(device, "x,1", "y,2")
    assert (report["rejected"], report["accepted"]) == (2, 0)
    assert is_complete(report)


def test_a_refused_file_leaves_nothing_behind(device, data_dir):
    with pytest.raises(WrongFormat):
        import_readings(
            device=device, stream=io.BytesIO(b"%PDF-1.7"), name="m.xlsx", selection={}, now=NOW
        )
    assert not MeterFile.objects.exists()
    assert list((data_dir / "uploads" / "meter").iterdir()) == []


def test_a_device_not_approved_gets_no_readings(farm):
    waiting = devices.register_device(facts=facts(name="New"), now=NOW)
    with pytest.raises(DeviceNotApproved, match="submitted"):
        load(waiting, *TWO)


def test_an_upload_waits_for_confirmation(device):
    file = readings.upload(
        device=device, stream=meter_csv(*TWO), name="m.csv", selection={}, now=NOW
    )
    assert file.status == MeterFile.Status.PREVIEWED
    assert file.report["accepted"] == 2
    assert not Reading.objects.exists()
    assert readings.import_file(file=file, now=NOW) == file.report
    assert Reading.objects.count() == 2


def test_progress_ends_at_the_number_of_readings(device):
    seen = []
    load(device, *TWO, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)


def test_a_selection_takes_one_turbine_of_a_farm(device):
    stream = io.BytesIO(
        b"start_utc,turbine,kwh\n2018-01-01T00:00,A,1\n2018-01-01T00:00,B,2\n"
        b"2018-01-01T01:00,A,3\n2018-01-01T01:00,B,4\n"
    )
    report = import_readings(
        device=device, stream=stream, name="m.csv", selection={"turbine": "B"}, now=NOW
    )
    assert (report["rows"], report["skipped"], report["energy_wh"]) == (4, 2, 6000)


def test_a_failed_file_says_why_and_can_be_tried_again(device):
    file = readings.upload(
        device=device, stream=meter_csv(*TWO), name="m.csv", selection={}, now=NOW
    )
    readings.mark_failed(file=file, error=MeterFileRefused("Broken."))
    file.refresh_from_db()
    assert file.report["error"] == {"code": "meter_file_refused", "message": "Broken."}
    assert load(device, *TWO)["accepted"] == 2


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30).map(lambda n: f"2018-01-{1 + n // 24:02}T{n % 24:02}:00Z"),
            st.sampled_from(["1", "2.5", "-1", "0", "9999", "", "x"]),
        ),
        min_size=2,
        max_size=30,
    )
)
def test_the_counts_add_up_and_agree_with_what_is_stored(device, lines):
    before = device.readings.count()
    try:
        report = preview(
            device=device,
            stream=meter_csv(*(",".join(line) for line in lines)),
            selection={},
            now=NOW,
        )
    except MeterFileRefused:
        return
    load(device, *(",".join(line) for line in lines))
    assert is_complete(report)
    assert device.readings.count() - before in (0, report["accepted"] + report["held"])
