"""The generator's and the auditor's pages in a real browser."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import tasks
from certificates.models import MeterFile
from ledger.models import ConsistencyRun
from ledger.services import consistency, consistency_runs
from tests.certificates.views.generator.test_home import csv_of
from tests.ledger.admin.test_readonly import AGREES
from tests.trail import make_auditor

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_meter_file_becomes_certificates(page, visit, enter, trail, see, tmp_path, monkeypatch):
    monkeypatch.setattr("certificates.views.generator.files.chain", Mock())
    enter(trail.user)
    visit(reverse("generator"))
    see("generator-home")
    page.get_by_role("link", name="Upload a meter file").first.click()
    see("generator-upload")
    file = tmp_path / "march.csv"
    file.write_text(csv_of(200, extra="2018-05-01T00:00Z,many\n2018-05-01T01:00Z,9999999\n"))
    page.get_by_label("Meter file", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what the file says").click()
    page.get_by_role("button", name="Import 200 readings").wait_for()
    see("generator-preview")
    page.get_by_role("button", name="Import 200 readings").click()
    see("generator-progress")
    row = MeterFile.objects.get(name="march.csv")
    tasks.import_meter_file(row.pk)
    tasks.issue_device(row.device_id)
    page.get_by_role("heading", name="intervals became certificates").wait_for()
    see("generator-done")
    page.get_by_role("link", name="See the certificates").click()
    see("generator-certificates")


def test_a_file_that_leaves_something_open_is_asked_about_and_read_again(
    page, visit, enter, trail, see, tmp_path
):
    enter(trail.user)
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    start = datetime(2018, 10, 26, tzinfo=UTC)
    rows = [f"{start + timedelta(hours=n):%d.%m.%Y %H:%M};{n % 9},5" for n in range(96)]
    file = tmp_path / "portal.csv"
    file.write_text("\n".join(["Zeitstempel;Einspeisung [kWh]", *rows, "30.10.2018 00:00;x", ""]))
    page.get_by_label("Meter file", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what the file says").click()
    page.get_by_label("Times without an offset are in the zone").fill("Europe/Oslo")
    see("generator-questions")
    page.get_by_role("button", name="Read it again like this").click()
    page.get_by_role("heading", name="What does not fit").wait_for()
    assert MeterFile.objects.get(name="portal.csv").selection["@zone"] == "Europe/Oslo"
    page.get_by_role("link", name="See all of these lines").click()
    see("generator-lines")


def test_a_farm_s_file_asks_which_plant_is_which(page, visit, enter, trail, see, tmp_path):
    enter(trail.user)
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    hours = [(n, t) for n in range(24) for t in ("North", "South")]
    rows = [f"2018-03-01T{n:02}:00Z,{t},{n % 7}" for n, t in hours]
    file = tmp_path / "farm.csv"
    file.write_text("\n".join(["start_utc,turbine,kwh", *rows, ""]))
    page.get_by_label("Meter file", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what the file says").click()
    page.get_by_label("South").select_option(label=trail.device.name)
    see("generator-plants")
    page.get_by_role("button", name="See what it says of them").click()
    page.get_by_role("button", name="Import 24 readings").wait_for()


def test_a_dropped_file_is_chosen(page, visit, enter, trail):
    enter(trail.user)
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["a"], "dropped.csv", { type: "text/csv" }));
          const zone = document.querySelector("[data-drop]");
          zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }"""
    )
    assert page.evaluate("document.querySelector('#id_file').files[0].name") == "dropped.csv"


def test_the_auditor_follows_a_wh_and_checks_the_book(page, visit, enter, trail, see, monkeypatch):
    monkeypatch.setattr(consistency, "reconcile", lambda: AGREES)
    enter(make_auditor())
    visit(reverse("admin:index"))
    see("audit-index", accessible=False)
    visit(reverse("admin:charging_allocation_change", args=[trail.allocation.pk]))
    see("audit-trail", accessible=False)
    visit(reverse("admin:certificates_lot_changelist"))
    see("audit-list", accessible=False)
    visit(reverse("admin:index"))
    page.get_by_role("button", name="Check consistency").click()
    page.get_by_text("Waiting for a worker").wait_for()
    see("audit-consistency-waits", accessible=False)
    run = ConsistencyRun.objects.latest("pk")
    consistency_runs.carry_out(run_id=run.pk, clock=timezone.now)
    page.get_by_text("Everything adds up").wait_for()
    see("audit-consistency", accessible=False)


def test_the_api_viewer_opens_under_the_policy(page, visit, trail):
    visit(reverse("api:docs"))
    page.get_by_text("Renewable energy registry").first.wait_for()
