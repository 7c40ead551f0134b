"""Every test of this folder runs against every adapter of the port."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.chain.codec import call_data
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.foreign.chain import ForeignChain
from ledger.chain.keys import ADMIN
from ledger.chain.memory import MemoryChain
from ledger.chain.port import Chain, Outcome
from ledger.domain.calls import Call
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, Clock, key_ring, open_writer
from tests.ledger.chain.foreign import networks


@pytest.fixture
def clock() -> Clock:
    return Clock()


OWN = ("embedded", "memory")  # the registry seals every block itself


FOREIGN = [pytest.param(name, marks=pytest.mark.once) for name in networks.FOR_THE_SUITE]


@pytest.fixture(params=[*OWN, *FOREIGN])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chain]:
    with opened(request.param, tmp_path) as chain:
        yield chain


def opened(adapter: str, directory: Path) -> Chain:
    """A chain whose contracts are there and empty."""
    if adapter == "embedded":
        return open_writer(directory)
    if adapter == "memory":
        return MemoryChain(CHAIN_ID, REGISTRY_ID)
    node = networks.node_named(adapter)
    return networks.found(node, directory, networks.mined_at_once(node))


@pytest.fixture
def send(chain: Chain, clock: Clock) -> Callable[..., list[Outcome]]:
    """Prepare calls with consecutive sequences and nonces, and seal them in one block."""

    def send(*calls: Call) -> list[Outcome]:
        sequence, nonce = chain.next_sequence(), chain.next_nonce()
        raws = [
            chain.prepare(sequence + index, nonce + index, call).raw
            for index, call in enumerate(calls)
        ]
        return chain.submit(raws, clock())

    return send


@pytest.fixture
def allow_unbundling(chain: Chain, tmp_path: Path, clock: Clock) -> Callable[[], None]:
    """The admin's consent, by the admin's key; the model of the contract needs none."""

    def allow() -> None:
        if isinstance(chain, MemoryChain):
            return
        keys = key_ring(tmp_path)
        admin, data = keys.address(ADMIN), call_data("allowUnbundling(bool)", True)
        if isinstance(chain, EmbeddedChain):
            raw = chain._engine.sign(
                private_key=keys.unlock(ADMIN),
                nonce=chain.nonce_of(admin),
                to=chain._contracts.certificates,
                data=data,
            )
            chain.submit([raw], clock())
            return
        assert isinstance(chain, ForeignChain)
        networks.send(chain, keys.unlock(ADMIN), data)

    return allow
