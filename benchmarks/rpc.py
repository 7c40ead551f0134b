"""How fast /rpc answers over a chain of 10,000 blocks, eth_getLogs above all.

    python -m benchmarks.rpc [BLOCKS]

The chain is made first, in a directory of its own that is removed afterwards: blocks issue
a lot and retire from it in turn, for 200 accounts. Times are of whole requests (body in,
body out) in one thread, without HTTP.
"""

import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

BLOCKS = 10_000
ACCOUNTS = 200
ASKED = 300
CHAIN_ID, REGISTRY_ID = 202611, 1
DEVICE = 735999000000000017
SEED = 2018
STORE = "chain.sqlite3"
# Later than any real clock, since block 1 bears the time of its creation.
BEGINNING = datetime(2200, 1, 1, tzinfo=UTC)
MILLISECONDS = 1_000


def account(number: int) -> UUID:
    return UUID(int=1 + number % ACCOUNTS)


def lot(number: int) -> int:
    from ledger.domain.token_id import BOTH, PRODUCTION, TokenId

    return TokenId(PRODUCTION, DEVICE, 60 * number, 60, 0, BOTH).number


def grow(directory: Path, blocks: int) -> str:
    """Found a chain and seal blocks up to a number; returns the contract's address."""
    from ledger.chain.embedded import EmbeddedChain, Identity, Writer
    from ledger.chain.keys import KeyRing
    from ledger.chain.store import SQLiteStore
    from ledger.chain.writer_lock import WriterLock
    from ledger.domain.calls import Issue, LotIssue, Settle, SettleEntry, Split

    keys = KeyRing(directory / "keys", passphrase=lambda: "benchmark", create=True, iterations=1)
    store = SQLiteStore(directory / STORE, writable=True)
    # Sealing is not what is measured here, so nothing waits for the disk.
    store._connection.execute("PRAGMA synchronous = OFF")
    writer = Writer(lock=WriterLock(directory), keys=keys)
    with EmbeddedChain(store, Identity(CHAIN_ID, REGISTRY_ID), writer) as chain:
        for height in range(2, blocks + 1):
            number, is_issue = height // 2, height % 2 == 0
            who, asset = account(number), lot(number)
            call: Any = (
                Issue((LotIssue(asset, 1_000),), (Split(0, who, 1_000),), bytes(32))
                if is_issue
                else Settle((SettleEntry(who, asset, 600, ((600, bytes([1]) * 32),)),))
            )
            prepared = chain.prepare(chain.next_sequence(), chain.next_nonce(), call)
            chain.submit([prepared.raw], BEGINNING + timedelta(seconds=height))
        return f"0x{chain._contracts.certificates.hex()}"


class Server:
    """`/rpc` without HTTP."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def ask(self, method: str, *params: Any) -> tuple[Any, float]:
        """The result and the milliseconds it took."""
        from ledger.rpc.dispatch import answer

        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        body = json.dumps(call).encode()
        began = time.perf_counter()
        said = answer(body, directory=self.directory, chain_id=CHAIN_ID)
        took = (time.perf_counter() - began) * MILLISECONDS
        stated = json.loads(said)
        if "error" in stated:
            raise SystemExit(f"{method}: {stated['error']}")
        return stated["result"], took

    def report(self, title: str, question: Callable[[], tuple[Any, ...]]) -> None:
        """Ask many times, print median, 95th percentile and the size of the answers."""
        times, sizes = [], []
        for _ in range(ASKED):
            result, took = self.ask(*question())
            times.append(took)
            sizes.append(len(result) if isinstance(result, list) else 1)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{title:<52} p50 {statistics.median(times):8.1f} ms   p95 {p95:8.1f} ms   "
            f"{statistics.mean(sizes):8.1f} results",
            flush=True,
        )


def word(number: int) -> str:
    return f"0x{number:064x}"


def make_index(server: Server) -> None:
    """Ask until the index of logs is there; print the time and size."""
    from ledger.rpc.log_index import FILE_NAME

    began, requests, done = time.perf_counter(), 0, False
    while not done:
        requests += 1
        try:
            server.ask("eth_getLogs", {"fromBlock": "latest", "topics": [word(1)]})
            done = True
        except SystemExit as error:
            if "ask again" not in str(error):
                raise
    index, chain = ((server.directory / name).stat().st_size for name in (FILE_NAME, STORE))
    print(
        f"index made in {time.perf_counter() - began:.1f} s by {requests} requests, "
        f"{index / 1e6:.1f} MB beside a chain of {chain / 1e6:.1f} MB",
        flush=True,
    )


class Questions:
    """What is asked, each time of other accounts, lots and blocks (seeded)."""

    def __init__(self, certificates: str, blocks: int) -> None:
        from ledger.domain.keccak import keccak256

        self.certificates, self.blocks = certificates, blocks
        self.drawn = random.Random(SEED)
        signature = f"Retired({','.join(('address', *['uint256'] * 7, 'bytes32'))})"
        self.retired = f"0x{keccak256(signature.encode()).hex()}"

    def holder(self) -> str:
        from ledger.domain.custody import custody_address

        owner = account(self.drawn.randrange(ACCOUNTS))
        return f"0x{custody_address(CHAIN_ID, REGISTRY_ID, owner).hex()}"

    def of_account(self) -> tuple[Any, ...]:
        return self._everywhere([self.retired, word(int(self.holder(), 16))])

    def of_lot(self) -> tuple[Any, ...]:
        number = lot(self.drawn.randrange(1, self.blocks // 2))
        return self._everywhere([self.retired, None, word(number)])

    def of_nothing(self) -> tuple[Any, ...]:
        return self._everywhere([word(self.drawn.getrandbits(255))])

    def in_window(self, width: int, **more: Any) -> tuple[Any, ...]:
        first = self.drawn.randrange(1, self.blocks - width)
        return "eth_getLogs", {"fromBlock": hex(first), "toBlock": hex(first + width - 1)} | more

    def balance(self) -> tuple[Any, ...]:
        from ledger.chain.codec import call_data

        data = call_data("balanceOf(address,uint256)", self.holder(), lot(7))
        return "eth_call", {"to": self.certificates, "data": f"0x{data.hex()}"}, "latest"

    def slot(self) -> tuple[Any, ...]:
        return "eth_getProof", self.certificates, ["0x1"], "latest"

    def block(self) -> tuple[Any, ...]:
        return "eth_getBlockByNumber", hex(self.drawn.randrange(1, self.blocks)), True

    def _everywhere(self, topics: list[str | None]) -> tuple[Any, ...]:
        whole = {"fromBlock": "earliest", "toBlock": "latest", "address": self.certificates}
        return "eth_getLogs", whole | {"topics": topics}


def measure(server: Server, certificates: str, blocks: int) -> None:
    ask = Questions(certificates, blocks)
    server.report("eth_getLogs, all blocks, one account's retirements", ask.of_account)
    server.report("eth_getLogs, all blocks, one lot", ask.of_lot)
    server.report("eth_getLogs, all blocks, nothing matches", ask.of_nothing)
    server.report("eth_getLogs, 100 blocks, all", lambda: ask.in_window(100))
    server.report(
        "eth_getLogs, 1,000 blocks, retirements",
        lambda: ask.in_window(1_000, topics=[ask.retired]),
    )
    server.report("eth_call balanceOf", ask.balance)
    server.report("eth_getProof, one slot", ask.slot)
    server.report("eth_getBlockByNumber, full", ask.block)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    blocks = int(sys.argv[1]) if len(sys.argv) > 1 else BLOCKS
    directory = Path(tempfile.mkdtemp(prefix="registry-benchmark-"))
    os.environ["DATA_DIR"] = str(directory / "data")
    try:
        import django

        django.setup()
        from ledger.rpc.pool import close_pools

        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
        began = time.perf_counter()
        certificates = grow(directory, blocks)
        print(f"{blocks:,} blocks sealed in {time.perf_counter() - began:.0f} s", flush=True)
        server = Server(directory)
        make_index(server)
        measure(server, certificates, blocks)
        close_pools()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
