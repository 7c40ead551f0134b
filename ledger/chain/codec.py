"""Calls of the certificate contract as bytes, its events as facts, and its deployment.

Pure functions over the committed artefact; the compiler is not needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import rlp
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode

from ledger.contracts.artefact import load_artefact
from ledger.domain import sum_tree
from ledger.domain.calls import (
    BatchSettled,
    Bundle,
    Call,
    ClaimVoided,
    EntryRetired,
    Fact,
    Issue,
    LotIssued,
    OwnAct,
    OwnMove,
    OwnRetirement,
    Release,
    Settle,
    SettleEntry,
    Supersede,
    Transfer,
    Unbundle,
    Withdraw,
    WithdrawFrom,
)
from ledger.domain.keccak import keccak256

ISSUE = "issue(uint256,(uint256,uint256)[],(uint256,uint256,uint256)[],bytes32)"
TRANSFER = "transferCustody(uint256,(uint256,uint256,uint256,uint256)[])"
SETTLE = "settle(uint256,(uint256,uint256,uint256,uint256,bytes32)[])"
WITHDRAW = "withdraw(uint256,(uint256,uint256,uint256,uint256)[])"
RELEASE = "release(uint256,uint256,address,uint256,uint256,bytes)"
WITHDRAW_FROM = "withdrawFrom(uint256,address,uint256,uint256,uint256)"
UNBUNDLE = "unbundle(uint256,uint256,uint256,uint256)"
BUNDLE = "bundle(uint256,uint256,uint256,uint256)"
SUPERSEDE = "supersede(uint256,uint256,uint256,uint256,uint256)"

ISSUED = "Issued(uint256,uint256,uint256)"
RETIRED = "Retired(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bytes32)"
SETTLED = "Settled(uint256,bytes32,uint256)"
COMMITTED = "Committed(uint256,bytes32)"
SUPERSEDED = "Superseded(uint256,uint256,uint256,uint256)"
TRANSFER_SINGLE = "TransferSingle(address,address,address,uint256,uint256)"
TRANSFER_BATCH = "TransferBatch(address,address,address,uint256[],uint256[])"

LEAF_AMOUNT_BYTES = 8
WORD = 32  # bytes
NOBODY = bytes(20)


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
            return _encode_issue(sequence, call)
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
        case Release():
            what = (call.destination, call.token_id, call.amount, b"")
            return call_data(RELEASE, sequence, call.account.int, *what)
        case WithdrawFrom():
            held = (call.owner, call.token_id, call.amount, call.reason)
            return call_data(WITHDRAW_FROM, sequence, *held)
        case Unbundle() | Bundle():
            name = UNBUNDLE if isinstance(call, Unbundle) else BUNDLE
            return call_data(name, sequence, call.account.int, call.token_id, call.amount)
        case Supersede():
            place = (call.batch, call.entry, call.leaf)
            return call_data(SUPERSEDE, sequence, *place, call.reason)


def _encode_issue(sequence: int, call: Issue) -> bytes:
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
        case Release():
            return 4 + 7 * 32
        case WithdrawFrom() | Supersede():
            return 4 + 5 * 32
        case Unbundle() | Bundle():
            return 4 + 4 * 32


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


def decode_own_acts(
    logs: Iterable[Log], contract: bytes, *, first_index: int = 0
) -> tuple[OwnAct, ...]:
    """What a holder's transaction did, by its logs; `first_index` is its first log's in the block.

    Moves between addresses and retirements; what the registry issues or takes back is its
    own batches' business.
    """
    acts: list[OwnAct] = []
    retired: tuple[EntryRetired, bytes] | None = None
    for index, log in enumerate(logs, start=first_index):
        name = log.topics[0] if log.topics and log.address == contract else None
        if name in (_TRANSFER_SINGLE, _TRANSFER_BATCH):
            acts += _moves(index, log.topics, log.data)
        elif name == _RETIRED:
            retired = (_decode_retired(log.topics, log.data), b"")
        elif name == _COMMITTED and retired:
            retired = (retired[0], log.data)
        elif name == _SETTLED and retired and retired[1]:
            settled = _decode_settled(log.topics, log.data)
            acts.append(OwnRetirement(index, *retired, settled))
            retired = None
    return tuple(acts)


def _moves(index: int, topics: Sequence[int], data: bytes) -> list[OwnMove]:
    """Nothing where Wh come from or go to nowhere."""
    source, destination = (topic.to_bytes(20, "big") for topic in topics[2:4])
    if NOBODY in (source, destination):
        return []
    if topics[0] == _TRANSFER_SINGLE:
        token_id, amount = _words(data)
        return [OwnMove(index, 0, source, destination, token_id, amount)]
    ids, amounts = abi_decode(["uint256[]", "uint256[]"], data)
    return [
        OwnMove(index, part, source, destination, token_id, amount)
        for part, (token_id, amount) in enumerate(zip(ids, amounts, strict=True))
    ]


def _words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data), 32)]


def _decode_issued(topics: Sequence[int], data: bytes) -> Fact:
    first_wh, total = _words(data)
    return LotIssued(token_id=topics[1], first_wh=first_wh, total=total)


def _decode_retired(topics: Sequence[int], data: bytes) -> EntryRetired:
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


def _decode_settled(topics: Sequence[int], data: bytes) -> BatchSettled:
    return BatchSettled(sequence=topics[1], root=data[:32], entry_count=_words(data)[1])


def _decode_superseded(topics: Sequence[int], data: bytes) -> Fact:
    batch, entry, leaf = topics[1:4]
    return ClaimVoided(batch=batch, entry=entry, leaf=leaf, reason=_words(data)[0])


_RETIRED, _SETTLED, _COMMITTED = topic(RETIRED), topic(SETTLED), topic(COMMITTED)
_TRANSFER_SINGLE, _TRANSFER_BATCH = topic(TRANSFER_SINGLE), topic(TRANSFER_BATCH)
_DECODERS = {
    topic(ISSUED): _decode_issued,
    _RETIRED: _decode_retired,
    _SETTLED: _decode_settled,
    topic(SUPERSEDED): _decode_superseded,
}
# Calls that only an operator can make, each with its turn: what the book's batches are made of.
_OPERATORS = {
    selector(name)
    for name in (
        *(ISSUE, TRANSFER, SETTLE, WITHDRAW, RELEASE, WITHDRAW_FROM, UNBUNDLE, BUNDLE),
        SUPERSEDE,
    )
}


def is_operators(data: bytes) -> bool:
    """Whether calldata is that of an operator's batch."""
    return data[:4] in _OPERATORS


@dataclass(frozen=True, slots=True)
class Roles:
    """20-byte addresses that the contract obeys; one key may hold several roles."""

    admin: bytes
    issuer: bytes
    custodian: bytes
    pauser: bytes


# The constructor's arguments: registry id, four roles, batch roots, where the metadata are.
DEPLOYED_WITH = ["uint256", *["address"] * 5, "string"]


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


def deployment(
    *, registry_id: int, roles: Roles, deployer: bytes, nonce: int = 0, uri: str = ""
) -> Deployment:
    """Init codes for the deployer's transactions `nonce` and `nonce + 1`.

    `uri` is where clients find an asset's metadata, with `{id}` in the id's place.
    """
    roots = created_address(deployer, nonce)
    certificates = created_address(deployer, nonce + 1)
    addresses = [roles.admin, roles.issuer, roles.custodian, roles.pauser, roots]
    return Deployment(
        roots_address=roots,
        roots_code=_init_code("BatchRoots") + abi_encode(["address"], [certificates]),
        certificates_address=certificates,
        certificates_code=_init_code("Certificates")
        + abi_encode(DEPLOYED_WITH, [registry_id, *addresses, uri]),
    )


def deployed_for(code: bytes) -> int:
    """The registry that a creation's data name. Raises: ValueError."""
    known = _init_code("Certificates")
    if not code.startswith(known):
        raise ValueError("it was created from other code")
    try:
        registry_id: int = abi_decode(DEPLOYED_WITH, code[len(known) :])[0]
    except Exception as error:
        raise ValueError("its arguments cannot be read") from error
    return registry_id


def _init_code(contract: str) -> bytes:
    return bytes.fromhex(load_artefact()[contract]["bytecode"][2:])
