"""What the contract's own events say of its storage beside balances and lots.

Roles, void claims, approvals and signed acts are in mappings that no call enumerates; each
change left an event. Blocks are passed over by the filter in their header, and receipts by
looking for the event's name in their bytes, so that settlements are not decoded.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import rlp
from eth.abc import BlockHeaderAPI

from ledger.chain import layout
from ledger.chain.batched_trie import BatchedTrie
from ledger.chain.codec import topic
from ledger.chain.engine import Engine
from ledger.domain.keccak import keccak256

GRANTED = topic("RoleGranted(address,uint256)")
REVOKED = topic("RoleRevoked(address,uint256)")
SUPERSEDED = topic("Superseded(uint256,uint256,uint256,uint256)")
APPROVED = topic("ApprovalForAll(address,address,bool)")
NONCE_USED = topic("NonceUsed(address,uint256)")
NAMES = {name.to_bytes(32, "big"): name for name in (GRANTED, REVOKED, SUPERSEDED, APPROVED)} | {
    NONCE_USED.to_bytes(32, "big"): NONCE_USED
}
TYPED_BELOW = 0x80  # EIP-2718: a first byte below this is a type, not a list

Told = dict[int, tuple[str, int]]  # slot -> what it is, and its value


def read(engine: Engine, head: BlockHeaderAPI, contract: bytes) -> Told:
    """The slots that events up to a block account for, of the certificate contract."""
    told: Told = {}
    for name, topics, data in _events(engine, head, contract):
        _apply(told, name, topics, data)
    return told


def _apply(told: Told, name: int, topics: list[bytes], data: bytes) -> None:
    if name in (GRANTED, REVOKED):
        address, flag = topics[0][12:], int.from_bytes(data, "big")
        slot = layout.role_slot(address)
        before = told.get(slot, ("", 0))[1]
        roles = before | flag if name == GRANTED else before & ~flag
        told[slot] = (f"roles of 0x{address.hex()}", roles)
    elif name == SUPERSEDED:
        batch, entry, leaf = (int.from_bytes(each, "big") for each in topics)
        what = f"void claim of leaf {leaf} in entry {entry} of batch {batch}"
        told[layout.superseded_slot(batch, entry, leaf)] = (what, int.from_bytes(data, "big"))
    elif name == APPROVED:
        owner, operator = (each[12:] for each in topics)
        what = f"approval of 0x{operator.hex()} by 0x{owner.hex()}"
        told[layout.approval_slot(owner, operator)] = (what, int.from_bytes(data, "big"))
    else:
        address = topics[0][12:]
        what = f"signed acts of 0x{address.hex()}"
        told[layout.nonce_slot(address)] = (what, int.from_bytes(data, "big") + 1)


def _events(
    engine: Engine, head: BlockHeaderAPI, contract: bytes
) -> Iterator[tuple[int, list[bytes], bytes]]:
    for number in range(1, head.block_number + 1):
        header = engine.header(number) if number < head.block_number else head
        bloom = int(header.bloom)
        if any(_may_hold(bloom, name) for name in NAMES):
            for raw in _receipts(engine, header):
                if any(name in raw for name in NAMES):
                    yield from _named(raw, contract)


def _named(raw: bytes, contract: bytes) -> Iterator[tuple[int, list[bytes], bytes]]:
    logs: Any = rlp.decode(raw[1:] if raw[0] < TYPED_BELOW else raw)[3]
    for address, topics, data in logs:
        if address == contract and topics and topics[0] in NAMES:
            yield NAMES[topics[0]], list(topics[1:]), data


def _receipts(engine: Engine, header: BlockHeaderAPI) -> Iterator[bytes]:
    trie = BatchedTrie(engine.database, header.receipt_root)
    index = 0
    while raw := trie[rlp.encode(index)]:
        yield raw
        index += 1


def _may_hold(bloom: int, value: bytes) -> bool:
    """Whether a block's filter admits a log with this topic (yellow paper 4.3.1)."""
    digest = _digest(value)
    return all(bloom >> (int.from_bytes(digest[at : at + 2], "big") & 2047) & 1 for at in (0, 2, 4))


@cache
def _digest(value: bytes) -> bytes:
    return keccak256(value)
