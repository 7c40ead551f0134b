"""Foreign networks for tests: opened nodes by name, and chains of a registry on them."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from ledger.chain.foreign.chain import ForeignChain
from ledger.chain.foreign.client import Node
from ledger.chain.foreign.fees import Fee
from ledger.chain.foreign.forms import encoded
from ledger.chain.foreign.terms import Terms, terms_of
from ledger.chain.foreign.transactions import Unsigned, sign
from ledger.chain.keys import OPERATOR
from ledger.chain.port import Outcome
from ledger.chain.writer_lock import WriterLock
from ledger.errors import ChainBusy
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring
from tests.ledger.chain.foreign.process_nodes import COMMANDS, IS_REQUIRED, MISSING, ProcessNode
from tests.ledger.chain.foreign.tester_node import EthTesterNode

NAMES = ("eth-tester", "anvil", "hardhat")
# eth-tester runs the embedded chain's own machine, ten times slower than either of the others:
# it stands in for them where neither is installed.
FOR_THE_SUITE = [name for name in NAMES[1:] if COMMANDS[name]() is not None or IS_REQUIRED] or [
    NAMES[0]
]
_OPEN: dict[str, Any] = {}


def node_named(name: str) -> Any:
    """A node that runs until the session ends; skips the test where it is not installed."""
    if name not in _OPEN:
        if name == "eth-tester":
            _OPEN[name] = EthTesterNode()
        elif COMMANDS[name]() is None and not IS_REQUIRED:
            pytest.skip(MISSING.format(name.upper()))
        else:
            _OPEN[name] = ProcessNode(name)
    return _OPEN[name]


def stop_all() -> None:
    while _OPEN:
        _OPEN.popitem()[1].stop()


def terms(directory: Path, **changed: Any) -> Terms:
    stated = {"depth": "0", "fee_gwei": "1", "fee_cap_gwei": "100"} | changed
    return terms_of(
        **{"chain_id": CHAIN_ID, "registry_id": REGISTRY_ID, "directory": directory} | stated
    )


def open_reader(node: Any, directory: Path, **changed: Any) -> ForeignChain:
    asked = Node(node.url)
    try:
        return ForeignChain(asked, terms(directory, **changed), key_ring(directory))
    except BaseException:
        asked.close()
        raise


def open_writer(
    node: Any, directory: Path, kind: type[ForeignChain] = ForeignChain, **changed: Any
) -> ForeignChain:
    """A writer as it is on its first start; raises what the opening raises."""
    lock, asked = WriterLock(directory), Node(node.url)
    try:
        return kind(asked, terms(directory, **changed), key_ring(directory), lock)
    except BaseException:
        asked.close()
        lock.release()
        raise


def found(
    node: Any, directory: Path, kind: type[ForeignChain] = ForeignChain, **changed: Any
) -> ForeignChain:
    """A writer of a registry whose contracts are there; the network mines meanwhile."""
    node.fund(key_ring(directory).address(OPERATOR))
    for _ in range(20):
        try:
            return open_writer(node, directory, kind, **changed)
        except ChainBusy:
            node.mine()
    raise AssertionError("the contracts never came")


def mined_at_once(node: Any) -> type[ForeignChain]:
    """An adapter on a network that mines what is sent before the next look."""

    class MinedAtOnce(ForeignChain):
        def submit(self, raws: Any, now: datetime) -> list[Outcome | None]:
            outcomes = super().submit(raws, now)
            if None not in outcomes:
                return outcomes
            node.mine()
            return super().submit(raws, now)

    return MinedAtOnce


def send(chain: ForeignChain, private_key: bytes, data: bytes, node: Any = None) -> bytes:
    """Call the contract with a key of one's own, in the next block; returns the hash."""
    node = node or next(each for each in _OPEN.values() if each.url.endswith(_port(chain)))
    sender = bytes.fromhex(Account.from_key(private_key).address[2:])
    node.fund(sender)
    unsigned = Unsigned(
        CHAIN_ID,
        chain._reader.nonce(sender, "latest"),
        Fee(10**10, 10**9),
        1_000_000,
        chain._site.certificates,
        data,
    )
    answer = chain._reader.node.ask("eth_sendRawTransaction", encoded(sign(unsigned, private_key)))
    node.mine()
    chain.refresh()
    return bytes.fromhex(answer[2:])


def _port(chain: ForeignChain) -> str:
    return f":{chain._reader.node._port}"
