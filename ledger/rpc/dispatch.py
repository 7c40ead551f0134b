"""Which function answers which method."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger.errors import RpcRefused
from ledger.rpc import blocks, calls, envelope, fees, logs, sending, state, transactions
from ledger.rpc.errors import METHOD_NOT_FOUND, invalid_params
from ledger.rpc.pool import pool_of
from ledger.rpc.snapshot import Snapshot
from ledger.rpc.waiting_room import WaitingRoom

Method = Callable[..., Any]


METHODS: dict[str, Method] = {
    "web3_clientVersion": blocks.client_version,
    "net_version": blocks.network,
    "eth_chainId": blocks.chain_id,
    "eth_blockNumber": blocks.number,
    "eth_syncing": blocks.syncing,
    "eth_accounts": blocks.accounts,
    "eth_getBlockByNumber": blocks.by_number,
    "eth_getBlockByHash": blocks.by_hash,
    "eth_getBlockTransactionCountByNumber": blocks.count_by_number,
    "eth_getBlockTransactionCountByHash": blocks.count_by_hash,
    "eth_getTransactionByHash": transactions.by_hash,
    "eth_getTransactionByBlockHashAndIndex": transactions.by_block_and_index,
    "eth_getTransactionByBlockNumberAndIndex": transactions.by_block_and_index,
    "eth_getTransactionReceipt": transactions.receipt,
    "eth_getBlockReceipts": transactions.block_receipts,
    "eth_getLogs": logs.find,
    "eth_call": calls.call,
    "eth_estimateGas": calls.estimate,
    "eth_createAccessList": calls.access_list,
    "eth_getBalance": state.balance,
    "eth_getCode": state.code,
    "eth_getStorageAt": state.storage,
    "eth_getTransactionCount": state.nonce,
    "eth_getProof": state.proof,
    "eth_gasPrice": fees.gas_price,
    "eth_maxPriorityFeePerGas": fees.priority_fee,
    "eth_feeHistory": fees.history,
    "eth_blobBaseFee": fees.blob_fee,
    "eth_sendRawTransaction": sending.send,
}


def _bounds(method: Method) -> tuple[int, int]:
    """How many parameters a method takes, at least and at most."""
    stated = list(inspect.signature(method).parameters.values())[1:]
    return sum(each.default is each.empty for each in stated), len(stated)


BOUNDS = {name: _bounds(method) for name, method in METHODS.items()}


def perform(chain: Snapshot, name: str, params: list[Any]) -> Any:
    """One call's result. Raises: RpcRefused."""
    method = METHODS.get(name)
    if method is None:
        raise RpcRefused(METHOD_NOT_FOUND, f"the method {name[:80]} does not exist")
    least, most = BOUNDS[name]
    if len(params) < least:
        raise invalid_params(f"missing value for required argument {len(params)}")
    if len(params) > most:
        raise invalid_params(f"too many arguments, want at most {most}")
    chain.deadline.check()
    return method(chain, *params)


def answer(
    body: bytes,
    *,
    directory: Path,
    chain_id: int,
    waiting: WaitingRoom | None = None,
) -> bytes:
    """The answer to a request's body, all of it from one block of the chain in a directory.

    Empty for notifications. `waiting` takes what holders send.
    """
    opened = _Opening(directory, chain_id, waiting)
    try:
        return envelope.answer(body, opened.perform)
    finally:
        opened.close()


class _Opening:
    """Takes a reader when the first call needs it: what cannot be parsed takes none."""

    def __init__(self, directory: Path, chain_id: int, waiting: WaitingRoom | None) -> None:
        self._directory, self._chain_id, self._waiting = directory, chain_id, waiting
        self._context: Any = None
        self._chain: Snapshot | None = None

    def perform(self, name: str, params: list[Any]) -> Any:
        if self._chain is None:
            context = pool_of(self._directory, self._chain_id).snapshot()
            self._chain = replace(context.__enter__(), waiting=self._waiting)
            self._context = context
        return perform(self._chain, name, params)

    def close(self) -> None:
        if self._context is not None:
            self._context.__exit__(None, None, None)
