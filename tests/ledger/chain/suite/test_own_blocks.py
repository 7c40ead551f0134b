"""What holds only where the registry seals every block itself: their heights and their time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.chain.port import Chain, Outcome
from ledger.errors import ChainAhead
from tests.ledger.chain.chains import NOON, Clock, issue
from tests.ledger.chain.suite.conftest import OWN, opened

Send = Callable[..., list[Outcome]]


@pytest.fixture(params=OWN)
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chain]:
    with opened(request.param, tmp_path) as chain:
        yield chain


def test_the_first_block_holds_the_contracts(chain: Chain) -> None:
    assert chain.head().number == 1


def test_a_block_names_its_parent_and_bears_the_time_given(chain: Chain, send: Send) -> None:
    send(issue())
    assert chain.block(2).parent_hash == chain.block(1).hash
    assert chain.block(2).timestamp == chain.head().timestamp == int(NOON.timestamp()) + 1
    assert chain.block(2).state_root != chain.block(1).state_root


def test_blocks_are_a_second_apart_when_the_clock_stands(chain: Chain, clock: Clock) -> None:
    now = clock()
    for index in range(3):
        chain.submit([chain.prepare(1 + index, 2 + index, issue(60 * index)).raw], now)
    times = [chain.block(number).timestamp for number in (2, 3, 4)]
    assert times == [int(now.timestamp()) + index for index in range(3)]


def test_a_chain_far_ahead_of_the_clock_stops_and_says_so(chain: Chain, clock: Clock) -> None:
    chain.submit([chain.prepare(1, 2, issue()).raw], clock())
    raw = chain.prepare(2, 3, issue(60)).raw
    with pytest.raises(ChainAhead, match="ahead of the clock"):
        chain.submit([raw], clock.now - timedelta(seconds=5))
    assert chain.head().number == 2
    assert chain.submit([raw], clock.now - timedelta(seconds=4))[0].success
