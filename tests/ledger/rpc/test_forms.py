"""The form of each answer: which members, each of which type (ethereum/execution-apis)."""

import re
from typing import Any

import pytest

from tests.ledger.rpc.chain import Asker, Story

UINT = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)")
DATA = re.compile(r"0x([0-9a-f]{2})*")
ADDRESS = re.compile(r"0x[0-9a-f]{40}")
HASH = re.compile(r"0x[0-9a-f]{64}")
BLOOM = re.compile(r"0x[0-9a-f]{512}")
KEY = re.compile(r"0x[0-9a-f]{1,64}")
EIGHT = re.compile(r"0x[0-9a-f]{16}")
NONE = None

LOG: dict[str, Any] = {
    "removed": bool,
    "logIndex": UINT,
    "transactionIndex": UINT,
    "transactionHash": HASH,
    "blockHash": HASH,
    "blockNumber": UINT,
    "blockTimestamp": UINT,
    "address": ADDRESS,
    "data": DATA,
    "topics": [HASH],
}
RECEIPT = {
    "type": UINT,
    "transactionHash": HASH,
    "transactionIndex": UINT,
    "blockHash": HASH,
    "blockNumber": UINT,
    "from": ADDRESS,
    "to": (ADDRESS, NONE),
    "cumulativeGasUsed": UINT,
    "gasUsed": UINT,
    "contractAddress": (ADDRESS, NONE),
    "logs": [LOG],
    "logsBloom": BLOOM,
    "status": UINT,
    "effectiveGasPrice": UINT,
}
TRANSACTION = {
    "blockHash": HASH,
    "blockNumber": UINT,
    "blockTimestamp": UINT,
    "from": ADDRESS,
    "hash": HASH,
    "transactionIndex": UINT,
    "type": UINT,
    "nonce": UINT,
    "to": (ADDRESS, NONE),
    "gas": UINT,
    "value": UINT,
    "input": DATA,
    "gasPrice": UINT,
    "chainId": UINT,
    "v": UINT,
    "r": UINT,
    "s": UINT,
}
BLOCK = {
    "hash": HASH,
    "parentHash": HASH,
    "sha3Uncles": HASH,
    "miner": ADDRESS,
    "stateRoot": HASH,
    "transactionsRoot": HASH,
    "receiptsRoot": HASH,
    "logsBloom": BLOOM,
    "difficulty": UINT,
    "number": UINT,
    "gasLimit": UINT,
    "gasUsed": UINT,
    "timestamp": UINT,
    "extraData": DATA,
    "mixHash": HASH,
    "nonce": EIGHT,
    "baseFeePerGas": UINT,
    "withdrawalsRoot": HASH,
    "blobGasUsed": UINT,
    "excessBlobGas": UINT,
    "parentBeaconBlockRoot": HASH,
    "requestsHash": HASH,
    "size": UINT,
    "withdrawals": [HASH],
    "uncles": [HASH],
}
FEES = {
    "oldestBlock": UINT,
    "baseFeePerGas": [UINT],
    "baseFeePerBlobGas": [UINT],
    "gasUsedRatio": [float],
    "blobGasUsedRatio": [float],
    "reward": [[UINT]],
}
PROOF = {
    "address": ADDRESS,
    "accountProof": [DATA],
    "balance": UINT,
    "codeHash": HASH,
    "nonce": UINT,
    "storageHash": HASH,
    "storageProof": [{"key": KEY, "value": UINT, "proof": [DATA]}],
}
ACCESS = {"accessList": [{"address": ADDRESS, "storageKeys": [HASH]}], "gasUsed": UINT}


def check(value: Any, form: Any, path: str = "result") -> None:
    """Fail with the path of the first member that is not as its form says."""
    if isinstance(form, tuple):
        if value is None and None in form:
            return
        form = form[0]
    if isinstance(form, re.Pattern):
        assert isinstance(value, str), path
        assert form.fullmatch(value), f"{path}: {value}"
    elif isinstance(form, type):
        assert type(value) is form, f"{path}: {value}"
    elif isinstance(form, list):
        assert isinstance(value, list), path
        for at, each in enumerate(value):
            check(each, form[0], f"{path}[{at}]")
    else:
        assert set(value) == set(form), path
        for name, inner in form.items():
            check(value[name], inner, f"{path}.{name}")


@pytest.mark.parametrize("number", range(6))
def test_blocks_transactions_receipts_and_logs(ask: Asker, number: int) -> None:
    block = hex(number)
    check(ask("eth_getBlockByNumber", block, False), BLOCK | {"transactions": [HASH]})
    check(ask("eth_getBlockByNumber", block, True), BLOCK | {"transactions": [TRANSACTION]})
    check(ask("eth_getBlockReceipts", block), [RECEIPT])
    check(ask("eth_getLogs", {"fromBlock": block, "toBlock": block}), [LOG])
    check(ask("eth_getBlockTransactionCountByNumber", block), UINT)


def test_state_calls_and_fees(ask: Asker, story: Story) -> None:
    where = story.certificates
    call = {"to": where, "data": "0x0e89341c" + "00" * 32}
    check(ask("eth_getProof", where, ["0x0", "0x" + "ab" * 32], "latest"), PROOF)
    check(ask("eth_feeHistory", "0x4", "latest", [5, 50.5]), FEES)
    check(ask("eth_createAccessList", call, "latest"), ACCESS)
    check(ask("eth_call", call, "latest"), DATA)
    check(ask("eth_getCode", where, "latest"), DATA)
    check(ask("eth_getStorageAt", where, "0x3", "latest"), HASH)
    for method in ("eth_getBalance", "eth_getTransactionCount"):
        check(ask(method, where, "latest"), UINT)
    for method in ("eth_blockNumber", "eth_chainId", "eth_gasPrice", "eth_maxPriorityFeePerGas"):
        check(ask(method), UINT)
    check(ask("eth_blobBaseFee"), UINT)
    check(ask("eth_estimateGas", call), UINT)
