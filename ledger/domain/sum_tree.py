"""Merkle sum trees: a retirement's place among the Wh of its entry, provable by arithmetic.

Every node carries the sum of the amounts below it, so that the siblings on the left of a
leaf say exactly which Wh come before it. Hashes:

- leaf  `keccak256(0x00 || id:32 || amount:32 || commitment:32)`
- node  `keccak256(0x01 || leftSum:32 || leftHash:32 || rightSum:32 || rightHash:32)`
- root  `keccak256(0x05 || sum:32 || hash:32)` of the top node
- entry `keccak256(0x02 || account:32 || id:32 || fromR:32 || fromE:32 || amount:32
  || count:32 || root:32)`
- batch `keccak256(0x04 || entryCount:32 || merkle root of the entries)`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from struct import Struct

from ledger.domain.calls import EntryRetired
from ledger.domain.keccak import keccak256
from ledger.domain.merkle import merkle_root

LEAF, NODE, ENTRY, BATCH, TREE_ROOT = b"\x00", b"\x01", b"\x02", b"\x04", b"\x05"
MAX_SUM = (1 << 64) - 1
PADDING = bytes(24)  # in front of a sum's eight bytes
eight_bytes = Struct(">Q").pack

Leaf = tuple[int, bytes]
_Node = tuple[int, bytes]


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def leaf_hash(token_id: int, amount: int, commitment: bytes) -> bytes:
    """Hash of a retirement of `amount` Wh of an asset.

    Raises: ValueError when the amount is not 1 to 2^64 - 1 or the commitment not 32 bytes.
    """
    _check_leaf(amount, commitment)
    return keccak256(LEAF + _word(token_id) + _word(amount) + commitment)


def _check_leaf(amount: int, commitment: bytes) -> None:
    if not 1 <= amount <= MAX_SUM:
        raise ValueError(f"a leaf of {amount} Wh is outside 1 to 2^64 - 1")
    if len(commitment) != 32:
        raise ValueError("a commitment has 32 bytes")


def _join(left: _Node, right: _Node) -> _Node:
    total = left[0] + right[0]
    if total > MAX_SUM:
        raise ValueError("a sum tree holds less than 2^64 Wh")
    return total, keccak256(NODE + _word(left[0]) + left[1] + _word(right[0]) + right[1])


def tree_root(total: int, top: bytes) -> bytes:
    return keccak256(TREE_ROOT + _word(total) + top)


def entry_hash(entry: EntryRetired) -> bytes:
    """Hash of an entry as the contract computes it from its own storage."""
    return keccak256(
        ENTRY
        + entry.account_address.rjust(32, b"\0")
        + _word(entry.token_id)
        + _word(entry.from_renewable)
        + _word(entry.from_emissions)
        + _word(entry.amount)
        + _word(entry.count)
        + entry.tree_root
    )


def batch_root(entry_hashes: Sequence[bytes]) -> bytes:
    """Root of a batch's entries in order. Raises: ValueError when there is none."""
    return root_of_batch(len(entry_hashes), merkle_root(entry_hashes))


def root_of_batch(entry_count: int, top: bytes) -> bytes:
    """Root of a batch from the Merkle root of its entries."""
    return keccak256(BATCH + _word(entry_count) + top)


@dataclass(frozen=True, slots=True)
class SumProof:
    """A leaf's position and the (sum, hash) of its siblings, from the leaf upwards."""

    index: int
    count: int
    siblings: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class SumTree:
    """`leaves` stand in the order of the tree, sorted by (commitment, amount).

    `levels` are the sums and the hashes of the nodes, from the leaves up to the top.
    """

    root: bytes
    total: int
    leaves: tuple[Leaf, ...]
    levels: tuple[tuple[list[int], list[bytes]], ...]

    @property
    def count(self) -> int:
        return len(self.leaves)

    @property
    def prefix_sums(self) -> tuple[int, ...]:
        """Wh that stand before each leaf."""
        return tuple(accumulate((amount for amount, _ in self.leaves[:-1]), initial=0))

    def proof(self, index: int) -> SumProof:
        """Raises: IndexError when there is no such leaf."""
        if not 0 <= index < self.count:
            raise IndexError(f"no leaf at {index} among {self.count}")
        siblings, position = [], index
        for sums, hashes in self.levels[:-1]:
            if (beside := position ^ 1) < len(sums):
                siblings.append((sums[beside], hashes[beside]))
            position //= 2
        return SumProof(index=index, count=self.count, siblings=tuple(siblings))

    def proofs(self) -> list[SumProof]:
        """One for each leaf, in their order: each path begins where its parent's does."""
        paths: list[tuple[_Node, ...]] = [()]
        for sums, hashes in reversed(self.levels[:-1]):
            nodes = list(zip(sums, hashes, strict=True))
            paths = [
                (nodes[n ^ 1], *paths[n // 2]) if n ^ 1 < len(nodes) else paths[n // 2]
                for n in range(len(nodes))
            ]
        return [SumProof(n, self.count, path) for n, path in enumerate(paths)]


def build(token_id: int, leaves: Sequence[Leaf]) -> SumTree:
    """The sum tree over (amount, commitment) of one account and asset, in any order.

    Raises: ValueError when there is no leaf, one is not valid, or the sum reaches 2^64.
    """
    if not leaves:
        raise ValueError("a sum tree needs at least one leaf")
    ordered = tuple(sorted(leaves, key=itemgetter(1, 0)))
    for amount, mark in ordered:
        _check_leaf(amount, mark)
    sums = [amount for amount, _ in ordered]
    if sum(sums) > MAX_SUM:
        raise ValueError("a sum tree holds less than 2^64 Wh")
    # Every hash below is the module's definition of it, with the constant bytes made once:
    # a batch has thousands of leaves.
    before = LEAF + _word(token_id) + PADDING
    hashes = [keccak256(before + eight_bytes(amount) + mark) for amount, mark in ordered]
    levels = [(sums, hashes)]
    while len(sums) > 1:
        sums, hashes = _level_above(sums, hashes)
        levels.append((sums, hashes))
    return SumTree(tree_root(sums[0], hashes[0]), sums[0], ordered, tuple(levels))


def _level_above(sums: list[int], hashes: list[bytes]) -> tuple[list[int], list[bytes]]:
    pairs = zip(sums[::2], hashes[::2], sums[1::2], hashes[1::2], strict=False)
    joined = [
        keccak256(b"".join((NODE, PADDING, eight_bytes(left), a, PADDING, eight_bytes(right), b)))
        for left, a, right, b in pairs
    ]
    added = [left + right for left, right in zip(sums[::2], sums[1::2], strict=False)]
    if len(sums) % 2:
        added.append(sums[-1])
        joined.append(hashes[-1])
    return added, joined


def prove(token_id: int, leaf: Leaf, proof: SumProof) -> tuple[int, int, bytes]:
    """What a proof shows: (Wh before the leaf, total Wh, tree root).

    The path's shape follows from (index, count); exactly that many siblings are wanted and
    every sum stays below 2^64.

    Raises: ValueError when the proof has another shape or a sum out of bounds.
    """
    index, count = proof.index, proof.count
    if not 0 <= index < count:
        raise ValueError(f"no position {index} among {count}")
    node: _Node = (leaf[0], leaf_hash(token_id, *leaf))
    before, rest = 0, iter(proof.siblings)
    while count > 1:
        if index ^ 1 < count:
            sibling = next(rest, None)
            if sibling is None or not 1 <= sibling[0] <= MAX_SUM or len(sibling[1]) != 32:
                raise ValueError("the proof lacks a sibling, or has one that cannot be")
            before += sibling[0] if index % 2 else 0
            node = _join(sibling, node) if index % 2 else _join(node, sibling)
        index, count = index // 2, (count + 1) // 2
    if next(rest, None) is not None:
        raise ValueError("the proof has too many siblings")
    return before, node[0], tree_root(*node)


def verify_proof(token_id: int, leaf: Leaf, proof: SumProof, *, root: bytes, total: int) -> bool:
    """Whether the proof leads to this root with exactly this sum."""
    try:
        _, proven_total, proven_root = prove(token_id, leaf, proof)
    except ValueError:
        return False
    return proven_total == total and proven_root == root
