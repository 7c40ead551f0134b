"""Transactions and their receipts."""

from typing import Any

from eth._utils.address import generate_contract_address
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth.vm.forks.cancun.constants import BLOB_TX_TYPE, GAS_PER_BLOB

from ledger.domain.keccak import keccak256
from ledger.rpc.fees import blob_base_fee, effective_gas_price
from ledger.rpc.log_index import Block
from ledger.rpc.quantities import data, parse_hash, parse_quantity, quantity, word
from ledger.rpc.receipts import Log, Receipt, decode_receipt
from ledger.rpc.snapshot import Snapshot, decode_transaction

LEGACY, ACCESS_LIST, SET_CODE = 0, 1, 4
EIP155_BASE = 35


def by_hash(chain: Snapshot, transaction_hash: Any) -> dict[str, Any] | None:
    wanted = parse_hash(transaction_hash, "transaction hash")
    found = chain.locate(wanted)
    if found is not None:
        return _at(chain, *found)
    raw = chain.waiting.find(wanted) if chain.waiting else None
    return describe(raw, None, 0) if raw is not None else None


def by_block_and_index(chain: Snapshot, block: Any, index: Any) -> dict[str, Any] | None:
    place = parse_quantity(index, "transaction index")
    header = chain.find(block)
    return _at(chain, header, place) if header else None


def receipt(chain: Snapshot, transaction_hash: Any) -> dict[str, Any] | None:
    found = chain.locate(parse_hash(transaction_hash, "transaction hash"))
    if found is None:
        return None
    header, index = found
    return _of_block(chain, header, upto=index)[index]


def block_receipts(chain: Snapshot, block: Any) -> list[dict[str, Any]] | None:
    header = chain.find(block)
    return _of_block(chain, header) if header else None


def type_of(transaction: SignedTransactionAPI) -> int:
    return getattr(transaction, "type_id", None) or LEGACY


def describe(raw: bytes, header: BlockHeaderAPI | None, index: int) -> dict[str, Any]:
    """A transaction as execution-apis describes it, in a block or waiting for one."""
    transaction: Any = decode_transaction(raw)
    kind = type_of(transaction)
    price = effective_gas_price(transaction, header) if header else transaction.max_fee_per_gas
    described = {
        "blockHash": data(header.hash) if header else None,
        "blockNumber": quantity(header.block_number) if header else None,
        "blockTimestamp": quantity(header.timestamp) if header else None,
        "from": data(transaction.sender),
        "gas": quantity(transaction.gas),
        "gasPrice": quantity(price),
        "hash": data(keccak256(raw)),
        "input": data(transaction.data),
        "nonce": quantity(transaction.nonce),
        "to": data(transaction.to) if transaction.to else None,
        "transactionIndex": quantity(index) if header else None,
        "type": quantity(kind),
        "value": quantity(transaction.value),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
    }
    return described | (_legacy(transaction) if kind == LEGACY else _typed(transaction, kind))


def describe_log(log: Log, place: dict[str, str], index: int) -> dict[str, Any]:
    """A log; `place` is what all logs of its transaction share, `index` counts in the block."""
    address, topics, content = log
    return {
        "address": data(address),
        "topics": [data(topic) for topic in topics],
        "data": data(content),
        **place,
        "logIndex": quantity(index),
        "removed": False,
    }


def block_of(header: BlockHeaderAPI) -> Block:
    """What logs say of their block."""
    return Block(header.block_number, header.hash, header.timestamp, header.receipt_root)


def place_of(block: Block, index: int, transaction_hash: bytes) -> dict[str, str]:
    """What the logs of a transaction share."""
    return {
        "blockNumber": quantity(block.number),
        "blockHash": data(block.hash),
        "blockTimestamp": quantity(block.timestamp),
        "transactionHash": data(transaction_hash),
        "transactionIndex": quantity(index),
    }


def _at(chain: Snapshot, header: BlockHeaderAPI, index: int) -> dict[str, Any] | None:
    raw = chain.raw_transaction(header, index)
    return describe(raw, header, index) if raw else None


def _legacy(transaction: Any) -> dict[str, Any]:
    v = transaction.v
    chain_id = {"chainId": quantity((v - EIP155_BASE) // 2)} if v >= EIP155_BASE else {}
    return {"v": quantity(v), **chain_id}


def _typed(transaction: Any, kind: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "chainId": quantity(transaction.chain_id),
        "v": quantity(transaction.y_parity),
        "yParity": quantity(transaction.y_parity),
        "accessList": [
            {"address": data(address), "storageKeys": [word(key) for key in keys]}
            for address, keys in transaction.access_list
        ],
    }
    if kind > ACCESS_LIST:
        described["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
        described["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
    if kind == BLOB_TX_TYPE:
        described["maxFeePerBlobGas"] = quantity(transaction.max_fee_per_blob_gas)
        described["blobVersionedHashes"] = [data(h) for h in transaction.blob_versioned_hashes]
    if kind == SET_CODE:
        described["authorizationList"] = [
            {
                "chainId": quantity(each.chain_id),
                "address": data(each.address),
                "nonce": quantity(each.nonce),
                "yParity": quantity(each.y_parity),
                "r": quantity(each.r),
                "s": quantity(each.s),
            }
            for each in transaction.authorization_list
        ]
    return described


def _of_block(
    chain: Snapshot, header: BlockHeaderAPI, upto: int | None = None
) -> list[dict[str, Any]]:
    """The block's receipts from its first on, since gas and logs are counted through it."""
    described: list[dict[str, Any]] = []
    gas_before = logs_before = 0
    stop = len(chain.raw_transactions(header)) if upto is None else upto + 1
    for index in range(stop):
        chain.deadline.check()
        raw = chain.raw_transaction(header, index)
        stored = chain.raw_receipt(header.receipt_root, index)
        if raw is None or stored is None:
            break
        decoded = decode_receipt(stored)
        if upto is None or index == upto:
            described.append(
                _describe_receipt(raw, decoded, header, (index, gas_before, logs_before))
            )
        else:
            described.append({})
        gas_before, logs_before = decoded.gas_used, logs_before + len(decoded.logs)
    return described


def _describe_receipt(
    raw: bytes, receipt: Receipt, header: BlockHeaderAPI, before: tuple[int, int, int]
) -> dict[str, Any]:
    index, gas_before, logs_before = before
    transaction: Any = decode_transaction(raw)
    place = place_of(block_of(header), index, keccak256(raw))
    created = (
        None if transaction.to else generate_contract_address(transaction.sender, transaction.nonce)
    )
    described = {
        "blockHash": place["blockHash"],
        "blockNumber": place["blockNumber"],
        "contractAddress": data(created) if created else None,
        "cumulativeGasUsed": quantity(receipt.gas_used),
        "effectiveGasPrice": quantity(effective_gas_price(transaction, header)),
        "from": data(transaction.sender),
        "gasUsed": quantity(receipt.gas_used - gas_before),
        "logs": [
            describe_log(log, place, logs_before + offset)
            for offset, log in enumerate(receipt.logs)
        ],
        "logsBloom": data(receipt.bloom),
        "status": quantity(receipt.status),
        "to": data(transaction.to) if transaction.to else None,
        "transactionHash": place["transactionHash"],
        "transactionIndex": place["transactionIndex"],
        "type": quantity(type_of(transaction)),
    }
    if type_of(transaction) == BLOB_TX_TYPE:
        described["blobGasUsed"] = quantity(GAS_PER_BLOB * len(transaction.blob_versioned_hashes))
        described["blobGasPrice"] = quantity(blob_base_fee(header.excess_blob_gas))
    return described
