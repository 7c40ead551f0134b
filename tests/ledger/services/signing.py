"""Acts signed as wallets sign them, by an implementation of EIP-712 that is not ours."""

from typing import Any

from eth_utils import to_checksum_address

from tests.ledger.chain.chains import CHAIN_ID
from tests.ledger.services.self_custody import raw_address

FAR = 1 << 40
TYPES = {
    "Transfer": "source:address destination:address id:uint256 amount:uint256",
    "Retirement": "account:address id:uint256 amount:uint256 commitment:bytes32",
}


def document(wallet: Any, contract: bytes, kind: str, **message: Any) -> dict[str, Any]:
    """What a wallet hands back for a transfer or retirement; bytes are written in hexadecimal."""
    words = f"{TYPES[kind]} nonce:uint256 deadline:uint256".split()
    types = {kind: [dict(zip(("name", "type"), word.split(":"), strict=True)) for word in words]}
    domain = {
        "name": "Energy attribute certificates",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": to_checksum_address(contract),
    }
    who = "source" if kind == "Transfer" else "account"
    stated = {who: raw_address(wallet), "nonce": 0, "deadline": FAR} | message
    stated = {
        name: f"0x{value.hex()}" if isinstance(value, bytes) else value
        for name, value in stated.items()
    }
    signed = wallet.sign_typed_data(domain, types, stated)
    return {
        "primaryType": kind,
        "domain": domain,
        "message": stated,
        "signature": f"0x{bytes(signed.signature).hex()}",
    }
