"""ethers and viem read the same chain; run where node and `npm ci` in tests/ledger/rpc/js are."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ledger.chain import layout
from ledger.domain.custody import custody_address
from tests.ledger.chain.chains import ALICE, CHAIN_ID, REGISTRY_ID, token
from tests.ledger.rpc.chain import URI, Asker, Story

SCRIPTS = Path(__file__).with_name("js")
IS_REQUIRED = os.environ.get("RPC_CLIENTS", "").lower() in {"1", "true"}
NODE = shutil.which("node")
MISSING = "ETHERS AND VIEM NOT TESTED: they need node and `npm ci` in tests/ledger/rpc/js"
IS_THERE = NODE is not None and (SCRIPTS / "node_modules").is_dir()

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not IS_THERE and not IS_REQUIRED, reason=MISSING),
]


@pytest.mark.parametrize("library", ["ethers", "viem"])
@pytest.mark.django_db(transaction=True)
def test_a_foreign_client_reads_what_is_there(
    library: str, url: str, story: Story, ask: Asker
) -> None:
    transaction = f"0x{story.retired[0].hash.hex()}"
    asked = {
        "url": url,
        "chain": CHAIN_ID,
        "certificates": story.certificates,
        "abi": layout.artefact("Certificates")["abi"],
        "holder": f"0x{custody_address(CHAIN_ID, REGISTRY_ID, ALICE).hex()}",
        "id": str(token()),
        "nowhere": "0x" + "11" * 20,
        "hash": transaction,
        "slot": f"0x{layout.base_slot('nextSequence'):064x}",
        "raw": signed_elsewhere(),
    }
    read = run(SCRIPTS / f"read_with_{library}.mjs", asked)
    estimate = read.pop("estimate")
    assert 21_000 < estimate < 100_000
    assert read == {
        "chain": CHAIN_ID,
        "balance": 450,
        "before": 600,
        "uri": URI,
        "retired": [[150, 2]],
        "transactions": [f"0x{each.hash.hex()}" for each in story.retired],
        "status": 1,
        "logs": len(ask("eth_getTransactionReceipt", transaction)["logs"]),
        "gasPrice": 0,
        "rootIsHashed": True,
        "stored": 4,
        "reason": "role",
        "sent": True,
        "missing": None,
    }


def run(script: Path, asked: dict[str, Any]) -> dict[str, Any]:
    assert NODE is not None, MISSING
    done = subprocess.run(
        [NODE, str(script), json.dumps(asked)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def signed_elsewhere() -> str:
    """A transaction that somebody signed with a key of their own."""
    from eth_account import Account

    signed = Account.from_key(b"\x05" * 32).sign_transaction(
        {"nonce": 0, "gas": 21_000, "gasPrice": 0, "to": "0x" + "11" * 20, "value": 0,
         "chainId": CHAIN_ID}
    )  # fmt: skip
    return f"0x{signed.raw_transaction.hex().removeprefix('0x')}"
