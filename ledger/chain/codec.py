"""Calls of the certificate contract as bytes, its events as facts, and its deployment.

Pure functions over the committed artefact; the compiler is not needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import rlp
from eth_abi.abi import encode as abi_encode

from ledger.contracts.artefact import load_artefact
from ledger.domain import sum_tree
from ledger.domain.calls import (
    BatchSettled,
    Call,
    EntryRetired,
    Fact,
    Issue,
    LotIssued,
    Settle,
    SettleEntry,
    Transfer,
    Withdraw,
)
from ledger.domain.keccak import keccak256

ISSUE = "issue(uint256,(uint256,uint256)[],(uint256,uint256,uint256)[],bytes32)"
TRANSFER = "transferCustody(uint256,(uint256,uint256,uint256,uint256)[])"
SETTLE = "settle(uint256,(uint256,uint256,uint256,uint256,bytes32)[])"
WITHDRAW = "withdraw(uint256,(uint256,uint256,uint256,uint256)[])"

ISSUED = "Issued(uint256,uint256,uint256)"
RETIRED = "Retired(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bytes32)"
SETTLED = "Settled(uint256,bytes32,uint256)"

LEAF_AMOUNT_BYTES = 8
WORD = 32  # bytes


class Log(Protocol):
    """A log as py-evm has it: topics as integers."""

    @property
    def address(self) -> bytes: ...
    @property
    def topics(self) -> Sequence[int]: ...
    @property
    def data(self) -> bytes: ...


def selector(signature: str) -> bytes:
    return keccak256(signature.encode())[:4]


def topic(signature: str) -> int:
    return int.from_bytes(keccak256(signature.encode()), "big")


def call_data(signature: str, *arguments: Any) -> bytes:
    """Selector and arguments of any function, named by its signature."""
    types = _split_types(signature[signature.index("(") + 1 : -1])
    return selector(signature) + abi_encode(types, arguments)


def _split_types(text: str) -> list[str]:
    types, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            types.append(text[start:at])
            start = at + 1
    return [*types, text[start:]] if text else []


def encode(sequence: int, call: Call) -> bytes:
    """Calldata of an operator's call.

    Raises: ValueError when a settlement's entry has leaves that do not add up to its amount.
    """
    match call:
        case Issue():
            lots = [(lot.token_id, lot.total) for lot in call.lots]
            splits = [(split.lot, split.account.int, split.amount) for split in call.splits]
            return b"".join(
                [
                    selector(ISSUE),
                    _words_of([sequence, 4 * WORD, (5 + 2 * len(lots)) * WORD]),
                    call.data_root,
                    _array(lots),
                    _array(splits),
                ]
            )
        case Transfer():
            moves = [
                (move.source.int, move.destination.int, move.token_id, move.amount)
                for move in call.moves
            ]
            return _with_array(TRANSFER, sequence, moves)
        case Withdraw():
            items = [
                (item.account.int, item.token_id, item.amount, item.reason) for item in call.items
            ]
            return _with_array(WITHDRAW, sequence, items)
        case Settle():
            return _encode_settle(sequence, call)


def calldata_size(call: Call) -> int:
    """Bytes that `encode` will give, without hashing a leaf."""
    match call:
        case Issue():
            return 4 + 6 * 32 + 64 * len(call.lots) + 96 * len(call.splits)
        case Transfer():
            return 4 + 3 * 32 + 128 * len(call.moves)
        case Withdraw():
            return 4 + 3 * 32 + 128 * len(call.items)
        case Settle():
            leaves = sum(len(entry.leaves) for entry in call.entries)
            return 4 + 3 * 32 + 160 * len(call.entries) + 40 * leaves


def _encode_settle(sequence: int, call: Settle) -> bytes:
    entries = [_with_tree(entry) for entry in call.entries]
    heads = [
        (
            entry.account.int,
            entry.token_id,
            entry.amount,
            len(entry.leaves),
            int.from_bytes(entry.tree_root or b"", "big"),
        )
        for entry in entries
    ]
    leaves = b"".join(
        amount.to_bytes(LEAF_AMOUNT_BYTES, "big") + commitment
        for entry in entries
        for amount, commitment in entry.leaves
    )
    return _with_array(SETTLE, sequence, heads) + leaves


def _with_array(signature: str, sequence: int, rows: Sequence[Sequence[int]]) -> bytes:
    """Calldata of (uint256, array of static tuples), as the contract ABI lays it out."""
    return selector(signature) + _words_of([sequence, 2 * WORD]) + _array(rows)


def _array(rows: Sequence[Sequence[int]]) -> bytes:
    return _words_of([len(rows), *(value for row in rows for value in row)])


def _words_of(values: Sequence[int]) -> bytes:
    # By hand: eth_abi takes twenty times as long, and a batch has two thousand words.
    return b"".join([value.to_bytes(WORD, "big") for value in values])


def _with_tree(entry: SettleEntry) -> SettleEntry:
    total = sum(amount for amount, _ in entry.leaves)
    if total != entry.amount:
        raise ValueError(f"leaves of {total} Wh under an entry of {entry.amount} Wh")
    if entry.tree_root is not None:
        return entry
    tree = sum_tree.build(entry.token_id, entry.leaves)
    return replace(entry, leaves=tree.leaves, tree_root=tree.root)


def decode_events(logs: Iterable[Log], contract: bytes | None = None) -> list[Fact]:
    """Facts in the order of their logs; others are passed over.

    `contract` limits them to logs of that address, which matters where a receiver's hook ran.
    """
    facts: list[Fact] = []
    for log in logs:
        decode = _DECODERS.get(log.topics[0]) if log.topics else None
        if decode and contract in (None, log.address):
            facts.append(decode(log.topics, log.data))
    return facts


def _words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data), 32)]


def _decode_issued(topics: Sequence[int], data: bytes) -> Fact:
    first_wh, total = _words(data)
    return LotIssued(token_id=topics[1], first_wh=first_wh, total=total)


def _decode_retired(topics: Sequence[int], data: bytes) -> Fact:
    position, from_renewable, from_emissions, amount, count, _ = _words(data)
    return EntryRetired(
        position=position,
        account_address=topics[1].to_bytes(20, "big"),
        token_id=topics[2],
        from_renewable=from_renewable,
        from_emissions=from_emissions,
        amount=amount,
        count=count,
        tree_root=data[-32:],
    )


def _decode_settled(topics: Sequence[int], data: bytes) -> Fact:
    return BatchSettled(sequence=topics[1], root=data[:32], entry_count=_words(data)[1])


_DECODERS = {
    topic(ISSUED): _decode_issued,
    topic(RETIRED): _decode_retired,
    topic(SETTLED): _decode_settled,
}


@dataclass(frozen=True, slots=True)
class Roles:
    """20-byte addresses that the contract obeys; one key may hold several roles."""

    admin: bytes
    issuer: bytes
    custodian: bytes
    pauser: bytes


@dataclass(frozen=True, slots=True)
class Deployment:
    """Two creations by one deployer, in this order with these nonces: roots, certificates."""

    roots_address: bytes
    roots_code: bytes
    certificates_address: bytes
    certificates_code: bytes


def created_address(creator: bytes, nonce: int) -> bytes:
    """Address of a contract that `creator` makes in the transaction with this nonce."""
    return keccak256(bytes(rlp.encode([creator, nonce])))[12:]


def deployment(*, registry_id: int, roles: Roles, deployer: bytes, nonce: int = 0) -> Deployment:
    """Init codes for the deployer's transactions `nonce` and `nonce + 1`."""
    roots = created_address(deployer, nonce)
    certificates = created_address(deployer, nonce + 1)
    addresses = [roles.admin, roles.issuer, roles.custodian, roles.pauser, roots]
    return Deployment(
        roots_address=roots,
        roots_code=_init_code("BatchRoots") + abi_encode(["address"], [certificates]),
        certificates_address=certificates,
        certificates_code=_init_code("Certificates")
        + abi_encode(["uint256"] + ["address"] * 5, [registry_id, *addresses]),
    )


def _init_code(contract: str) -> bytes:
    return bytes.fromhex(load_artefact()[contract]["bytecode"][2:])
