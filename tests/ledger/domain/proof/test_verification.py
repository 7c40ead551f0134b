"""A proof stands or falls, and names the step at which it falls."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.commitment import field_digest
from ledger.domain.proof import files, trust
from ledger.domain.proof.block import seal_digest
from ledger.domain.proof.document import ROOTS_SLOT, Charge
from ledger.domain.proof.statement import not_checked
from ledger.domain.proof.verification import STEPS, verify
from ledger.domain.sum_tree import build
from ledger.errors import ProofUnreadable
from tests.ledger.domain.proof.vector import PROOF, TRUST, document, leaves, put

pytestmark = pytest.mark.once

LEAVES = list(leaves(document()))
VOUCHED = trust.parse(TRUST)


def changed(path, text):
    found = document()
    put(found, path, text)
    return json.dumps(found).encode()


def mutate(text, at, to):
    """The text with one character changed to another of its alphabet."""
    start = 2 if text.startswith("0x") else 0
    at = start + at % (len(text) - start)
    alphabet = "0123456789abcdef" if start or text.isdigit() else "xyz/"
    letters = [c for c in alphabet if c != text[at]]
    if text.isdigit():
        letters = [c for c in "123456789" if c != text[at]]
    return text[:at] + letters[to % len(letters)] + text[at + 1 :]


def test_the_published_proof_is_authentic_under_the_published_trust():
    verdict = verify(files.parse(PROOF), VOUCHED)
    assert [step.name for step in verdict.steps] == list(STEPS)
    assert verdict.valid
    assert verdict.authenticated
    assert verdict.statement.total_wh("renewable") == 10_000


def test_without_a_trust_file_a_proof_is_consistent_and_says_what_that_leaves_open():
    verdict = verify(files.parse(PROOF))
    assert verdict.valid
    assert not verdict.authenticated
    said = not_checked(verdict.statement.block, authenticated=False)
    assert "no trust file was given" in said[0]


def test_numbers_are_the_entry_s_start_plus_what_stands_left_of_the_leaf():
    proof = files.parse(PROOF)
    stretches = verify(proof).statement.stretches
    for n, one in enumerate(proof.retirements):
        entry = proof.entries[one.entry]
        assert stretches[2 * n].attribute == "renewable"
        assert entry.from_renewable <= stretches[2 * n].first
        assert stretches[2 * n].end <= entry.from_renewable + entry.amount
        assert stretches[2 * n].end - stretches[2 * n].first == one.amount


@given(which=st.sampled_from(LEAVES), at=st.integers(0, 10_000), to=st.integers(0, 15))
def test_a_changed_character_anywhere_fails_with_the_name_of_a_step(which, at, to):
    path, text = which
    try:
        proof = files.parse(changed(path, mutate(text, at, to)))
    except ProofUnreadable:
        return
    for vouched in (None, VOUCHED):
        verdict = verify(proof, vouched)
        assert not verdict.valid, path
        assert verdict.failed_step in STEPS
        assert verdict.statement is None


@given(at=st.integers(0, len(PROOF) - 1), flip=st.integers(1, 255))
def test_a_changed_byte_anywhere_in_the_file_is_refused_or_fails_at_a_step(at, flip):
    wrong = PROOF[:at] + bytes([PROOF[at] ^ flip]) + PROOF[at + 1 :]
    try:
        proof = files.parse(wrong)
    except ProofUnreadable:
        return
    assert verify(proof, VOUCHED).failed_step in STEPS


@pytest.mark.parametrize(("path", "text"), LEAVES)
def test_no_part_of_the_file_is_left_unread(path, text):
    """Each text in turn, at its first and last character."""
    for at in (0, len(text) - (3 if text.startswith("0x") else 1)):
        try:
            proof = files.parse(changed(path, mutate(text, at, 0)))
        except ProofUnreadable:
            continue
        assert not verify(proof).valid


@pytest.mark.parametrize(
    ("path", "step"),
    [
        (("charge", "fields", 3, "value"), "fields"),
        (("charge", "fields", 0, "value"), "commitment"),
        (("charge", "fields", 2, "salt"), "commitment"),
        (("retirements", 1, "opening", "interval"), "commitment"),
        (("retirements", 0, "opening", "salt"), "commitment"),
        (("retirements", 0, "commitment"), "commitment"),
        (("retirements", 0, "amount"), "path"),
        (("entries", 0, "tree_root"), "path"),
        (("entries", 0, "amount"), "sum"),
        (("entries", 0, "from_renewable"), "batch"),
        (("entries", 1, "account"), "batch"),
        (("batches", 0, "sequence"), "storage"),
        (("batches", 0, "storage", 0), "storage"),
        (("block", "contract"), "account"),
        (("block", "account", 0), "account"),
        (("block", "hash"), "header"),
        (("block", "seal"), "seal"),
        (("chain_id",), "seal"),
        (("genesis_hash",), "seal"),
    ],
)
def test_a_changed_part_fails_at_its_own_step(path, step):
    text = dict(LEAVES)[path]
    at = len(text) - 3 if text.startswith("0x") else 0
    wrong = f"{text}x" if path[-1] in {"value", "interval"} else mutate(text, at, 0)
    assert verify(files.parse(changed(path, wrong))).failed_step == step


def test_a_leaf_of_nothing_fails_as_a_leaf():
    proof = files.parse(changed(("retirements", 0, "amount"), "0"))
    assert verify(proof).failed_step == "leaf"


def test_an_asset_that_is_none_fails_as_an_entry():
    """A tree over an id without attributes, so that all below it holds."""
    proof = files.parse(PROOF)
    one = replace(proof.retirements[0], siblings=(), index=0, opening=None, entry=0)
    tree = build(4, [(one.amount, one.commitment)])
    entry = replace(proof.entries[0], token_id=4, count=1, amount=one.amount, tree_root=tree.root)
    shown = replace(proof, charge=Charge((), ()), entries=(entry,), retirements=(one,))
    assert verify(shown).failed_step == "entry"


def test_a_header_of_another_state_fails_as_the_state():
    proof = files.parse(PROOF)
    header = bytearray(proof.block.header)
    header[100] ^= 1  # within the state root, which stands third behind two hashes
    block = replace(proof.block, header=bytes(header))
    assert verify(replace(proof, block=block)).failed_step == "state"


def test_more_than_the_charge_took_fails_at_the_fields():
    found = document()
    for named in found["charge"]["fields"]:
        if named["name"] == "energy_wh":
            named["value"] = "9999"
    verdict = verify(files.parse(json.dumps(found).encode()))
    assert verdict.failed_step == "fields"
    assert "more was retired" in verdict.steps[-1].said


def test_a_charge_that_no_retirement_opens_to_is_not_shown():
    """Anybody could write another charge beside retirements that disclose nothing."""
    found = document()
    for one in found["retirements"]:
        one["opening"] = None
    verdict = verify(files.parse(json.dumps(found).encode()))
    assert verdict.failed_step == "fields"
    found["charge"] = {"fields": [], "hidden": []}
    verdict = verify(files.parse(json.dumps(found).encode()))
    assert verdict.valid
    assert verdict.statement.charge == ()
    assert {stretch.used_in for stretch in verdict.statement.stretches} == {""}


def test_an_opening_without_a_charge_fails_at_the_fields():
    found = document()
    found["charge"] = {"fields": [], "hidden": []}
    assert verify(files.parse(json.dumps(found).encode())).failed_step == "fields"


def test_a_field_may_be_kept_back_behind_its_digest():
    proof = files.parse(PROOF)
    kept, *shown = proof.charge.fields
    hidden = (field_digest(kept.name, kept.value, kept.salt),)
    verdict = verify(replace(proof, charge=Charge(tuple(shown), hidden)), VOUCHED)
    assert verdict.authenticated
    assert kept.name not in dict(verdict.statement.charge)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"chain_id": 5}, "seal"),
        ({"genesis_hash": bytes(32)}, "seal"),
        ({"threshold": 2}, "seal"),
        ({"batch_roots": trust.Contract(bytes(20), VOUCHED.batch_roots.code_hash)}, "account"),
        ({"batch_roots": trust.Contract(VOUCHED.batch_roots.address, bytes(32))}, "account"),
        ({"sealers": (replace(VOUCHED.sealers[0], address=bytes(20)),)}, "seal"),
        ({"sealers": (replace(VOUCHED.sealers[0], last_block=1),)}, "seal"),
        ({"sealers": (replace(VOUCHED.sealers[0], first_block=3),)}, "seal"),
    ],
)
def test_a_trust_file_that_says_otherwise_refutes_the_proof(change, step):
    assert verify(files.parse(PROOF), replace(VOUCHED, **change)).failed_step == step


def test_slot_and_seal_are_those_of_the_chain():
    from ledger.chain import layout, seal

    assert layout.base_slot("roots", layout.BATCH_ROOTS) == ROOTS_SLOT
    parts = {"chain_id": 7, "genesis_hash": b"g" * 32, "number": 9, "block_hash": b"b" * 32}
    assert seal_digest(**parts) == seal.seal_digest(**parts, role=seal.SEAL)
