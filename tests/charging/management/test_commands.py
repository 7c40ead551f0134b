"""Every step as a command: one call, a sentence or JSON, exit code 2 for bad input."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import path

from charging.models import MatchingRun, Session
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import TEN, A, B

urlpatterns = [path("receipt/<str:public_id>/", lambda request: None, name="receipt")]
DAY = ("--from", "2018-06-01", "--to", "2018-06-02")
ROWS = """CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model
1,1,01/06/2018,10:00,01/06/2018,11:00,10,"Mill Street, Perth",Rapid
1,1,01/06/2018,12:00,,,10,"Mill Street, Perth",Rapid
"""


@pytest.fixture
def output():
    return StringIO()


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "made.csv"
    file.write_text(ROWS)
    return str(file)


def test_import_sessions_prints_counts_and_errors(company, great_britain, table, output):
    arguments = ("--organisation", "council", "--area", "10YGB----------A", "--final")
    call_command("import_sessions", table, *arguments, "--json", stdout=output)
    report = json.loads(output.getvalue())
    errors = report.pop("errors")
    assert report == {
        "rows": 2,
        "accepted": 1,
        "held": 0,
        "rejected": 1,
        "duplicates": 0,
        "skipped": 0,
    }
    assert errors == [
        {"line": 3, "field": "End Date", "value": "", "reason": "The end is missing."}
    ]
    assert Session.objects.get().final


def test_a_dry_run_names_the_bad_line_for_people(company, great_britain, table, output):
    call_command("import_sessions", table, "--organisation", "council", "--dry-run", stdout=output)
    assert "line 3: End Date" in output.getvalue()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("import_sessions", "missing.csv", "--organisation", "council"),
        ("import_sessions", __file__, "--organisation", "council"),
        ("import_sessions", __file__, "--organisation", "nobody"),
        ("match", "--organisation", "nobody", *DAY),
        ("match", "--organisation", "council", *DAY, "--ppm", "5"),
        ("match", "--organisation", "council", *DAY, "--policy", "annual"),
        ("match", "--organisation", "council", *DAY, "--compare"),
        ("match", "--organisation", "council"),
        ("match", "--replay", "999"),
        ("receipt", "nothing"),
    ],
)
def test_bad_input_ends_with_exit_code_2_and_a_sentence(company, arguments):
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments)
    assert refusal.value.returncode == 2
    assert str(refusal.value).endswith(".")


def test_match_books_and_what_if_only_asks(company, producer, now, output):
    device = register_plant(producer, now)
    share_all(device, company, now, ppm=500_000)
    charge(company, [A, B], now)
    generate(device, TEN, ["8", "100"], now)
    call_command("match", "--organisation", "council", *DAY, "--json", stdout=output)
    booked = json.loads(output.getvalue())
    assert (booked["demand_wh"], booked["matched_wh"]) == (25_000, 9_000)
    assert booked["retirements"] == booked["allocations"] == 3
    assert booked["session_hours"] == 3
    asked = StringIO()
    arguments = ("--organisation", "council", *DAY, "--what-if", "--ppm", "1000000", "--json")
    call_command("match", *arguments, stdout=asked)
    assert json.loads(asked.getvalue())["matched_wh"] == 13_000


def test_match_compares_policies_and_computes_a_run_again(company, producer, now, output):
    device = register_plant(producer, now)
    share_all(device, company, now, ppm=500_000)
    charge(company, [A, B], now)
    generate(device, TEN, ["8", "100"], now)
    call_command("match", "--organisation", "council", *DAY, stdout=output)
    assert "9,000 of 25,000 Wh (36.00%) matched in 3 session hours" in output.getvalue()
    said, told, again = StringIO(), StringIO(), StringIO()
    arguments = ("--organisation", "council", *DAY, "--what-if", "--compare")
    call_command("match", *arguments, stdout=said)
    assert "By the hour: 9,000 of 25,000 Wh (36.00%)" in said.getvalue()
    assert "By the year: 25,000 of 25,000 Wh (100.00%)" in said.getvalue()
    call_command("match", *arguments, "--json", stdout=told)
    policies = json.loads(told.getvalue())["policies"]
    assert set(policies) == {"hourly", "15-minute", "monthly", "lcfs", "annual"}
    run = str(MatchingRun.objects.get().pk)
    call_command("match", "--replay", run, "--rule", "proportional-1", stdout=again)
    assert "hourly by proportional-1: 9,000 of 25,000 Wh (36.00%)." in again.getvalue()


@pytest.mark.urls(__name__)
def test_receipt_prints_link_state_and_figures(company, great_britain, now, output):
    charge(company, [A], now)
    call_command("receipt", "A", "--json", stdout=output)
    shown = json.loads(output.getvalue())
    assert shown["state"] == "waiting"
    assert shown["energy_wh"] == 10_000
    assert shown["public_id"] in shown["link"]
    said = StringIO()
    call_command("receipt", shown["public_id"], stdout=said)
    assert "0 of 10,000 Wh" in said.getvalue()
