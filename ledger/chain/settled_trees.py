"""The sum trees of a block, built again from its calldata.

The contract records the tree roots that it is given and never walks the leaves: whoever
re-executes must, or an operator could settle under a tree that nobody has seen. A holder's own
retirement has one leaf, and its tree is made by the contract.
"""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode as abi_decode

from ledger.chain.codec import LEAF_AMOUNT_BYTES, SETTLE, selector
from ledger.domain.calls import HOLDERS_BATCHES, BatchSettled, EntryRetired, Fact
from ledger.domain.sum_tree import build

LEAF_BYTES = LEAF_AMOUNT_BYTES + 32
HEADS = "(uint256,uint256,uint256,uint256,bytes32)[]"
HEAD_BYTES, FIXED_BYTES = 5 * 32, 4 + 3 * 32


def unfounded_tree(data: bytes, facts: Sequence[Fact]) -> str | None:
    """What is wrong with the trees of a call that retired `facts`; None where all follow."""
    retired = _given_trees(facts)
    if not retired:
        return None
    try:
        heads, leaves = _read(data)
    except Exception as error:
        return f"it retires by a call whose leaves cannot be read ({error})"
    if len(heads) != len(retired):
        return "it retires other entries than its calldata names"
    start = 0
    for position, (head, fact) in enumerate(zip(heads, retired, strict=True)):
        _, token_id, amount, count, root = head
        own, start = leaves[start : start + count], start + count
        if (token_id, amount, count, root) != (
            fact.token_id,
            fact.amount,
            fact.count,
            fact.tree_root,
        ):
            return f"entry {position} was retired otherwise than its calldata says"
        fault = _fault_of(token_id, amount, own, root)
        if fault:
            return f"entry {position} of its settlement {fault}"
    return None


def _given_trees(facts: Sequence[Fact]) -> list[EntryRetired]:
    """Entries whose tree the caller named: all but those of batches that holders make."""
    given: list[EntryRetired] = []
    open_: list[EntryRetired] = []
    for fact in facts:
        if isinstance(fact, EntryRetired):
            open_.append(fact)
        elif isinstance(fact, BatchSettled):
            if fact.sequence < HOLDERS_BATCHES:
                given += open_
            open_ = []
    return given + open_


def _read(data: bytes) -> tuple[list[Any], list[tuple[int, bytes]]]:
    if data[:4] != selector(SETTLE):
        raise ValueError("it is no settlement")
    _, heads = abi_decode(["uint256", HEADS], data[4:])
    tail = data[FIXED_BYTES + HEAD_BYTES * len(heads) :]
    if len(tail) != LEAF_BYTES * sum(head[3] for head in heads):
        raise ValueError("its length is not that of its leaves")
    rows = [tail[at : at + LEAF_BYTES] for at in range(0, len(tail), LEAF_BYTES)]
    return list(heads), [
        (int.from_bytes(row[:LEAF_AMOUNT_BYTES], "big"), row[LEAF_AMOUNT_BYTES:]) for row in rows
    ]


def _fault_of(
    token_id: int, amount: int, leaves: list[tuple[int, bytes]], root: bytes
) -> str | None:
    try:
        tree = build(token_id, leaves)
    except ValueError as error:
        return f"has no tree: {error}"
    if list(tree.leaves) != leaves:
        return "has leaves out of order"
    if tree.total != amount:
        return f"burns {amount} Wh over leaves of {tree.total} Wh"
    if tree.root != root:
        return f"states the tree root 0x{root.hex()}, its leaves give 0x{tree.root.hex()}"
    return None
