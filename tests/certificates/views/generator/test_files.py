"""The pages of a file that leaves something open, and of one with many plants."""

import io
from unittest.mock import Mock

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import tasks
from certificates.models import Correction, MeterFile, OrganisationRole, Reading
from certificates.services.issuing.issuance import issue
from certificates.services.meters import import_progress, readings
from certificates.services.plants.devices import register_device
from tests.certificates.conftest import NOW, facts
from tests.certificates.domain.formats.making import GOOD, espi
from tests.certificates.views.generator.test_home import csv_of, page
from tests.trail import make_trail

pytestmark = pytest.mark.django_db
LOCAL = "timestamp,kwh\n" + "".join(f"2018-07-01 {n:02}:00,{n % 5}\n" for n in range(24))
FARM = "start_utc,turbine,kwh\n" + "".join(
    f"2018-07-01T{hour:02}:00,T{turbine},{hour % 7}\n" for hour in range(24) for turbine in (1, 2)
)


@pytest.fixture
def turbines(trail):
    slug, area = trail.producer.slug, trail.area.code
    return [
        register_device(
            facts=facts(name=f"T{n}", organisation=slug, area=area), now=NOW, approve=True
        )
        for n in (1, 2)
    ]


def upload(client, device, content: bytes | str, name="m.csv") -> MeterFile:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    answer = client.post(reverse("generator_upload", args=[device.gsrn]), {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return MeterFile.objects.get(pk=answer.url.rstrip("/").rpartition("/")[2])


@pytest.mark.parametrize("kind", GOOD)
def test_every_format_has_a_preview(client, trail, kind):
    file = upload(client, trail.device, GOOD[kind])
    assert "How we read it" in page(client, "generator_file", file.pk)


def test_a_guess_is_marked_and_can_be_changed(client, trail):
    file = upload(client, trail.device, LOCAL)
    body = page(client, "generator_file", file.pk)
    assert "The file does not say everything" in body or "A question before" in body
    answer = client.post(
        reverse("generator_reread", args=[file.pk]), {"zone": "Europe/Oslo", "stamp": "end"}
    )
    again = MeterFile.objects.get(name="m.csv")
    assert answer.url == reverse("generator_file", args=[again.pk])
    assert again.selection == {"@zone": "Europe/Oslo", "@stamp": "end"}
    assert "does not say everything" not in page(client, "generator_file", again.pk)


def test_a_choice_that_cannot_be_is_refused_on_the_page(client, trail):
    file = upload(client, trail.device, LOCAL)
    answer = client.post(reverse("generator_reread", args=[file.pk]), {"zone": "<b>Nowhere"})
    assert answer.status_code == 422
    assert "no time zone" in answer.content.decode()
    assert "<b>Nowhere" not in answer.content.decode()


def test_the_page_s_own_form_sent_back_changes_nothing(client, trail):
    """What is shown selected must be what was read."""
    file = upload(client, trail.device, LOCAL.replace("timestamp", "start_utc"))
    chosen = {name: one["value"] for name, one in file.report["choices"].items()}
    chosen = {name: value for name, value in chosen.items() if name != "key"}
    client.post(reverse("generator_reread", args=[file.pk]), chosen)
    again = MeterFile.objects.get(name="m.csv")
    for name in ("accepted", "energy_wh", "coverage", "days"):
        assert again.report[name] == file.report[name]


def test_a_second_click_too_late_is_led_to_where_the_first_went(client, trail, monkeypatch):
    file = upload(client, trail.device, LOCAL)
    address = reverse("generator_reread", args=[file.pk])
    first = client.post(address, {"zone": "Europe/Oslo"})
    monkeypatch.setattr("certificates.views.generator.files._file", lambda request, pk: file)
    assert client.post(address, {"zone": "Europe/Oslo"}).url == first.url


def test_many_plants_are_assigned_and_imported_together(
    client,
    trail,
    turbines,
    monkeypatch,
    django_capture_on_commit_callbacks,
):
    file = upload(client, trail.device, FARM)
    body = page(client, "generator_file", file.pk)
    assert "Which plant is which?" in body
    assert f'<option value="{turbines[0].gsrn}" selected>T1' in body
    answer = client.post(
        reverse("generator_assign", args=[file.pk]),
        {"register-0": turbines[0].gsrn, "register-1": turbines[1].gsrn},
    )
    assert answer.url == reverse("generator_batch", args=[file.sha256])
    assert "of 2 plants" in page(client, "generator_batch", file.sha256)
    handed = []
    monkeypatch.setattr(
        "certificates.views.generator.files.import_meter_files.si",
        handed.append,
    )
    monkeypatch.setattr("certificates.views.generator.files.chain", Mock())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(answer.url)
    seen, insert = [], readings.insert_columns

    def spy(*args):
        seen.append(page(client, "generator_batch", file.sha256))
        insert(*args)

    monkeypatch.setattr(readings, "insert_columns", spy)
    tasks.import_meter_files(handed[0])
    assert "0 of 2 plants imported" in seen[0]
    assert "24 of 48 readings are written." in seen[1]
    assert Reading.objects.filter(device__in=turbines).count() == 48
    assert "The file is imported" in page(client, "generator_batch", file.sha256)


def test_another_s_plant_cannot_be_assigned(client, trail, turbines):
    other = make_trail(1)
    file = upload(client, trail.device, FARM)
    answer = client.post(
        reverse("generator_assign", args=[file.pk]), {"register-0": other.device.gsrn}
    )
    assert answer.status_code == 422
    assert not other.device.meter_files.exclude(pk=other.file.pk).exists()


def test_strangers_find_no_file(client, trail):
    other = make_trail(1)
    for name, argument in (
        ("generator_all_lines", other.file.pk),
        ("generator_correctable", other.file.pk),
        ("generator_batch", other.file.sha256 or "0" * 64),
        ("generator_batch", "0" * 64),
    ):
        assert client.get(reverse(name, args=[argument])).status_code == 404
    for name in ("generator_reread", "generator_assign"):
        assert client.post(reverse(name, args=[other.file.pk])).status_code == 404


def test_all_lines_and_the_lines_to_correct_can_be_had(client, trail):
    file = upload(client, trail.device, csv_of(3, extra="2018-03-09T00:00Z,many\n"))
    assert "many" in page(client, "generator_all_lines", file.pk)
    answer = client.get(reverse("generator_correctable", args=[file.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.getvalue().decode() == ("interval_start_utc,energy_kwh\n2018-03-09T00:00Z,many\n")


def test_home_says_what_each_file_that_waits_asks_for(client, trail):
    one = "interval_start_utc,kwh\n2018-07-01T00:00Z,1\n2018-07-01T01:00Z,2\n"
    readings.import_file(file=upload(client, trail.device, one), now=NOW)
    upload(client, trail.device, one + "2018-07-01T02:00Z,3\n", "new.csv")
    upload(client, trail.device, FARM, "farm.csv")
    upload(client, trail.device, one.replace(",1", ",x").replace(",2", ",y"), "bad.csv")
    upload(client, trail.device, one.replace("kwh", "kwh,note"), "same.csv")
    body = " ".join(page(client, "generator").split())
    assert "Confirm new.csv</a>" in body
    assert f"for {trail.device.name}: 1 line waits to be imported" in body
    assert "Say how to read farm.csv" in body
    assert "none of its 2 lines can be taken" in body
    assert "same.csv" not in body


def test_energy_taken_from_the_grid_is_named(client, trail):
    file = upload(client, trail.device, espi(5, 6, flow=1), "gb.xml")
    assert "taken from the grid" in page(client, "generator_file", file.pk)


def test_one_line_of_a_new_plant_asks_how_long_its_interval_is(client, turbines, settings):
    stated = io.BytesIO(b"interval_start_utc,energy_kwh\n2018-07-01T00:00Z,5\n")
    stated.name = "one.csv"
    plant = turbines[0]
    answer = client.post(reverse("generator_upload", args=[plant.gsrn]), {"file": stated})
    file = MeterFile.objects.get(name="one.csv")
    body = client.get(answer.url).content.decode()
    assert "A question before we can read it" in body
    assert "60 minutes" in body
    refused = client.post(reverse("generator_confirm", args=[file.pk]))
    assert "Choose the minutes" in refused.content.decode()
    answer = client.post(reverse("generator_reread", args=[file.pk]), {"length": "30"})
    file = MeterFile.objects.get(name="one.csv")
    assert (file.report["accepted"], file.report["interval_minutes"]) == (1, 30)
    client.post(reverse("generator_confirm", args=[file.pk]))
    tasks.import_meter_file(file.pk)
    reading = plant.readings.get()
    assert (reading.ends_at - reading.starts_at).total_seconds() == 1800


def test_a_chosen_length_is_not_remembered_for_the_next_file(client, turbines):
    plant, now = turbines[0], NOW
    head = b"interval_start_utc,energy_kwh\n2018-07-01T00:00Z,5\n"
    readings.import_readings(
        device=plant, stream=io.BytesIO(head), name="a", selection={"@length": "60"}, now=now
    )
    more = head + b"2018-07-02T00:00Z,5\n2018-07-02T00:15Z,5\n"
    report = readings.preview(device=plant, stream=io.BytesIO(more), selection={}, now=now)
    assert report["interval_minutes"] != 60 or "length" not in report["choices"]


def test_a_file_that_another_corrected_is_offered_as_a_correction(client, trail):
    one = "interval_start_utc,kwh\n2018-07-01T00:00Z,1\n2018-07-01T01:00Z,2\n"
    device = trail.device
    first = upload(client, device, one)
    readings.import_file(file=first, now=NOW)
    assert upload(client, device, one) == first
    readings.import_file(file=upload(client, device, one.replace(",2", ",3")), now=NOW)
    again = upload(client, device, one)
    body = page(client, "generator_file", again.pk)
    assert "You have imported this file before" in body
    assert "it sets 1 interval back to what it says" in body
    assert "See what the correction changes" in body


def assign(client, trail, turbines, content):
    """A file of two plants, previewed for both; its batch's address."""
    file = upload(client, trail.device, content)
    registers = {f"register-{n}": turbines[n].gsrn for n in (0, 1)}
    return client.post(reverse("generator_assign", args=[file.pk]), registers).url


def import_batch(client, address):
    client.post(address)
    waiting = MeterFile.objects.filter(status=MeterFile.Status.IMPORTING)
    tasks.import_meter_files(list(waiting.order_by("pk").values_list("pk", flat=True)))


def test_corrections_of_many_plants_are_shown_before_they_are_made(client, trail, turbines):
    import_batch(client, assign(client, trail, turbines, FARM))
    for turbine in turbines:
        issue(device=turbine, now=timezone.now())
    changed = FARM.replace("T05:00,T1,5", "T05:00,T1,2").replace("T06:00,T2,6", "T06:00,T2,9")
    address = assign(client, trail, turbines, changed)
    body = client.get(address).content.decode()
    assert "See what the corrections change" in body
    assert "Import all" not in body
    before = Reading.objects.count(), Correction.objects.count()
    seen = client.get(f"{address}effect/")
    text = seen.content.decode()
    assert (seen.status_code, "Correct 2 intervals" in text) == (200, True)
    effects = {file.device.name: effect for file, effect in seen.context["effects"]}
    assert (effects["T1"].reduced_wh, effects["T1"].taken_wh) == (3_000, 3_000)
    assert (effects["T2"].raised_wh, effects["T2"].reduced_wh) == (3_000, 0)
    assert (Reading.objects.count(), Correction.objects.count()) == before
    import_batch(client, address)
    assert Correction.objects.count() == before[1] + 2
    after = client.get(f"{address}effect/")
    assert (after.status_code, after.url) == (302, address)


def test_the_effect_of_another_s_batch_is_not_shown(client, trail, turbines):
    import_batch(client, assign(client, trail, turbines, FARM))
    address = assign(client, trail, turbines, FARM.replace("T05:00,T1,5", "T05:00,T1,2"))
    other = make_trail(1)
    OrganisationRole.objects.get_or_create(organisation=other.producer, role="producer")
    client.force_login(other.user)
    assert client.get(f"{address}effect/", follow=True).status_code == 404
    client.logout()
    assert client.get(f"{address}effect/").url.startswith("/log-in/")


def test_corrections_that_are_too_many_for_a_page_can_still_be_confirmed(
    client, trail, turbines, monkeypatch
):
    import_batch(client, assign(client, trail, turbines, FARM))
    address = assign(client, trail, turbines, FARM.replace("T05:00,T1,5", "T05:00,T1,2"))
    monkeypatch.setattr("certificates.services.meters.correction_effect.MOST_CORRECTIONS", 0)
    text = client.get(f"{address}effect/").content.decode()
    assert "too much to try out on a page" in text
    assert "Correct 1 interval" in text


@pytest.mark.parametrize("status", ["importing", "imported", "failed"])
def test_a_file_without_a_report_has_a_page(client, trail, status):
    """As one that a command or an API call began to import, and was killed."""
    file = MeterFile.objects.create(
        key=f"bare:{status}",
        device=trail.device,
        sha256="0" * 64,
        name="bare.csv",
        status=status,
        uploaded_at=NOW,
    )
    for name in ("generator_file", "generator_progress", "generator_all_lines"):
        answer = client.get(reverse(name, args=[file.pk]))
        assert answer.status_code in (200, 286), (name, answer.status_code)
    assert client.get(reverse("generator")).status_code == 200


def test_the_page_says_how_much_is_written(client, trail):
    file = upload(client, trail.device, LOCAL)
    MeterFile.objects.filter(pk=file.pk).update(status=MeterFile.Status.IMPORTING)
    with import_progress.taken([file.pk]):
        assert "24 readings are being taken in" in page(client, "generator_file", file.pk)
    meter = import_progress.shown(import_progress.METER, file.pk)
    with import_progress.taken([file.pk]), meter as show:
        show(10, 24)
        shown = page(client, "generator_progress", file.pk)
    assert "10 of 24 readings are written." in shown
    assert "10 of 24" not in page(client, "generator_progress", file.pk)
