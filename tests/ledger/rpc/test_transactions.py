"""Transactions of every type are described as their type asks, though the registry signs one."""

from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account

from ledger.domain.keccak import keccak256
from ledger.rpc.transactions import describe
from tests.ledger.chain.chains import CHAIN_ID
from tests.ledger.rpc.test_forms import ADDRESS, HASH, TRANSACTION, UINT, check

SIGNER = Account.from_key(b"\x07" * 32)
SOMEWHERE = "0x" + "11" * 20
COMMON = {
    "nonce": 3,
    "gas": 90_000,
    "to": SOMEWHERE,
    "value": 5,
    "data": "0x1234",
    "chainId": CHAIN_ID,
}
LISTED = {"accessList": [{"address": SOMEWHERE, "storageKeys": ["0x" + "00" * 32]}]}
CAPS = {"maxFeePerGas": 30, "maxPriorityFeePerGas": 2}
HEADER: Any = SimpleNamespace(hash=bytes(32), block_number=9, timestamp=99, base_fee_per_gas=10)
LIST_FORM = {"accessList": [{"address": ADDRESS, "storageKeys": [HASH]}], "yParity": UINT}
CAPS_FORM = {"maxFeePerGas": UINT, "maxPriorityFeePerGas": UINT}
AUTHORIZATION = {
    "chainId": UINT, "address": ADDRESS, "nonce": UINT, "yParity": UINT, "r": UINT, "s": UINT,
}  # fmt: skip


def authorized() -> dict[str, Any]:
    signed = SIGNER.sign_authorization({"chainId": CHAIN_ID, "address": SOMEWHERE, "nonce": 1})
    return {"authorizationList": [signed]}


@pytest.mark.parametrize(
    ("kind", "more", "form", "price"),
    [
        (0, {"gasPrice": 12}, {}, 12),
        (1, {"gasPrice": 12} | LISTED, LIST_FORM, 12),
        (2, CAPS | LISTED, LIST_FORM | CAPS_FORM, 12),
        (4, CAPS | LISTED, LIST_FORM | CAPS_FORM | {"authorizationList": [AUTHORIZATION]}, 12),
    ],
)
def test_a_transaction_of_each_type(
    kind: int, more: dict[str, Any], form: dict[str, Any], price: int
) -> None:
    stated = COMMON | more | ({"type": kind} if kind else {}) | (authorized() if kind == 4 else {})
    raw = bytes(SIGNER.sign_transaction(stated).raw_transaction)
    described = describe(raw, HEADER, 1)
    check(described, TRANSACTION | form)
    assert described["type"] == hex(kind)
    assert described["hash"] == f"0x{keccak256(raw).hex()}"
    assert described["from"] == SIGNER.address.lower()
    assert described["chainId"] == hex(CHAIN_ID)
    assert int(described["gasPrice"], 16) == price
