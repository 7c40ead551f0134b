"""manage.py witness: exit code 0 while all follows, 1 at a deviation, 2 bad input, 3 no answer."""

import json
import os
import signal
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ledger.models import WitnessSignature
from ledger.services import witnesses
from tests.ledger.chain.chains import BOB, issue, token
from tests.ledger.witness.conftest import NOW, note_blocks
from tests.ledger.witness.lies import seal_with_balance
from tests.processes import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def server(registry, live_server, monkeypatch):
    monkeypatch.setenv("WITNESS_PASSPHRASE", "quiet")
    note_blocks()
    return live_server.url


@pytest.fixture
def options(server, tmp_path):
    return ["--from", server, "--key", f"{tmp_path}/key.json", "--state", f"{tmp_path}/state"]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("witness", *arguments, stdout=out)
    return out.getvalue()


def test_a_stranger_catches_up_registers_and_co_signs(options):
    said = json.loads(run(*options, "--once", "--create-key", "--json"))
    assert (said["executed"], said["block"]) == (5, 5)
    assert "no registered witness" in said["refusal"]
    address = bytes.fromhex(said["witness"][2:])
    witnesses.register(address=address, name="Coventry", actor="test", now=NOW)
    assert f"is co-signed by {said['witness']}" in run(*options, "--once")
    assert WitnessSignature.objects.get().block.height == 5


def failure(*arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as failed:
        run(*arguments)
    return failed.value.returncode, str(failed.value)


def test_a_deviation_ends_with_code_one_and_its_height(options, registry):
    seal_with_balance(registry, issue(300), BOB, token(), 10**9)
    code, said = failure(*options, "--once", "--create-key")
    assert code == 1
    assert said.startswith("Block 6 deviates: its state_root does not follow")


def test_no_answer_ends_with_code_three(options):
    options[1] = "http://127.0.0.1:9"
    assert failure(*options, "--once", "--create-key")[0] == 3


def test_without_a_key_it_says_how_to_draw_one(options):
    code, said = failure(*options, "--once")
    assert code == 2
    assert "--create-key" in said


def test_a_passphrase_is_wanted_and_must_fit(options, monkeypatch):
    monkeypatch.setenv("WITNESS_PASSPHRASE", "")
    assert "Set WITNESS_PASSPHRASE" in failure(*options, "--once", "--create-key")[1]
    monkeypatch.setenv("WITNESS_PASSPHRASE", "quiet")
    run(*options, "--once", "--create-key")
    monkeypatch.setenv("WITNESS_PASSPHRASE", "loud")
    assert "does not open" in failure(*options, "--once")[1]


def test_it_keeps_up_in_a_process_of_its_own_until_it_is_stopped(options, tmp_path):
    command = [sys.executable, "manage.py", "witness", *options, "--create-key", "--every", "0.1"]
    environment = os.environ | {
        "WITNESS_PASSPHRASE": "quiet",
        "DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        guard = threading.Timer(PATIENCE_S, process.kill)
        guard.start()
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait() == 0
        guard.cancel()
    assert "5 blocks executed; block 5" in first
