"""The command: a verdict, an exit code, no database."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.charging.domain.meters.made import Meter, charge

METER = Meter()


def run(*arguments):
    """What the command printed, and its exit code."""
    output = StringIO()
    try:
        call_command("verify_meter_value", *map(str, arguments), stdout=output)
    except CommandError as refusal:
        return output.getvalue(), refusal.returncode
    return output.getvalue(), 0


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "value.txt"
    path.write_text(METER.ocmf(charge()))
    return path


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(METER.private.verifying_key.to_pem())
    return path


def test_a_valid_record_with_its_key_proves_the_energy(record, key):
    printed, code = run(record, "--key", key, "--json")
    found = json.loads(printed)
    assert code == 0
    assert (found["signature"], found["energy_wh"], found["findings"]) == ("valid", 11_250, [])
    assert found["proves_energy"]
    assert found["vouched"]
    assert found["charges"][0]["started_at"] == "2026-03-01T10:00:00Z"


def test_the_words_for_people_name_the_energy_and_the_findings(record, key):
    printed, _ = run(record, "--key", key)
    assert "Genuine" in printed
    assert "11,250 Wh" in printed


def test_without_a_key_nothing_was_checked(record):
    printed, code = run(record, "--json")
    found = json.loads(printed)
    assert code == 1
    assert "AGAINST no_key record 1: " in run(record)[0]
    assert found["signature"] == "no_key"
    assert [each["code"] for each in found["findings"]] == ["no_key"]


def test_a_changed_record_is_invalid(record, key):
    record.write_text(record.read_text().replace("12.75", "13.75"))
    printed, code = run(record, "--key", key, "--json")
    assert (json.loads(printed)["signature"], code) == ("invalid", 1)


def test_a_registered_key_that_is_valid_only_later_is_no_key(record, tmp_path):
    entry = {"meter": "M-1", "public_key": METER.public_key, "valid_from": "2026-04-01T00:00:00Z"}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [entry]}))
    printed, code = run(record, "--key", file, "--json")
    found = json.loads(printed)
    assert (found["signature"], code) == ("no_key", 1)
    assert found["findings"][0]["code"] == "key_not_yet_valid"


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", "malformed"),
        (b"\x00\xff", "malformed"),
        (b"OCMF|{}|{}", "malformed"),
        (METER.ocmf(charge(), signature={"SA": "Ed25519"}).encode(), "unsupported"),
        (b"x" * 3_000_000, "malformed"),
    ],
)
def test_bad_content_is_a_verdict(tmp_path, content, state):
    path = tmp_path / "value"
    path.write_bytes(content)
    printed, code = run(path, "--json")
    assert (json.loads(printed)["signature"], code) == (state, 1)


def test_a_missing_file_or_a_bad_key_ends_with_exit_code_2(record, tmp_path):
    assert run(tmp_path / "nothing")[1] == 2
    assert run(record, "--key", tmp_path / "nothing")[1] == 2
    printed, code = run(record, "--key", record, "--json")
    assert code == 2
    assert json.loads(printed)["error"]["code"] == "unreadable_key"
    assert run(tmp_path)[1] == 2
