"""The published vector of each hash, computed again from the specification alone."""

import json

import pytest
from sha3 import keccak_256

from ledger.domain import sum_tree
from ledger.domain.commitment import commit, field_digest
from ledger.domain.merkle import merkle_root
from ledger.domain.proof.block import seal_digest
from tests.ledger.domain.proof.vector import FOLDER

pytestmark = pytest.mark.once
VECTOR = json.loads((FOLDER / "arithmetic.json").read_text())
ID = int(VECTOR["id"], 16)


def data(text):
    return bytes.fromhex(text[2:])


def keccak(*parts):
    return keccak_256(b"".join(parts)).digest()


def word(number):
    return int(number).to_bytes(32, "big")


def test_fields_lead_to_the_commitment():
    digests = [field_digest(f["name"], f["value"], data(f["salt"])) for f in VECTOR["fields"]]
    assert digests == [data(field["digest"]) for field in VECTOR["fields"]]
    first = VECTOR["fields"][0]
    name = first["name"].encode()
    preimage = [b"\x10", data(first["salt"]), bytes([len(name)]), name, first["value"].encode()]
    assert keccak(*preimage) == digests[0]
    a, b, c = sorted(digests)
    root = keccak(b"\x03", keccak(b"\x03", a, b), c)
    assert root == merkle_root(sorted(digests)) == data(VECTOR["fields_root"])
    interval, salt = VECTOR["opening"]["interval"], data(VECTOR["opening"]["salt"])
    assert keccak(b"\x11", salt, root, interval.encode()) == data(VECTOR["commitment"])
    assert commit(root, interval, salt) == data(VECTOR["commitment"])


def test_leaves_lead_to_the_tree_root():
    nodes = []
    for leaf in VECTOR["leaves"]:
        digest = keccak(b"\0", word(ID), word(leaf["amount"]), data(leaf["commitment"]))
        assert digest == data(leaf["hash"])
        nodes.append((int(leaf["amount"]), digest))
    (a, left), (b, right), (c, odd) = nodes
    pair = keccak(b"\x01", word(a), left, word(b), right)
    top = keccak(b"\x01", word(a + b), pair, word(c), odd)
    assert keccak(b"\x05", word(a + b + c), top) == data(VECTOR["tree_root"])


def test_the_siblings_of_one_leaf_say_how_many_wh_stand_before_it():
    index = int(VECTOR["index"])
    leaf = VECTOR["leaves"][index]
    siblings = tuple((int(s["sum"]), data(s["hash"])) for s in VECTOR["siblings"])
    shown = sum_tree.prove(
        ID,
        (int(leaf["amount"]), data(leaf["commitment"])),
        sum_tree.SumProof(index=index, count=len(VECTOR["leaves"]), siblings=siblings),
    )
    assert shown == (int(VECTOR["before"]), int(VECTOR["total"]), data(VECTOR["tree_root"]))
    for attribute in ("renewable", "emissions"):
        first, last = map(int, VECTOR["numbers"][attribute])
        assert first == int(VECTOR["entry"][f"from_{attribute}"]) + shown[0]
        assert last == first + int(leaf["amount"]) - 1


def test_entries_lead_to_the_batch_root():
    entry = VECTOR["entry"]
    digest = keccak(
        b"\x02",
        data(entry["account"]).rjust(32, b"\0"),
        word(ID),
        word(entry["from_renewable"]),
        word(entry["from_emissions"]),
        word(VECTOR["total"]),
        word(len(VECTOR["leaves"])),
        data(VECTOR["tree_root"]),
    )
    assert digest == data(entry["hash"])
    a, b, c = map(data, VECTOR["batch"]["entries"])
    assert a == digest
    top = keccak(b"\x03", keccak(b"\x03", a, b), c)
    assert keccak(b"\x04", word(3), top) == data(VECTOR["batch"]["root"])


def test_a_seal_signs_chain_role_number_and_hash():
    seal = VECTOR["seal"]
    domain = keccak(
        b"REC-block-seal-v1", word(seal["chain_id"]), data(seal["genesis_hash"]), keccak(b"SEAL")
    )
    digest = keccak(b"\x19\x01", domain, word(seal["number"]), data(seal["block_hash"]))
    assert digest == data(seal["digest"])
    assert digest == seal_digest(
        chain_id=int(seal["chain_id"]),
        genesis_hash=data(seal["genesis_hash"]),
        number=int(seal["number"]),
        block_hash=data(seal["block_hash"]),
    )
