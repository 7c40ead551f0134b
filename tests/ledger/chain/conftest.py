"""Nodes that were started for the tests of this folder end with the session."""

from collections.abc import Iterator

import pytest

from tests.ledger.chain.foreign import networks


@pytest.fixture(scope="session", autouse=True)
def _nodes_end() -> Iterator[None]:
    yield
    networks.stop_all()
