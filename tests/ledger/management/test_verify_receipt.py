"""A receipt is checked from two files alone: no database, no network."""

import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from ledger.domain.proof.reader import MAX_BYTES
from tests.ledger.domain.proof.vector import FOLDER, PROOF, document

PROOF_FILE, TRUST_FILE = str(FOLDER / "proof.json"), str(FOLDER / "trust.json")

pytestmark = pytest.mark.once


def run(capsys, *arguments):
    call_command("verify_receipt", *arguments)
    return capsys.readouterr().out


def test_it_prints_each_step_the_numbers_and_what_was_not_checked(capsys):
    said = run(capsys, PROOF_FILE, "--trust", TRUST_FILE)
    assert said.count("ok  ") == 12
    assert "Verdict: authentic." in said
    assert "renewable: Wh 1,000 to 5,999, made 2018-06-01T10:00:00+00:00" in said
    assert "that the meters told the truth" in said


def test_without_trust_it_is_consistent_but_not_authenticated(capsys):
    said = json.loads(run(capsys, PROOF_FILE, "--json"))
    assert said["verdict"] == "consistent, not authenticated"
    assert said["statement"]["retired_wh"] == {"renewable": 10_000, "emissions": 10_000}
    assert said["not_checked"][0].startswith("who sealed the block")


def test_an_invalid_proof_ends_with_1_and_names_the_step(tmp_path, capsys):
    found = document()
    found["entries"][0]["from_renewable"] = "1"
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(found))
    with pytest.raises(CommandError, match="'batch' failed") as refused:
        call_command("verify_receipt", str(path))
    assert refused.value.returncode == 1
    assert "FAIL batch: entry 0: it is not in its batch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{}", "expected an object"), (PROOF + b" " * MAX_BYTES, "larger"), (None, "cannot be read")],
)
def test_bad_input_ends_with_2_and_a_sentence(tmp_path, content, said):
    path = tmp_path / "proof.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=said) as refused:
        call_command("verify_receipt", str(path))
    assert refused.value.returncode == 2


def test_a_file_of_100_mb_is_refused_after_its_first_megabytes(tmp_path):
    path = tmp_path / "proof.json"
    with path.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    with pytest.raises(CommandError, match="larger than 4 MiB"):
        call_command("verify_receipt", str(path))


def test_checking_imports_neither_the_machine_nor_the_models():
    """So that an auditor waits for the arithmetic and for nothing else."""
    script = (
        "import sys; from ledger.domain.proof import files, trust, verification;"
        f"proof = files.parse(open({PROOF_FILE!r}, 'rb').read());"
        "assert verification.verify(proof).valid;"
        "print([m for m in ('eth', 'django', 'eth_utils', 'rlp', 'trie') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
