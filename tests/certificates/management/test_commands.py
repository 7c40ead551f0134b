"""The way from an organisation to certificates, as commands."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.certificates.conftest import FACTS
from tests.certificates.domain.external.files import gc_csv, hours
from tests.certificates.domain.test_meter_file import KELMARSH

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> dict:
    out = StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        call_command(*map(str, arguments), stdout=StringIO())
    assert caught.value.returncode in (1, 2)
    return str(caught.value)


@pytest.fixture
def gsrn(data_dir, tmp_path) -> str:
    run("register_organisation", "--name", "Farm", "--slug", "farm", "--role", "producer")
    run("register_organisation", "--name", "C", "--slug", "c", "--role", "charging_company")
    file = tmp_path / "device.json"
    file.write_text(json.dumps(FACTS))
    return run("register_device", file, "--approve")["gsrn"]


def test_a_meter_file_becomes_certificates(gsrn):
    assert run("agreement", "--device", gsrn, "--to", "c", "--ppm", 46300)["ppm"] == 46300
    select = ("--device", gsrn, "--filter", "turbine=Kelmarsh 2")
    dry = run("import_readings", KELMARSH, *select, "--dry-run")
    report = run("import_readings", KELMARSH, *select)
    assert dry == report
    assert report["rows"] == report["accepted"] + report["skipped"] == 52_560
    assert report["accepted"] == 8_470
    january = run("issue", "--from", "2018-01-01", "--to", "2018-02-01")
    rest = run("issue", "--device", gsrn)
    assert january["lots"] + rest["lots"] == 7_938
    assert january["issued_wh"] + rest["issued_wh"] == 5_663_514_360


def test_sentences_for_people_name_bad_lines(gsrn, tmp_path, capsys):
    file = tmp_path / "m.csv"
    lines = "".join(f"2018-01-01T{hour:02}:00Z,x\n" for hour in range(24))
    file.write_text(f"start_utc,kwh\n{lines}")
    call_command("import_readings", str(file), "--device", gsrn)
    text = capsys.readouterr().out
    assert "24 rows, 0 accepted, 0 held, 24 rejected" in text
    assert "line 2, kwh 'x': is no number" in text
    assert "and 4 more lines" in text


def test_bad_input_is_refused_with_a_plain_sentence(gsrn, tmp_path):
    book = tmp_path / "m.xlsx"
    book.write_bytes(b"PK\x03\x04")
    assert "or as CSV" in refusal("import_readings", book, "--device", gsrn)
    assert "cannot be read" in refusal("import_readings", tmp_path / "no", "--device", gsrn)
    assert "18 digits" in refusal("issue", "--device", "1")
    assert "No device" in refusal("issue", "--device", "735005385000000011")
    assert "short name" in refusal("agreement", "--device", gsrn, "--to", "x", "--ppm", 1)
    assert "no JSON" in refusal("register_device", book)


def test_only_the_demo_approves_from_the_command_line(gsrn, tmp_path, settings):
    settings.IS_DEMO = False
    file = tmp_path / "device.json"
    file.write_text(json.dumps(FACTS))
    assert "auditor approves" in refusal("register_device", file, "--approve")


@pytest.mark.parametrize(
    "name",
    ["register_organisation", "register_device", "agreement", "import_readings", "issue"],
)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as caught:
        call_command(name, "--help")
    assert caught.value.code == 0
    assert "--json" in capsys.readouterr().out


@pytest.fixture
def abroad(gsrn, tmp_path) -> str:
    run("register_external_registry", "--code", "gcr", "--name", "Other", "--country", "DK")
    file = tmp_path / "abroad.json"
    file.write_text(json.dumps(FACTS | {"name": "Abroad", "kind": "external"}))
    return run("register_device", file, "--approve")["gsrn"]


def test_another_registrys_certificates_are_handed_in(abroad, tmp_path, capsys):
    file = tmp_path / "gc.csv"
    file.write_bytes(gc_csv(*hours(3)).getvalue())
    wanted = ("import_certificates", file, "--device", abroad, "--registry", "gcr")
    dry = run(*wanted, "--dry-run")
    assert (dry["status"], dry["amount_wh"]) == ("not handed in", 3_000)
    made = run(*wanted, "--proof", "Statement 4711")
    assert (made["status"], made["amount_wh"]) == ("submitted", 3_000)
    assert run(*wanted, "--proof", "Statement 4711")["import"] == made["import"]
    call_command(*map(str, wanted), "--proof", "Statement 4711")
    assert "3 of 3 lines, 3000 Wh: submitted." in capsys.readouterr().out


def test_lines_that_cannot_come_in_are_named(abroad, tmp_path):
    file = tmp_path / "gc.csv"
    file.write_bytes(gc_csv({"face_value": "x"}).getvalue())
    wanted = ("import_certificates", file, "--device", abroad, "--registry", "gcr")
    assert "line 2, face_value: 'x' is no whole" in refusal(*wanted, "--proof", "Statement 4711")
    assert "cannot be read" in refusal(
        "import_certificates", tmp_path / "no.csv", "--device", abroad, "--registry", "gcr"
    )
    assert "Known: gcr" in refusal(
        "import_certificates", file, "--device", abroad, "--registry", "x"
    )
