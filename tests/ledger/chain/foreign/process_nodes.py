"""Nodes from npm as processes: Anvil and Hardhat (its EDR), neither mining by itself."""

import os
import platform
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from ledger.chain.foreign.client import Node
from ledger.errors import ChainUnreachable
from tests.ledger.chain.chains import CHAIN_ID

HERE = Path(__file__).with_name("js")
MODULES = HERE / "node_modules"
ETHER = 10**18
START = 60  # seconds for a node to answer
IS_REQUIRED = os.environ.get("FOREIGN_NODES", "").lower() in {"1", "true"}
MISSING = "{} NOT TESTED: it needs `npm ci` in tests/ledger/chain/foreign/js"


def anvil_command() -> list[str] | None:
    """The program alone: npm fetches it, node is not needed to run it."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "")
    found = MODULES / f"@foundry-rs/anvil-linux-{machine}" / "bin" / "anvil"
    if not found.exists():
        return None
    return [str(found), "--silent", "--no-mining", "--hardfork", "prague", "--accounts", "1",
            "--chain-id", str(CHAIN_ID), "--gas-limit", "200000000"]  # fmt: skip


def hardhat_command() -> list[str] | None:
    node, script = shutil.which("node"), MODULES / "hardhat/internal/cli/bootstrap.js"
    return [node, str(script), "node"] if node and script.exists() else None


COMMANDS = {"anvil": anvil_command, "hardhat": hardhat_command}


class ProcessNode:
    """`url` answers until it is killed; the methods do what a network does unasked."""

    def __init__(self, name: str, *arguments: str, port: int = 0) -> None:
        self.name = name
        self.port = port or _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = COMMANDS[name]()
        assert command is not None, MISSING.format(name)
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port), *arguments],
            cwd=HERE,
            env={**os.environ, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def ask(self, method: str, *parameters: Any) -> Any:
        node = Node(self.url)
        try:
            return node.ask(method, *parameters)
        finally:
            node.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(timeout=10)

    def stop(self) -> None:
        """Let it write down what it keeps, then end."""
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.ask("evm_mine")

    def fund(self, address: bytes, ether: int = 1_000) -> None:
        self.ask(f"{self.name}_setBalance", f"0x{address.hex()}", hex(ether * ETHER))

    def drop(self, transaction_hash: bytes) -> None:
        self.ask(f"{self.name}_dropTransaction", f"0x{transaction_hash.hex()}")

    def set_base_fee(self, wei: int) -> None:
        """Of the next block."""
        self.ask(f"{self.name}_setNextBlockBaseFeePerGas", hex(wei))

    def snapshot(self) -> Any:
        return self.ask("evm_snapshot")

    def reorganise(self, snapshot: Any) -> None:
        """Drop the blocks since the snapshot, and what they held."""
        assert self.ask("evm_revert", snapshot)

    def _wait(self) -> None:
        deadline = time.monotonic() + START
        while True:
            try:
                self.ask("eth_chainId")
            except ChainUnreachable:
                assert self._process.poll() is None, f"{self.name} ended at once"
                assert time.monotonic() < deadline, f"{self.name} does not answer"
                time.sleep(0.1)
            else:
                return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
