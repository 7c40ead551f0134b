"""Storage by commands: registered, fed, charged, settled."""

import json

import pytest

from certificates.models import StorageRecord
from tests.certificates.management.test_commands import refusal, run
from tests.certificates.stored import STORAGE, certifier

CSV = (
    "flow_start_datetime;flow_end_datetime;flow_energy_kwh;validator_id\n"
    "2018-01-01T00:00Z;2018-01-01T01:00Z;-1;grid\n"
    "2018-01-01T01:00Z;2018-01-01T02:00Z;0.8;grid\n"
)


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_storage_goes_its_way_by_commands(produce, file):
    produce("1", "2")
    gsrn = run("register_storage", file("s.json", json.dumps(STORAGE)), "--approve")["gsrn"]
    of = ("--device", gsrn)
    assert run("import_storage_records", file("r.csv", CSV), *of)["recorded"] == 2
    days = ("--from", "2018-01-01", "--to", "2018-02-01")
    assert run("charge_storage", *of, *days) == {
        "retirements": 1,
        "amount_wh": 1000,
        "unknown_wh": 0,
    }
    assert "not yet certified" in refusal(
        "settle_storage", *of, "--from", "2018-01-01", "--stored", "0"
    )
    certifier()()
    done = run("settle_storage", *of, "--from", "2018-01-01", "--stored", "0")
    assert (done["given_wh"], done["lost_wh"], done["issued_again"]) == (800, 200, 0)


def test_bad_lines_are_named_and_nothing_is_taken(battery, file):
    bad = file("r.csv", CSV + "soon;2018-01-01T02:00Z;0.8;\n")
    text = refusal("import_storage_records", bad, "--device", battery.gsrn)
    assert "line 4, flow_start_datetime: 'soon' is no time" in text
    assert not StorageRecord.objects.exists()
    missing = bad.with_name("none.csv")
    assert "cannot be read" in refusal("import_storage_records", missing, "--device", battery.gsrn)


def test_a_day_that_is_none_is_refused(battery):
    assert "'May' is no date or time" in refusal(
        "charge_storage", "--device", battery.gsrn, "--from", "May", "--to", "2018-02-01"
    )
