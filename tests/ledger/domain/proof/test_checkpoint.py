"""A proof in a block of a network of others: it holds where a trust file names the block's hash."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.keccak import keccak256
from ledger.domain.proof import files, rlp, trust
from ledger.domain.proof.block import parse_header
from ledger.domain.proof.verification import UNSEALED_STEPS, verify
from ledger.errors import ProofUnreadable
from tests.ledger.domain.proof.test_verification import mutate
from tests.ledger.domain.proof.vector import (
    NETWORK_TRUST,
    PROOF,
    TRUST,
    UNSEALED,
    leaves,
    put,
    unsealed,
)

pytestmark = pytest.mark.once

VOUCHED = trust.parse(NETWORK_TRUST)
LEAVES = list(leaves(unsealed()))


def test_it_is_authentic_where_the_trust_file_names_its_block():
    verdict = verify(files.parse(UNSEALED), VOUCHED)
    assert [step.name for step in verdict.steps] == list(UNSEALED_STEPS)
    assert list(UNSEALED_STEPS)[-1] == "checkpoint"
    assert verdict.authenticated
    assert verdict.statement == verify(files.parse(PROOF)).statement


def test_without_a_trust_file_it_is_consistent_and_says_that_nobody_vouched():
    verdict = verify(files.parse(UNSEALED))
    assert (verdict.valid, verdict.authenticated) == (True, False)
    assert "nobody vouched for" in verdict.steps[-1].said


def test_a_file_comes_back_as_it_was_written():
    assert files.dump(files.parse(UNSEALED)) == UNSEALED
    assert trust.parse(trust.dump(VOUCHED)) == VOUCHED


@given(which=st.sampled_from(LEAVES), at=st.integers(0, 10_000), to=st.integers(0, 15))
def test_a_changed_character_anywhere_fails_with_the_name_of_a_step(which, at, to):
    path, text = which
    found = unsealed()
    put(found, path, mutate(text, at, to))
    try:
        proof = files.parse(json.dumps(found).encode())
    except ProofUnreadable:
        return
    verdict = verify(proof, VOUCHED)
    assert verdict.failed_step in UNSEALED_STEPS, path
    assert verdict.statement is None


@given(at=st.integers(0, len(UNSEALED) - 1), flip=st.integers(1, 255))
def test_a_changed_byte_anywhere_in_the_file_is_refused_or_fails_at_a_step(at, flip):
    wrong = UNSEALED[:at] + bytes([UNSEALED[at] ^ flip]) + UNSEALED[at + 1 :]
    try:
        proof = files.parse(wrong)
    except ProofUnreadable:
        return
    assert verify(proof, VOUCHED).failed_step in UNSEALED_STEPS


def test_a_block_that_no_trust_file_names_fails_and_its_hash_is_said():
    ((number, digest),) = VOUCHED.checkpoints
    for checkpoints in ({(number + 1, digest)}, {(number, bytes(32))}, set()):
        verdict = verify(
            files.parse(UNSEALED), replace(VOUCHED, checkpoints=frozenset(checkpoints))
        )
        assert verdict.failed_step == "checkpoint"
        assert digest.hex() in verdict.steps[-1].said


@pytest.mark.parametrize("change", [{"chain_id": 5}, {"genesis_hash": bytes(32)}])
def test_a_trust_file_of_another_network_refutes_it(change):
    assert verify(files.parse(UNSEALED), replace(VOUCHED, **change)).failed_step == "checkpoint"


def test_neither_kind_of_trust_vouches_for_the_other_kind_of_block():
    assert verify(files.parse(PROOF), VOUCHED).failed_step == "seal"
    assert verify(files.parse(UNSEALED), trust.parse(TRUST)).failed_step == "checkpoint"


@pytest.mark.parametrize("count", [15, 16, 20, 22, 64, 65])
def test_headers_of_other_forks_are_read_where_no_seal_is_ours(count):
    fields = [bytes(32), bytes(32), bytes(20), b"s" * 32, *[b""] * 4, b"\7", b"", b"", b"\5"]
    encoded = rlp_list([*fields, *[b""] * (count - len(fields))])
    with pytest.raises(ValueError, match="21 fields"):
        parse_header(encoded)
    if 16 <= count <= 64:
        header = parse_header(encoded, is_sealed=False)
        assert (header.number, header.timestamp, header.state_root) == (7, 5, b"s" * 32)
    else:
        with pytest.raises(ValueError, match="16 to 64"):
            parse_header(encoded, is_sealed=False)


def rlp_list(strings):
    """A list of short strings, written out from the yellow paper."""
    body = b"".join(
        one if len(one) == 1 and one < b"\x80" else bytes([0x80 + len(one)]) + one
        for one in strings
    )
    size = len(body).to_bytes(2, "big").lstrip(b"\0")
    encoded = bytes([0xF7 + len(size)]) + size + body
    assert rlp.decode(encoded)
    return encoded


@pytest.mark.parametrize(
    "change",
    [
        {"checkpoints": []},
        {"checkpoints": [{"number": "1"}]},
        {"checkpoints": [{"number": 1, "hash": "0x" + "00" * 32}]},
        {"checkpoints": [{"number": "1", "hash": "0x00"}]},
        {"sealers": []},
        {"format": "renewable-energy-registry/trust/1"},
    ],
)
def test_a_trust_file_that_names_no_block_is_refused(change):
    stated = json.loads(NETWORK_TRUST) | change
    with pytest.raises(ProofUnreadable):
        trust.parse(json.dumps(stated).encode())


def test_the_vector_s_block_hashes_to_its_hash():
    proof = files.parse(UNSEALED)
    assert keccak256(proof.block.header) == proof.block.hash
