"""The main job as a script would do it: one command after another, in a registry of its own."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.charging.domain import test_known_answers as known

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_data"
METER = SAMPLES / "generation" / "kelmarsh_2018_hourly_by_turbine.csv.gz"
SESSIONS = SAMPLES / "charging" / "perth_kinross_2018.csv.gz"
JANUARY = ("--from", "2018-01-01", "--to", "2018-02-01")
BEGIN, END = datetime(2018, 1, 1, tzinfo=UTC), datetime(2018, 2, 1, tzinfo=UTC)
TURBINE = SAMPLES / "generation" / "kelmarsh_2.json"
REPORT = {"rows", "accepted", "held", "rejected", "duplicates", "skipped", "errors"}
MATCH = {"demand_wh", "supply_wh", "matched_wh", "session_hours", "allocations", "retirements"} | {
    "too_coarse_wh",
    "late_intervals",
}

outcomes, demands, turbine = known.outcomes, known.demands, known.turbine
pytestmark = [pytest.mark.slow, pytest.mark.once]


class Registry:
    """A registry in a directory of its own, worked by commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL", "REGISTRY_MODE", "DJANGO_SETTINGS_MODULE"}
        } | {"DATA_DIR": str(folder / "data"), "HOME": str(folder)}

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *map(str, words)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,  # on a busy machine the first one alone takes minutes
        )

    def json(self, *words: object) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)

    def refusal(self, *words: object) -> str:
        """The one plain sentence that bad input gets."""
        done = self.run(*words)
        assert done.returncode == 2, (words, done.stderr)
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        return done.stderr.strip()


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> Registry:
    return Registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture(scope="module")
def gsrn(registry) -> str:
    """Everybody registered, the turbine approved and its agreement made, from nothing."""
    for name, slug, role in (
        ("Kelmarsh Wind Ltd", "kelmarsh", "producer"),
        ("Council chargers", "council", "charging_company"),
        ("Audit office", "audit", "auditor"),
    ):
        words = ("--name", name, "--slug", slug, "--role", role)
        assert registry.json("register_organisation", *words)["slug"] == slug
    plant = registry.json("register_device", TURBINE, "--approve")
    assert plant["status"] == "approved"
    assert plant["gsrn_origin"] == "registry"
    registry.json("agreement", "--device", plant["gsrn"], "--to", "council", "--ppm", 46300)
    return plant["gsrn"]


def held_by_hour(demands, turbine) -> tuple[int, int, int]:
    """January's demand, supply and match in Wh, from the rules alone."""
    inside = range(int(BEGIN.timestamp()), int(END.timestamp()))
    asked = {at: sum(d.amount_wh for d in hour) for at, hour in demands.items() if at in inside}
    given = {at: known.share_of(wh, 46_300) for at, wh in turbine.items() if at in inside}
    matched = sum(min(wh, given.get(at, 0)) for at, wh in asked.items())
    return sum(asked.values()), sum(given.values()), matched


def test_january_from_two_files_to_a_certified_receipt(registry, gsrn, demands, turbine):
    meter = ("import_readings", METER, "--device", gsrn, "--filter", "turbine=Kelmarsh 2")
    dry = registry.json(*meter, "--dry-run")
    report = registry.json(*meter)
    assert dry == report == registry.json(*meter)
    assert set(report) == REPORT
    assert (report["rows"], report["accepted"], report["errors"]) == (52_560, 8_470, [])

    issued = registry.json("issue", *JANUARY)
    assert issued["lots"] == sum(1 for at in turbine if at < END.timestamp())

    sessions = ("import_sessions", SESSIONS, "--organisation", "council")
    sessions += ("--profile", "perth_kinross", "--area", "10YGB----------A", *JANUARY, "--final")
    dry = registry.json(*sessions, "--dry-run")
    report = registry.json(*sessions)
    assert dry == report == registry.json(*sessions)
    assert set(report) == REPORT
    assert all(set(error) == {"line", "field", "value", "reason"} for error in report["errors"])
    parts = ("accepted", "held", "rejected", "duplicates", "skipped")
    assert report["rows"] == sum(report[part] for part in parts)

    demand, supply, matched = held_by_hour(demands, turbine)
    match = ("match", "--organisation", "council", *JANUARY)
    asked = registry.json(*match, "--what-if", "--ppm", 46300, "--policy", "annual")
    assert asked["matched_wh"] == min(demand, supply)
    asked = registry.json(*match, "--what-if", "--ppm", 46300)
    booked = registry.json(*match)
    assert set(asked) == set(booked) == MATCH
    for found in (asked, booked):
        assert [found[k] for k in ("demand_wh", "supply_wh", "matched_wh")] == [
            demand,
            supply,
            matched,
        ]
    assert asked["retirements"] == asked["allocations"] == 0
    assert booked["retirements"] == booked["allocations"] > 0
    assert registry.json(*match)["retirements"] == 0

    settled = registry.json("settle")
    assert (settled["certified"], settled["failed"]) == (
        issued["lots"] + booked["retirements"],
        0,
    )
    assert registry.json("settle")["certified"] == 0
    check_receipt(registry)
    verified = registry.json("verify_chain")
    assert (verified["deviation"], verified["blocks"]) == (None, settled["block"])
    assert verified["authenticated"]
    reconciled = registry.json("reconcile")
    assert (reconciled["differences"], reconciled["on_the_way"]) == ([], 0)
    assert reconciled["lots"] == issued["lots"]


def check_receipt(registry) -> None:
    """The receipt of a charge that lay inside one windy hour or more prints chain numbers."""
    uid = max(matched_uids(registry), key=len)
    receipt = registry.json("receipt", uid)
    assert receipt["state"] == "certified"
    assert 0 < receipt["renewable_wh"] <= receipt["energy_wh"]
    assert receipt["blocks"]
    assert receipt["emissions"]["grid_ug"] > receipt["emissions"]["charge_ug"] > 0
    for hour in receipt["hours"]:
        for share in hour["allocations"]:
            assert share["first_renewable_wh"] is not None
    assert receipt["public_id"] in receipt["link"]


def matched_uids(registry) -> list[str]:
    code = (
        "import django; django.setup()\n"
        "from charging.models import Allocation\n"
        "print(*Allocation.objects.values_list('session_hour__session__uid', flat=True)[:20])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=registry.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_bad_input_gets_exit_code_2_and_one_plain_sentence(registry, gsrn):
    stranger = "735005385000000011"
    facts = json.loads(TURBINE.read_text())
    device = registry.folder / "draft.json"
    device.write_text(json.dumps(facts | {"name": "Draft"}))
    draft = registry.json("register_device", device)["gsrn"]
    wrong = registry.folder / "wrong.json"
    wrong.write_text(json.dumps(facts | {"area": "nowhere"}))
    sessions = ("import_sessions", SESSIONS, "--organisation", "council")
    match = ("match", "--organisation", "council")
    for expected, words in (
        ("No device has the GSRN", ("import_readings", METER, "--device", stranger)),
        ("18 digits", ("issue", "--device", "12")),
        ("is submitted", ("import_readings", METER, "--device", draft)),
        ("is submitted", ("issue", "--device", draft)),
        ("cannot be read", ("import_readings", "none.csv", "--device", gsrn)),
        ("cannot be read", ("register_device", "none.json")),
        ("nowhere", ("register_device", wrong)),
        ("column=value", ("import_readings", METER, "--device", gsrn, "--filter", "turbine")),
        ("nobody", ("agreement", "--device", gsrn, "--to", "nobody", "--ppm", 1)),
        ("1000001", ("agreement", "--device", gsrn, "--to", "council", "--ppm", 1_000_001)),
        ("choose from", ("register_organisation", "--name", "x", "--slug", "x", "--role", "x")),
        ("nobody", ("import_sessions", SESSIONS, "--organisation", "nobody")),
        ("cannot be read", ("import_sessions", "none.csv", "--organisation", "council")),
        ("profile", (*sessions, "--profile", "unheard-of")),
        ("nowhere", (*sessions, "--area", "nowhere")),
        ("no date", (*sessions, "--from", "yesterday")),
        ("no charging company", ("import_sessions", SESSIONS, "--organisation", "kelmarsh")),
        ("ends before", (*match, "--from", "2018-02-01", "--to", "2018-01-01")),
        ("no date", (*match, "--from", "2018-13-01", "--to", "2019-01-01")),
        ("Name --organisation, --from and --to", match),
        ("No session or receipt", ("receipt", "nothing")),
    ):
        assert expected in registry.refusal(*words), words
    asked = registry.run("receipt", "nothing", "--json")
    assert asked.returncode == 2
    assert json.loads(asked.stdout)["error"]["code"] == "unknown_session"
