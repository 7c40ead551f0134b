"""Foreign nodes by name, and one of a test's own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ledger.chain.foreign import networks
from tests.ledger.chain.foreign.process_nodes import COMMANDS, IS_REQUIRED, MISSING, ProcessNode
from tests.ledger.chain.foreign.tester_node import EthTesterNode


@pytest.fixture(params=networks.NAMES)
def node(request: pytest.FixtureRequest) -> Any:
    """Each kind of node that is installed; it serves all tests of the session."""
    return networks.node_named(request.param)


@pytest.fixture
def own_node() -> Iterator[EthTesterNode]:
    """A node of this test alone, for what would disturb others."""
    running = EthTesterNode()
    yield running
    running.stop()


@pytest.fixture
def anvil() -> Iterator[ProcessNode]:
    """Foundry's node, of this test alone."""
    if COMMANDS["anvil"]() is None and not IS_REQUIRED:
        pytest.skip(MISSING.format("ANVIL"))
    running = ProcessNode("anvil")
    yield running
    running.kill()
