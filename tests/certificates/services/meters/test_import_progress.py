"""Those who wait for an import see how much of it is written, before its transaction ends."""

import os
from datetime import timedelta

import pytest

from certificates.models import CertificateImport, MeterFile, Reading
from certificates.services.imports import lots as imported_lots
from certificates.services.imports.bringing_in import bring_in
from certificates.services.imports.imports import accept
from certificates.services.meters import import_progress, readings
from certificates.services.meters.import_progress import BROUGHT, METER
from tests.certificates.conftest import NOW, meter_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(device, monkeypatch):
    """A file of five hours, written two at a time."""
    monkeypatch.setattr(readings, "CHUNK", 2)
    lines = [f"2018-01-01T{hour:02}:00Z,1" for hour in range(5)]
    return readings.upload(
        device=device, stream=meter_csv(*lines), name="m.csv", selection={}, now=NOW
    )


def test_each_chunk_of_a_meter_file_is_seen_and_forgotten_at_the_end(waiting, monkeypatch):
    seen, insert = [], readings.insert_columns

    def spy(*args):
        seen.append(import_progress.written(METER, waiting.pk))
        insert(*args)

    monkeypatch.setattr(readings, "insert_columns", spy)
    readings.import_file(file=waiting, now=NOW)
    assert seen == [None, (2, 5), (4, 5)]
    assert import_progress.written(METER, waiting.pk) is None
    assert Reading.objects.count() == 5


def test_an_import_that_fails_leaves_no_progress_behind(waiting, monkeypatch):
    insert = readings.insert_columns

    def fail(model, columns, count):
        if import_progress.written(METER, waiting.pk):
            raise OSError("disk full")
        insert(model, columns, count)

    monkeypatch.setattr(readings, "insert_columns", fail)
    with pytest.raises(OSError, match="disk full"):
        readings.import_file(file=waiting, now=NOW)
    assert import_progress.written(METER, waiting.pk) is None
    assert MeterFile.objects.get().status == MeterFile.Status.PREVIEWED


def test_the_steps_of_writing_certificates_of_another_registry_are_seen(hand_in, monkeypatch):
    row = accept(brought=hand_in(), now=NOW, actor="auditor")
    seen, note = [], imported_lots._note_serials

    def spy(*args):
        seen.append(import_progress.written(BROUGHT, row.pk))
        note(*args)

    monkeypatch.setattr(imported_lots, "_note_serials", spy)
    bring_in(import_id=row.pk, now=NOW)
    assert seen == [(2, 3)]
    assert CertificateImport.objects.get().status == "imported"
    assert import_progress.written(BROUGHT, row.pk) is None


def test_what_a_killed_worker_left_is_no_progress_once_it_is_old_or_torn(data_dir, settings):
    with import_progress.shown(METER, 7) as show:
        show(1, 9)
        path = import_progress._path(METER, 7)
        path.write_text("1")
        assert import_progress.written(METER, 7) is None
        show(2, 9)
        import_progress.drop_forgotten(now=NOW)
        assert import_progress.written(METER, 7) == (2, 9)
        old = (NOW - timedelta(days=2)).timestamp()
        os.utime(path, (old, old))
        import_progress.drop_forgotten(now=NOW)
        assert import_progress.written(METER, 7) is None
