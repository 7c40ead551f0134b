"""The page's checker and ours come to the same verdict, on every changed file."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.domain.keccak import keccak256
from ledger.domain.proof import files, trust
from ledger.domain.proof.verification import verify
from ledger.errors import ProofUnreadable
from tests.ledger.domain.proof.vector import (
    NETWORK_TRUST,
    PROOF,
    TRUST,
    UNSEALED,
    document,
    leaves,
    put,
    unsealed,
)

SCRIPT = Path(__file__).with_name("proof_check.cjs")
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not NODE, reason="node is not installed"),
]


def theirs(cases):
    """What the page's checker answers to pairs of a proof and a trust file."""
    lines = "\n".join(json.dumps(case) for case in cases)
    done = subprocess.run([NODE, SCRIPT], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(proof, vouched):
    try:
        verdict = verify(
            files.parse(proof.encode()), trust.parse(vouched.encode()) if vouched else None
        )
    except ProofUnreadable:
        return "unreadable"
    if verdict.failed_step:
        return verdict.failed_step
    return [
        [
            one.device,
            one.attribute,
            str(one.first),
            str(one.end - 1),
            f"{one.starts_at:%Y-%m-%dT%H:%M:%SZ}",
            f"{one.ends_at:%Y-%m-%dT%H:%M:%SZ}",
            one.same_start,
        ]
        for one in verdict.statement.stretches
    ]


def altered():
    """The vector, and for each text in it several files in which it is another."""
    proof, vouched, choose = PROOF.decode(), TRUST.decode(), random.Random(20180101)
    yield proof, vouched
    yield proof, None
    for path, text in leaves(document()):
        hexadecimal = text.startswith("0x")
        for wrong in (
            text[:-1] + ("1" if text[-1] != "1" else "2"),
            text[:2] + ("1" if text[2:3] != "1" else "2") + text[3:],
            "0x" if hexadecimal else "",
            text[:-2] if hexadecimal else "18446744073709551615",
            text + "00" if hexadecimal else "0",
            "0x" + "00" * (len(text) // 2 - 1) if hexadecimal else "1",
            text.upper(),
            "x\N{ZERO WIDTH SPACE}",
            "x\N{NO-BREAK SPACE}\N{BRAILLE PATTERN BLANK}\N{EARTH GLOBE EUROPE-AFRICA}",
            "x\N{RIGHT-TO-LEFT OVERRIDE}",
            "x\ud800",
        ):
            found = document()
            put(found, path, wrong)
            yield json.dumps(found), None
        for at in choose.sample(range(2, len(text)), k=min(4, max(0, len(text) - 2))):
            found = document()
            put(found, path, text[:at] + choose.choice("0123456789abcdef") + text[at + 1 :])
            yield json.dumps(found), vouched
    for path, text in leaves(json.loads(TRUST)):
        found = json.loads(TRUST)
        put(found, path, text[:-1] + ("1" if text[-1] != "1" else "2"))
        yield proof, json.dumps(found)


def altered_on_a_network():
    """The vector without a seal, and each text in it and in its trust file another."""
    proof, vouched = UNSEALED.decode(), NETWORK_TRUST.decode()
    for one in (proof, PROOF.decode()):
        yield from ((one, other) for other in (vouched, None, TRUST.decode()))
    for path, text in leaves(unsealed()):
        found = unsealed()
        put(found, path, text[:-1] + ("1" if text[-1] != "1" else "2"))
        yield json.dumps(found), vouched
    for path, text in leaves(json.loads(NETWORK_TRUST)):
        for wrong in (text[:-1] + ("1" if text[-1] != "1" else "3"), text + "00", ""):
            found = json.loads(NETWORK_TRUST)
            put(found, path, wrong)
            yield proof, json.dumps(found)
    for checkpoints in ([], None, {}, [{"number": "2"}]):
        yield proof, json.dumps(json.loads(NETWORK_TRUST) | {"checkpoints": checkpoints})


@pytest.mark.parametrize("alter", [altered, altered_on_a_network])
def test_two_checkers_agree_on_every_altered_file(alter):
    cases = list(alter())
    answers = theirs(cases)
    assert len(answers) == len(cases)
    for (proof, vouched), answer in zip(cases, answers, strict=True):
        assert answer == ours(proof, vouched), proof[:200]


def test_what_is_no_proof_file_is_refused_by_the_page_too():
    cases = [("", None), ("[]", None), ("[" * 100_000, None), ("{}", None), (" " * 5_000_000, None)]
    assert set(theirs(cases)) == {"unreadable"}


def test_the_page_s_own_keccak_is_that_of_the_library():
    script = SCRIPT.with_name("proof_keccak.cjs")
    done = subprocess.run([NODE, script], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer == {"differ": [], "empty": keccak256(b"").hex()}
