from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.calls import EntryRetired
from ledger.domain.keccak import keccak256
from ledger.domain.merkle import merkle_root
from ledger.domain.sum_tree import (
    MAX_SUM,
    SumProof,
    batch_root,
    build,
    entry_hash,
    prove,
    verify_proof,
)

TOKEN = 0x0107E90BFAE1F90001018533A0003C0000000003
leaves = st.lists(
    st.tuples(st.integers(1, 1 << 40), st.binary(min_size=32, max_size=32)), min_size=1, max_size=33
)


def word(value):
    return value.to_bytes(32, "big")


def test_three_leaves_hash_as_the_specification_says():
    marks = [bytes([n]) * 32 for n in (1, 2, 3)]
    tree = build(TOKEN, [(30, marks[2]), (10, marks[0]), (20, marks[1])])
    leaf = [keccak256(b"\x00" + word(TOKEN) + word(n * 10) + marks[n - 1]) for n in (1, 2, 3)]
    pair = keccak256(b"\x01" + word(10) + leaf[0] + word(20) + leaf[1])
    top = keccak256(b"\x01" + word(30) + pair + word(30) + leaf[2])
    assert tree.root == keccak256(b"\x05" + word(60) + top)
    assert (tree.total, tree.count, tree.prefix_sums) == (60, 3, (0, 10, 30))


@given(leaves)
def test_the_leaves_stretches_tile_the_entry_without_gap_or_overlap(items):
    tree = build(TOKEN, items)
    stretches = []
    for index, leaf in enumerate(tree.leaves):
        before, total, root = prove(TOKEN, leaf, tree.proof(index))
        assert (total, root) == (tree.total, tree.root)
        assert before == tree.prefix_sums[index]
        stretches.append((before, before + leaf[0]))
    assert stretches[0][0] == 0
    assert stretches[-1][1] == tree.total == sum(amount for amount, _ in items)
    assert all(end == start for (_, end), (start, _) in pairwise(stretches))


@given(leaves)
def test_all_proofs_at_once_are_the_proofs_one_by_one(items):
    tree = build(TOKEN, items)
    assert tree.proofs() == [tree.proof(index) for index in range(tree.count)]


@given(leaves, st.randoms(use_true_random=False))
def test_the_order_in_which_leaves_come_changes_nothing(items, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    assert build(TOKEN, shuffled) == build(TOKEN, items)


@given(leaves, st.data())
def test_a_changed_proof_is_refused(items, data):
    tree = build(TOKEN, items)
    index = data.draw(st.integers(0, tree.count - 1))
    leaf, proof = tree.leaves[index], tree.proof(index)

    def holds(leaf=leaf, proof=proof, total=tree.total, token=TOKEN):
        return verify_proof(token, leaf, proof, root=tree.root, total=total)

    assert holds()
    assert not holds(leaf=(leaf[0] + 1, leaf[1]))
    assert not holds(leaf=(leaf[0], keccak256(leaf[1])))
    assert not holds(token=TOKEN ^ 1)
    assert not holds(total=tree.total + 1)
    assert not holds(proof=replace(proof, index=proof.count))
    assert not holds(proof=replace(proof, siblings=(*proof.siblings, (1, b"\0" * 32))))
    for at, (total, digest) in enumerate(proof.siblings):
        for wrong in ((total + 1, digest), (0, digest), (MAX_SUM, digest), (total, b"")):
            siblings = (*proof.siblings[:at], wrong, *proof.siblings[at + 1 :])
            assert not holds(proof=replace(proof, siblings=siblings))


def test_a_proof_without_its_siblings_is_refused():
    tree = build(TOKEN, [(1, b"\1" * 32), (2, b"\2" * 32)])
    assert not verify_proof(TOKEN, tree.leaves[0], SumProof(0, 2, ()), root=tree.root, total=3)


@pytest.mark.parametrize(
    "items", [[], [(0, b"\0" * 32)], [(MAX_SUM + 1, b"\0" * 32)], [(1, b"\0")]]
)
def test_leaves_that_cannot_be_are_refused(items):
    with pytest.raises(ValueError):
        build(TOKEN, items)


def test_sums_beyond_64_bits_are_refused():
    with pytest.raises(ValueError, match="2\\^64"):
        build(TOKEN, [(MAX_SUM, b"\0" * 32), (1, b"\1" * 32)])


def test_entry_and_batch_hash_as_the_specification_says():
    entry = EntryRetired(0, b"\x11" * 20, TOKEN, 5, 7, 9, 2, b"\x22" * 32)
    digest = keccak256(
        b"\x02"
        + b"\0" * 12
        + b"\x11" * 20
        + word(TOKEN)
        + word(5)
        + word(7)
        + word(9)
        + word(2)
        + b"\x22" * 32
    )
    assert entry_hash(entry) == digest
    assert batch_root([digest] * 3) == keccak256(b"\x04" + word(3) + merkle_root([digest] * 3))


def test_a_leaf_outside_the_tree_has_no_proof():
    with pytest.raises(IndexError):
        build(TOKEN, [(1, b"\0" * 32)]).proof(1)
