"""Background work may run twice."""

import os
import time
from datetime import timedelta

from django.utils import timezone

from certificates import tasks
from certificates.models import MeterFile
from certificates.queries.generator.home import progress
from certificates.services.meters import readings
from certificates.services.plants.devices import suspend
from tests.certificates.conftest import meter_csv

LINES = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,2")


def upload(device, now, *lines):
    return readings.upload(
        device=device, stream=meter_csv(*(lines or LINES)), name="m.csv", selection={}, now=now
    )


def test_import_and_issue_twice_change_nothing_the_second_time(device, now):
    file = upload(device, now)
    for _ in range(2):
        tasks.import_meter_file(file.pk)
        tasks.issue_device(device.pk)
    file.refresh_from_db()
    assert file.status == "imported"
    assert [lot.amount_wh for lot in device.lots.order_by("starts_at")] == [1000, 2000]


def test_a_file_that_cannot_be_read_any_more_is_marked_failed(device, now, data_dir):
    file = upload(device, now)
    (data_dir / "uploads" / file.stored_as).write_bytes(b"%PDF-1.7")
    tasks.import_meter_file(file.pk)
    file.refresh_from_db()
    assert file.status == "failed"
    assert file.report["error"]["code"] == "wrong_format"


def test_a_file_whose_content_is_gone_is_marked_failed(device, now, data_dir):
    file = upload(device, now)
    (data_dir / "uploads" / file.stored_as).unlink()
    tasks.import_meter_file(file.pk)
    file.refresh_from_db()
    assert file.status == "failed"
    assert "not kept here" in file.report["error"]["message"]


def test_readings_that_cannot_be_issued_yet_wait_and_the_log_says_why(device, now, caplog):
    suspend(device=device, now=now, actor="auditor", reason="audit")
    tasks.issue_device(device.pk)
    assert "suspended" in caplog.text


def test_the_sweep_asks_only_for_overdue_work_of_people(device, now, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.import_meter_file, "delay", asked.append)
    monkeypatch.setattr(tasks.issue_device, "delay", asked.append)
    by_command = upload(device, timezone.now() - timedelta(hours=1))
    tasks.import_meter_file(by_command.pk)
    fresh = upload(device, timezone.now(), "2018-01-02T00:00Z,1", "2018-01-02T01:00Z,1")
    MeterFile.objects.filter(pk=fresh.pk).update(status="importing")
    assert tasks.sweep() == 0
    late = timezone.now() - timedelta(hours=1)
    MeterFile.objects.filter(pk=fresh.pk).update(uploaded_at=late)
    assert (tasks.sweep(), asked) == (1, [fresh.pk])


def test_the_sweep_removes_what_uploads_that_were_cut_off_left(device, data_dir):
    folder = data_dir / "uploads" / "meter"
    folder.mkdir(parents=True)
    for name, hours in (("upload-old", 48), ("upload-new", 1), ("ab" * 32, 48)):
        (folder / name).touch()
        then = time.time() - hours * 3600
        os.utime(folder / name, (then, then))
    tasks.sweep()
    assert {path.name for path in folder.iterdir()} == {"upload-new", "ab" * 32}


def test_a_period_alone_is_issued_and_the_rest_later(device, now):
    tasks.import_meter_file(upload(device, now).pk)
    tasks.issue_device(device.pk, "2018-01-01T01:00+00:00", "2018-01-01T02:00+00:00")
    assert [lot.amount_wh for lot in device.lots.all()] == [2000]
    tasks.issue_device(device.pk)
    assert [lot.amount_wh for lot in device.lots.order_by("starts_at")] == [1000, 2000]


def test_the_sweep_asks_for_the_supplementary_lots_of_a_correction_and_then_no_more(
    device, now, monkeypatch, django_user_model
):
    user = django_user_model.objects.create_user("generator@example.org")
    late = timezone.now() - timedelta(hours=1)

    def confirmed(*lines):
        file = readings.upload(
            device=device, stream=meter_csv(*lines), name="m", selection={}, now=late, user=user
        )
        tasks.import_meter_file(file.pk)
        file.refresh_from_db()
        return file

    asked = []
    monkeypatch.setattr(tasks.issue_device, "delay", asked.append)
    confirmed(*LINES)
    assert tasks.sweep() == 1
    tasks.issue_device(device.pk)
    assert tasks.sweep() == 0
    file = confirmed("2018-01-01T00:00Z,1.5", "2018-01-01T01:00Z,0.5")
    assert not progress(file, timezone.now()).is_done
    assert tasks.sweep() == 1
    tasks.issue_device(device.pk)
    assert tasks.sweep() == 0
    assert progress(file, timezone.now()).is_done
