"""Every test of this folder runs against every adapter of the port."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.chain.memory import MemoryChain
from ledger.chain.port import Chain, Outcome
from ledger.domain.calls import Call
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, Clock, open_writer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["embedded", "memory"])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chain]:
    opened: Chain = (
        open_writer(tmp_path) if request.param == "embedded" else MemoryChain(CHAIN_ID, REGISTRY_ID)
    )
    with opened:
        yield opened


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
