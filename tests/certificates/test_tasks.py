"""Background work may run twice."""

import io

from certificates import tasks
from certificates.services import readings
from tests.certificates.conftest import meter_csv


def upload(device, now):
    lines = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,2")
    return readings.upload(
        device=device, stream=meter_csv(*lines), name="m.csv", selection={}, now=now
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
    (data_dir / "uploads" / file.stored_as).write_bytes(io.BytesIO(b"PK\x03\x04").read())
    tasks.import_meter_file(file.pk)
    file.refresh_from_db()
    assert file.status == "failed"
    assert file.report["error"]["code"] == "wrong_format"
