"""manage.py verify_chain: exit code 0 for an honest chain, 1 for another, 2 for none."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from ledger.chain.engine import SEAL_KEY
from tests.ledger.chain.chains import CHAIN_ID, Clock, issue, open_engine, open_writer


@pytest.fixture
def chain(settings: LazySettings, tmp_path: Path) -> Path:
    settings.CHAIN_DIR = tmp_path
    settings.CHAIN_ID = CHAIN_ID
    settings.KEYSTORE_DIR = tmp_path / "keys"
    with open_writer(tmp_path) as opened:
        opened.submit([opened.prepare(1, 2, issue()).raw], Clock()())
    return tmp_path


def run(*options: str) -> str:
    out = StringIO()
    call_command("verify_chain", *options, stdout=out)
    return out.getvalue()


def remove_last_seal(chain: Path) -> None:
    engine = open_engine(chain)
    engine.store.write({}, [SEAL_KEY + engine.head().hash])


def test_an_honest_chain_is_told_in_two_lines(chain: Path) -> None:
    done, verdict = run().splitlines()
    assert done == "2 blocks with 3 transactions executed again from the genesis."
    assert verdict.startswith("Every state root and seal follows; sealed by this registry's keys.")


def test_machines_get_the_same_as_json(chain: Path) -> None:
    report = json.loads(run("--json"))
    head = open_engine(chain).head()
    assert report["head"] == f"0x{head.hash.hex()}"
    assert report["state_root"] == f"0x{head.state_root.hex()}"
    assert (report["blocks"], report["transactions"], report["authenticated"]) == (2, 3, True)
    assert report["deviation"] is None


def test_seals_of_unknown_keys_are_said_to_be_so(chain: Path) -> None:
    (chain / "keys" / "sealer.json").unlink()
    assert "by keys that are not known here" in run()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_deviation_ends_with_code_one(chain: Path, options: tuple[str, ...]) -> None:
    remove_last_seal(chain)
    with pytest.raises(CommandError) as failed:
        run(*options)
    assert failed.value.returncode == 1


def test_the_first_deviation_is_named(chain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remove_last_seal(chain)
    with pytest.raises(CommandError):
        call_command("verify_chain")
    assert "Block 2 deviates: it has no seal." in capsys.readouterr().out


def test_without_a_chain_it_ends_with_code_two(chain: Path) -> None:
    (chain / "chain.sqlite3").unlink()
    with pytest.raises(CommandError, match="no chain") as failed:
        run()
    assert failed.value.returncode == 2
