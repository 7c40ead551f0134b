"""A person answers what a file leaves open, changes how it is read, and agrees."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from certificates.errors import ChoiceNeeded, ChoiceRefused, DeviceNotApproved, MeterFileRefused
from certificates.models import MeterFile, Reading
from certificates.services.meters import confirmation as meter_confirmation
from certificates.services.meters import readings
from certificates.services.plants.devices import register_device
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW, facts

LOCAL = "timestamp,kwh\n2018-07-01 00:00,1.5\n2018-07-01 01:00,2\n"
FARM = "start_utc,turbine,kwh\n" + "".join(
    f"2018-01-01T{hour:02}:00,T {turbine},{turbine * 100 + hour % 5}\n"
    for hour in range(24)
    for turbine in (1, 2, 3)
)


@pytest.fixture
def user(farm, django_user_model):
    return django_user_model.objects.create_user(email="a@example.org", password="x" * 12)


def upload(device, text: str | bytes, **selection) -> MeterFile:
    content = text if isinstance(text, bytes) else text.encode()
    return readings.upload(
        device=device, stream=io.BytesIO(content), name="m.csv", selection=selection, now=NOW
    )


def turbines(count: int) -> list:
    return [
        register_device(facts=facts(name=f"T {n}"), now=NOW, approve=True)
        for n in range(1, count + 1)
    ]


def test_a_guessed_zone_is_shown_and_agreed_to_by_confirming(device, user):
    file = upload(device, LOCAL)
    assert file.report["open"] == ["zone"]
    assert file.report["choices"]["zone"]["value"] == "Europe/London"
    with pytest.raises(ChoiceNeeded):
        readings.import_file(file=file, now=NOW)
    assert meter_confirmation.confirm(file=file, user=user, now=NOW)
    assert not meter_confirmation.confirm(file=file, user=user, now=NOW)
    file.refresh_from_db()
    report = readings.import_file(file=file, now=NOW)
    assert report["accepted"] == 2
    assert Reading.objects.earliest("starts_at").starts_at == datetime(2018, 6, 30, 23, tzinfo=UTC)
    assert AuditEvent.objects.filter(action="meter_file.confirmed").count() == 1


def test_another_zone_reads_the_file_again_in_place(device):
    file = upload(device, LOCAL)
    again = meter_confirmation.reread(file=file, changes={"zone": "Europe/Oslo"}, now=NOW)
    assert MeterFile.objects.get() == again
    assert again.selection == {"@zone": "Europe/Oslo"}
    assert again.report["open"] == []
    assert again.report["coverage"]["first"] == "2018-06-30T22:00Z"


def test_a_choice_that_cannot_be_changes_nothing(device):
    file = upload(device, LOCAL)
    with pytest.raises(ChoiceRefused, match="no time zone"):
        meter_confirmation.reread(file=file, changes={"zone": "Nowhere"}, now=NOW)
    assert MeterFile.objects.get().report == file.report


def test_how_a_file_was_read_is_remembered_for_the_next_of_its_layout(device, user):
    file = upload(device, LOCAL)
    file = meter_confirmation.reread(
        file=file, changes={"zone": "Europe/Oslo", "sign": "reversed"}, now=NOW
    )
    meter_confirmation.confirm(file=file, user=user, now=NOW)
    readings.import_file(file=file, now=NOW)
    following = upload(device, LOCAL.replace("07-01", "07-02"))
    assert following.selection == {"@zone": "Europe/Oslo", "@sign": "reversed"}
    assert following.report["open"] == []
    assert upload(device, LOCAL) == file
    other = upload(device, LOCAL.replace("kwh", "mwh"))
    assert other.selection == {}


def test_a_file_on_its_way_cannot_be_read_otherwise(device, user):
    file = upload(device, LOCAL)
    meter_confirmation.confirm(file=file, user=user, now=NOW)
    with pytest.raises(ChoiceRefused, match="on its way"):
        meter_confirmation.reread(file=file, changes={"zone": "UTC"}, now=NOW)


def test_columns_that_nobody_knows_are_asked_for_and_chosen(device, user):
    file = upload(device, "wann,wieviel\n2018-01-01T00:00Z,1500\n2018-01-01T01:00Z,1000\n")
    assert file.report["open"] == ["start", "energy"]
    with pytest.raises(ChoiceNeeded):
        meter_confirmation.confirm(file=file, user=user, now=NOW)
    again = meter_confirmation.reread(
        file=file, changes={"start": "wann", "energy": "wieviel"}, now=NOW
    )
    assert again.report["accepted"] == 2
    assert again.report["open"] == ["unit"]
    assert again.report["choices"]["unit"]["value"] == "kwh"


def test_a_farm_s_file_is_imported_for_all_its_turbines_or_none(farm, user):
    devices = turbines(3)
    file = upload(devices[0], FARM)
    assert [one["name"] for one in file.report["registers"]] == ["T 1", "T 2", "T 3"]
    files = meter_confirmation.assign(file=file, devices=dict(enumerate(devices)), now=NOW)
    assert [one.report["accepted"] for one in files] == [24] * 3
    assert not Reading.objects.exists()
    assert meter_confirmation.confirm_all(files=files, user=user, now=NOW) == 3
    reports = readings.import_files(files=files, now=NOW)
    assert [report["energy_wh"] for report in reports] == [
        1000 * sum(100 * n + hour % 5 for hour in range(24)) for n in (1, 2, 3)
    ]
    assert readings.import_files(files=files, now=NOW) == reports
    assert Reading.objects.count() == 72


def test_a_farm_of_which_one_turbine_is_refused_imports_nothing(farm, user):
    devices = turbines(3)
    file = upload(devices[0], FARM)
    files = meter_confirmation.assign(file=file, devices=dict(enumerate(devices)), now=NOW)
    meter_confirmation.confirm_all(files=files, user=user, now=NOW)
    devices[2].status = "decommissioned"
    devices[2].save(update_fields=["status"])
    with pytest.raises(DeviceNotApproved):
        readings.import_files(files=files, now=NOW)
    assert not Reading.objects.exists()


def test_fifty_plants_in_columns_of_one_file(farm, user):
    devices = turbines(50)
    header = ",".join(f"{device.name} kWh" for device in devices)
    hours = [datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(3)]
    lines = [f"{at:%Y-%m-%dT%H:%MZ}," + ",".join(["5"] * 50) for at in hours]
    file = upload(devices[0], "\n".join([f"start,{header}", *lines]))
    files = meter_confirmation.assign(file=file, devices=dict(enumerate(devices)), now=NOW)
    meter_confirmation.confirm_all(files=files, user=user, now=NOW)
    readings.import_files(files=files, now=NOW)
    assert Reading.objects.count() == 150


def test_a_plant_stands_for_one_line_only(farm):
    devices = turbines(1)
    file = upload(devices[0], FARM)
    with pytest.raises(ChoiceRefused, match="one line only"):
        meter_confirmation.assign(file=file, devices={0: devices[0], 1: devices[0]}, now=NOW)
    with pytest.raises(ChoiceRefused, match="at least one"):
        meter_confirmation.assign(file=file, devices={}, now=NOW)
    with pytest.raises(ChoiceRefused, match="no such plant"):
        meter_confirmation.assign(file=file, devices={9: devices[0]}, now=NOW)
    assert MeterFile.objects.get() == file


def test_other_values_for_known_intervals_stand_side_by_side(device):
    head = "start_utc,kwh\n"
    first = head + "2018-01-01T00:00,1.5\n2018-01-01T01:00,2\n2018-01-01T02:00,3\n"
    readings.import_readings(
        device=device, stream=io.BytesIO(first.encode()), name="m", selection={}, now=NOW
    )
    file = upload(device, first.replace(",2\n", ",2.5\n"))
    assert file.report["corrections"] == 1
    assert file.report["diff"] == [
        {
            "line": 3,
            "start": "2018-01-01T01:00Z",
            "before_wh": 2000,
            "after_wh": 2500,
            "held": False,
        }
    ]


def test_no_reading_is_better_than_its_device_and_a_line_may_be_worse(farm):
    measured = register_device(facts=facts(name="M", quality="measured"), now=NOW, approve=True)
    items = [
        f'{{"starts_at": "2018-01-01T0{n}:00Z", "energy_wh": 1, "quality": "{quality}"}}'
        for n, quality in enumerate(["measured", "calculated", "estimated"])
    ]
    body = f'{{"readings": [{",".join(items)}]}}'.encode()
    for device, expected in (
        (measured, ["measured", "calculated", "estimated"]),
        (
            register_device(facts=facts(name="C"), now=NOW, approve=True),
            ["calculated", "calculated", "estimated"],
        ),
    ):
        readings.import_readings(
            device=device, stream=io.BytesIO(body), name="m", selection={}, now=NOW
        )
        found = device.readings.order_by("starts_at").values_list("quality", flat=True)
        assert list(found) == expected


def test_one_corrected_line_has_the_length_of_its_device(device):
    head = "start_utc,kwh\n"
    for text in (
        "2018-01-01T00:00,1\n2018-01-01T01:00,x\n2018-01-01T02:00,1\n2018-01-01T03:00,1\n",
        "2018-01-01T01:00,1\n2018-01-01T07:00,1\n",
        "2018-01-01T09:00,1\n",
    ):
        report = readings.import_readings(
            device=device,
            stream=io.BytesIO((head + text).encode()),
            name="m",
            selection={},
            now=NOW,
        )
        assert report["interval_minutes"] == 60
    assert device.readings.count() == 6


def test_a_file_of_no_format_leaves_nothing(device):
    with pytest.raises(MeterFileRefused):
        upload(device, b"hello\nworld\n")
    assert not MeterFile.objects.exists()
