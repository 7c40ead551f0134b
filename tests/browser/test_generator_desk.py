"""Corrections, the fate of energy, statements and a farm's batch in a real browser."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from certificates import tasks
from certificates.domain.device_facts import read_facts
from certificates.models import MeterFile
from certificates.services.plants.devices import register_device
from tests.certificates.conftest import FACTS

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2019, 3, 1, tzinfo=UTC)


def test_a_value_is_corrected_by_keyboard_and_its_effect_seen_before(
    page, visit, enter, trail, see
):
    enter(trail.user)
    visit(reverse("generator_correct", args=[trail.device.gsrn]) + "?day=2018-01-01")
    page.get_by_label("New total from 00:00, kWh").fill("0.25")
    see("correct")
    page.get_by_label("New total from 00:00, kWh").press("Enter")
    page.get_by_role("heading", name="What this correction changes").wait_for()
    see("correct-effect")
    file = MeterFile.objects.latest("pk")
    visit(reverse("generator_file", args=[file.pk]))
    see("correct-preview")
    tasks.import_meter_file(file.pk)
    tasks.issue_device(file.device_id)
    visit(reverse("generator_file", args=[file.pk]))
    page.get_by_role("heading", name="What was corrected").wait_for()
    see("correct-done")


def test_what_became_of_production_is_drawn_and_stated(page, visit, enter, trail, see):
    enter(trail.user)
    visit(reverse("generator"))
    see("desk-home")
    page.get_by_role("link", name="What became of all").click()
    see("desk-production")
    visit(reverse("plant", args=[trail.device.gsrn]))
    see("desk-public-plant")
    visit(reverse("generator_plant", args=[trail.device.gsrn]))
    see("desk-plant")
    page.get_by_role("link", name="Statements").click()
    see("desk-statements")
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="PDF of January 2018").is_visible()


def test_a_farm_s_plants_are_imported_together(page, visit, enter, trail, see, tmp_path):
    owner = {"organisation": trail.producer.slug, "area": trail.area.code}
    for name in ("North", "South"):
        register_device(facts=read_facts(FACTS | owner | {"name": name}), now=NOW, approve=True)
    enter(trail.user)
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    hours = [(n, t) for n in range(24) for t in ("North", "South")]
    rows = [f"2018-03-01T{n:02}:00Z,{t},{n % 7}" for n, t in hours]
    file = tmp_path / "farm.csv"
    file.write_text("\n".join(["start_utc,turbine,kwh", *rows, ""]))
    page.get_by_label("Meter file", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what the file says").click()
    page.get_by_role("button", name="See what it says of them").click()
    page.get_by_role("button", name="Import all 2").wait_for()
    see("desk-batch")
    first = MeterFile.objects.filter(status="previewed")
    tasks.import_meter_files(list(first.values_list("pk", flat=True)))
    for plant in trail.producer.devices.exclude(pk=trail.device.pk):
        tasks.issue_device(plant.pk)
    file.write_text(file.read_text().replace("T05:00Z,North,5", "T05:00Z,North,2"))
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    page.get_by_label("Meter file", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what the file says").click()
    page.get_by_role("button", name="See what it says of them").click()
    page.get_by_role("link", name="See what the corrections change").click()
    page.get_by_role("button", name="Correct 1 interval").wait_for()
    see("desk-batch-effect")
