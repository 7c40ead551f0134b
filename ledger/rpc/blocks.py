"""Blocks and the chain itself."""

from typing import Any

import rlp
from eth.abc import BlockHeaderAPI

from ledger.domain.keccak import keccak256
from ledger.rpc import transactions
from ledger.rpc.errors import invalid_params
from ledger.rpc.quantities import data, parse_hash, quantity
from ledger.rpc.snapshot import Snapshot

CLIENT = "renewable-energy-registry/py-evm"
TYPED_BELOW = 0x80
SHORT = 55  # RLP writes the length of longer payloads in bytes of their own


def client_version(chain: Snapshot) -> str:
    return CLIENT


def network(chain: Snapshot) -> str:
    return str(chain.engine.chain_id)


def chain_id(chain: Snapshot) -> str:
    return quantity(chain.engine.chain_id)


def number(chain: Snapshot) -> str:
    return quantity(chain.head.block_number)


def syncing(chain: Snapshot) -> bool:
    return False


def accounts(chain: Snapshot) -> list[str]:
    """None: this server signs nothing for its callers."""
    return []


def by_number(chain: Snapshot, block: Any, full: Any) -> dict[str, Any] | None:
    _refuse_objects(block)
    return _block(chain, chain.find(block), full)


def by_hash(chain: Snapshot, block_hash: Any, full: Any) -> dict[str, Any] | None:
    return _block(chain, _by_hash(chain, block_hash), full)


def count_by_number(chain: Snapshot, block: Any) -> str | None:
    _refuse_objects(block)
    return _count(chain, chain.find(block))


def count_by_hash(chain: Snapshot, block_hash: Any) -> str | None:
    return _count(chain, _by_hash(chain, block_hash))


def describe_header(header: Any) -> dict[str, Any]:
    """A header's fields, all that its hash is made of."""
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "nonce": data(header.nonce),
        "mixHash": data(header.mix_hash),
        "sha3Uncles": data(header.uncles_hash),
        "logsBloom": data(header.bloom.to_bytes(256, "big")),
        "stateRoot": data(header.state_root),
        "miner": data(header.coinbase),
        "difficulty": quantity(header.difficulty),
        "extraData": data(header.extra_data),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "transactionsRoot": data(header.transaction_root),
        "receiptsRoot": data(header.receipt_root),
        "baseFeePerGas": quantity(header.base_fee_per_gas),
        "withdrawalsRoot": data(header.withdrawals_root),
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root),
        "requestsHash": data(header.requests_hash),
    }


def _block(chain: Snapshot, header: BlockHeaderAPI | None, full: Any) -> dict[str, Any] | None:
    if not isinstance(full, bool):
        raise invalid_params("invalid argument 1: say true for whole transactions, or false")
    if header is None:
        return None
    raws = chain.raw_transactions(header)
    listed: list[Any] = (
        [transactions.describe(raw, header, index) for index, raw in enumerate(raws)]
        if full
        else [data(keccak256(raw)) for raw in raws]
    )
    return describe_header(header) | {
        "size": quantity(_size(header, raws)),
        "transactions": listed,
        "uncles": [],
        "withdrawals": [],
    }


def _size(header: BlockHeaderAPI, raws: list[bytes]) -> int:
    """Bytes of the block's RLP: header, transactions, no uncles, no withdrawals."""
    content = sum(len(raw) if raw[0] >= TYPED_BELOW else _wrapped(len(raw)) for raw in raws)
    return _wrapped(len(rlp.encode(header)) + _wrapped(content) + 2 * _wrapped(0))


def _wrapped(length: int) -> int:
    """A payload's bytes with its RLP prefix."""
    return length + 1 + (0 if length <= SHORT else (length.bit_length() + 7) // 8)


def _count(chain: Snapshot, header: BlockHeaderAPI | None) -> str | None:
    return quantity(len(chain.raw_transactions(header))) if header else None


def _by_hash(chain: Snapshot, block_hash: Any) -> BlockHeaderAPI | None:
    return chain.header_by_hash(parse_hash(block_hash, "block hash"))


def _refuse_objects(block: Any) -> None:
    if not isinstance(block, str):
        raise invalid_params("invalid argument 0: a block number or tag is a string")
