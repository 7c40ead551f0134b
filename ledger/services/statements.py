"""What the registry states in its own name where no block can speak for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.chain.keys import REGISTRY
from ledger.chain.opening import key_ring


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """`text` is canonical JSON; the signature is over it as a personal message (EIP-191)."""

    text: str
    signer: str
    signature: str


def sign_statement(statement: Mapping[str, str | int]) -> SignedStatement:
    """Sign a statement with the registry's key; the same statement has one signature (RFC 6979).

    Raises: KeyUnavailable.
    """
    from eth_account import Account
    from eth_account.messages import encode_defunct

    text = json.dumps(dict(statement), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = key_ring().unlock(REGISTRY)
    signed = Account.sign_message(encode_defunct(text=text), key)
    return SignedStatement(text, Account.from_key(key).address, "0x" + signed.signature.hex())
