"""The first block, the same for every registry: no accounts, four system contracts.

Implementations of the Prague rules refuse a chain whose genesis lacks them. Their code is
public: EIP-4788 (block roots), EIP-2935 (history), EIP-7002 and EIP-7251 (requests).
"""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("genesis.json")


def parameters() -> dict[str, Any]:
    """Header fields for py-evm; integers and bytes."""
    stated = json.loads(PATH.read_text())
    return {
        "difficulty": 0,
        "gas_limit": int(stated["gasLimit"], 16),
        "timestamp": int(stated["timestamp"], 16),
        "base_fee_per_gas": int(stated["baseFeePerGas"], 16),
        "extra_data": bytes.fromhex(stated["extraData"][2:]),
        "parent_beacon_block_root": bytes(32),
    }


def state() -> dict[bytes, dict[str, Any]]:
    """Address to account, as py-evm takes it."""
    stated = json.loads(PATH.read_text())["alloc"]
    return {
        bytes.fromhex(address[2:]): {
            "balance": int(account["balance"], 16),
            "nonce": int(account["nonce"], 16),
            "code": bytes.fromhex(account["code"][2:]),
            "storage": {},
        }
        for address, account in stated.items()
    }
