"""The same contract and the same calls on this chain and on two that are not ours.

    python -m benchmarks.side_by_side

Ours keeps every block on disk before the next; eth-tester (py-evm, as it comes) and
Hardhat's EDR (Rust, where `npm ci` in tests/ledger/chain/foreign/js was run) keep theirs in
memory. Each is sent the same calls, signed, eight to a block (eth-tester mines one to a
block); EDR over HTTP, as any client would. Retirements come once as batches of 200 entries
with 7 leaves each, once as one a call, all of these in one block.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.chain_rates import (
    CALLS_A_BLOCK,
    CHAIN_ID,
    HOLDER,
    LOT_WH,
    LOTS_A_CALL,
    REGISTRY_ID,
    Sealer,
    build_block,
    lot,
    open_writer,
)

PROJECT = Path(__file__).parent.parent
NODE_MODULES = PROJECT / "tests/ledger/chain/foreign/js/node_modules"
PORT = 18_546
LOTS, BLOCKS, SINGLES = 1_600, 3, 160
GAS = 1 << 24
CONFIG = """module.exports = { solidity: "0.8.24", networks: { hardhat: {
  chainId: %d, hardfork: "prague", blockGasLimit: 1000000000000, initialBaseFeePerGas: 0,
  gasPrice: 0, accounts: { count: 1 }, loggingEnabled: false } } };
"""
Send = Callable[[list[Any]], None]  # seals one block with these calls


@dataclass(frozen=True)
class Work:
    """Calls in the order in which every chain gets them, a list a block."""

    issues: list[list[Any]]
    batches: list[list[Any]]
    singles: list[list[Any]]


def work() -> Work:
    """Lots first, then settlements with their trees, built beforehand: only chains are timed."""
    from ledger.domain.calls import Issue, LotIssue, Settle, SettleEntry, Split

    issues: list[Any] = [
        Issue(
            tuple(LotIssue(lot(first + n), LOT_WH) for n in range(LOTS_A_CALL)),
            tuple(Split(n, HOLDER, LOT_WH) for n in range(LOTS_A_CALL)),
            bytes(32),
        )
        for first in range(0, LOTS, LOTS_A_CALL)
    ]
    batches = [build_block(number, 7, lots=LOTS) for number in range(BLOCKS)]
    singles: list[Any] = [
        Settle((SettleEntry(HOLDER, lot(n), 1, ((1, os.urandom(32)),)),)) for n in range(SINGLES)
    ]
    return Work(_in_blocks(issues), batches, [singles])


def _in_blocks(calls: Sequence[Any]) -> list[list[Any]]:
    return [list(calls[at : at + CALLS_A_BLOCK]) for at in range(0, len(calls), CALLS_A_BLOCK)]


class Foreign:
    """A chain behind web3.py, with the contracts deployed by one key that has every role."""

    def __init__(self, web3: Any, *, chain_id: int, mine: Callable[[], None]) -> None:
        from eth_account import Account

        from ledger.chain.codec import Roles, deployment

        self.web3, self.chain_id, self.mine = web3, chain_id, mine
        self.key = Account.create()
        own = bytes.fromhex(self.key.address[2:])
        plan = deployment(registry_id=REGISTRY_ID, roles=Roles(own, own, own, own), deployer=own)
        self.nonce, self.sequence, self.to = 0, 1, b""
        self._seal([plan.roots_code, plan.certificates_code])
        self.to = plan.certificates_address

    def seal(self, calls: list[Any]) -> None:
        """One block with these calls."""
        from ledger.chain.codec import encode

        self._seal([encode(self.sequence + n, call) for n, call in enumerate(calls)])
        self.sequence += len(calls)

    def _seal(self, datas: list[bytes]) -> None:
        hashes = [self.web3.eth.send_raw_transaction(self._signed(data)) for data in datas]
        self.mine()
        for digest in hashes:
            if not self.web3.eth.get_transaction_receipt(digest)["status"]:
                raise SystemExit("a call was refused by the other chain")

    def _signed(self, data: bytes) -> bytes:
        plain = {"nonce": self.nonce, "gas": GAS, "gasPrice": 0, "value": 0}
        signed = self.key.sign_transaction(
            plain | {"to": self.to, "data": data, "chainId": self.chain_id}
        )
        self.nonce += 1
        return bytes(signed.raw_transaction)


@contextmanager
def ours() -> Iterator[Send]:
    """The embedded chain, durable on disk."""
    with (
        tempfile.TemporaryDirectory(prefix="registry-benchmark-") as folder,
        open_writer(Path(folder)) as chain,
    ):
        yield Sealer(chain).seal


@contextmanager
def eth_tester() -> Iterator[Send]:
    """py-evm as it comes, behind eth-tester."""
    from eth_tester import EthereumTester, PyEVMBackend
    from web3 import EthereumTesterProvider, Web3

    genesis = {"base_fee_per_gas": 0, "gas_limit": 1 << 40}
    tester = EthereumTester(PyEVMBackend(genesis_parameters=genesis))
    web3 = Web3(EthereumTesterProvider(tester))
    yield Foreign(web3, chain_id=web3.eth.chain_id, mine=lambda: None).seal


@contextmanager
def edr() -> Iterator[Send | None]:
    """Hardhat's node, or None where it is not installed."""
    from web3 import Web3

    if not (NODE_MODULES / ".bin/hardhat").exists():
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="registry-benchmark-") as folder:
        place = Path(folder)
        (place / "package.json").write_text("{}")
        (place / "hardhat.config.js").write_text(CONFIG % CHAIN_ID)
        (place / "node_modules").symlink_to(NODE_MODULES)
        command = [str(NODE_MODULES / ".bin/hardhat"), "node", "--port", str(PORT)]
        node = subprocess.Popen(
            command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            web3 = Web3(Web3.HTTPProvider(f"http://127.0.0.1:{PORT}"))
            _wait(web3)
            web3.provider.make_request("evm_setAutomine", [False])
            mine = partial(web3.provider.make_request, "evm_mine", [])
            yield Foreign(web3, chain_id=CHAIN_ID, mine=mine).seal
        finally:
            node.terminate()
            node.wait(10)


def _wait(web3: Any) -> None:
    deadline = time.monotonic() + 60
    while not web3.is_connected():
        if time.monotonic() > deadline:
            raise SystemExit("the other node did not start within a minute")
        time.sleep(0.2)


def timed(send: Send, blocks: list[list[Any]]) -> float:
    began = time.perf_counter()
    for calls in blocks:
        send(calls)
    return time.perf_counter() - began


def main() -> None:
    """Print lots and retirements a second on each chain, and ours as a multiple."""
    todo = work()
    lots = sum(len(call.lots) for calls in todo.issues for call in calls)
    batched = sum(len(e.leaves) for calls in todo.batches for call in calls for e in call.entries)
    print(f"{'chain':<28}{'lots/s':>10}{'batched/s':>12}{'one a call/s':>14}")
    for name, chain in (("ours, durable", ours), ("eth-tester (py-evm)", eth_tester), ("EDR", edr)):
        with chain() as send:
            if send is None:
                print(f"{name:<28}not installed: `npm ci` in tests/ledger/chain/foreign/js")
                continue
            rates = (
                lots / timed(send, todo.issues),
                batched / timed(send, todo.batches),
                SINGLES / timed(send, todo.singles),
            )
        print(f"{name:<28}{rates[0]:>10,.0f}{rates[1]:>12,.0f}{rates[2]:>14,.0f}", flush=True)


if __name__ == "__main__":
    main()
