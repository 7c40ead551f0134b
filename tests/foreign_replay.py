"""Executes an export in EELS, the executable specification of Ethereum; no part of the suite.

EELS wants other versions of the registry's libraries, so it has an environment of its own:

    python -m venv eels && eels/bin/pip install ethereum-execution
    python manage.py export_chain exported
    eels/bin/python tests/foreign_replay.py exported

Ends with the head's hash, or with the exception of the first block that does not follow.
"""

import json
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from ethereum.crypto.hash import keccak256
from ethereum.forks.prague import fork, state, trie
from ethereum.forks.prague.blocks import Block, Header
from ethereum.forks.prague.fork_types import Account, Address, Bloom
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes8, Bytes32
from ethereum_types.numeric import U64, U256, Uint


def number(text: str) -> int:
    return int(text, 16)


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def genesis(stated: dict[str, Any]) -> tuple[Header, state.State]:
    """The first header and state that the export's genesis.json describes."""
    first = state.State()
    for address, account in stated["alloc"].items():
        row = Account(
            Uint(number(account["nonce"])), U256(number(account["balance"])), raw(account["code"])
        )
        state.set_account(first, Address(raw(address)), row)
    empty = trie.root(trie.Trie(secured=False, default=None))
    header = Header(
        parent_hash=Bytes32(bytes(32)),
        ommers_hash=keccak256(rlp.encode(())),
        coinbase=Address(raw(stated["coinbase"])),
        state_root=state.state_root(first),
        transactions_root=empty,
        receipt_root=empty,
        bloom=Bloom(bytes(256)),
        difficulty=Uint(0),
        number=Uint(0),
        gas_limit=Uint(number(stated["gasLimit"])),
        gas_used=Uint(0),
        timestamp=U256(number(stated["timestamp"])),
        extra_data=raw(stated["extraData"]),
        prev_randao=Bytes32(bytes(32)),
        nonce=Bytes8(bytes(8)),
        base_fee_per_gas=Uint(number(stated["baseFeePerGas"])),
        withdrawals_root=empty,
        blob_gas_used=U64(0),
        excess_blob_gas=U64(0),
        parent_beacon_block_root=Bytes32(bytes(32)),
        requests_hash=Bytes32(sha256(b"").digest()),
    )
    return header, first


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of chain.rlp; each RLP list says how long it is."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        width = max(0, data[at] - 0xF7)
        size = int.from_bytes(data[at + 1 : at + 1 + width], "big") if width else data[at] - 0xC0
        end = at + 1 + width + size
        yield rlp.decode_to(Block, data[at:end])
        at = end


def main(directory: Path) -> None:
    stated = json.loads((directory / "genesis.json").read_text())
    header, first = genesis(stated)
    print(f"genesis 0x{keccak256(rlp.encode(header)).hex()}")
    chain = fork.BlockChain(
        blocks=[Block(header, (), (), ())], state=first, chain_id=U64(stated["config"]["chainId"])
    )
    started, transactions = time.process_time(), 0
    for block in blocks(directory / "chain.rlp"):
        fork.state_transition(chain, block)
        transactions += len(block.transactions)
    head = chain.blocks[-1].header
    print(
        f"{int(head.number)} blocks with {transactions} transactions executed in "
        f"{time.process_time() - started:.1f} s; head 0x{keccak256(rlp.encode(head)).hex()}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
