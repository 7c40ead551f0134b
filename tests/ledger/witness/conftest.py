"""A registry that answers over HTTP, and a witness that follows it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.chain import open_chain
from ledger.chain.witness.source import HttpSource
from ledger.chain.witness.witness import Witness
from ledger.services import witnesses
from ledger.services.settlement.recording import record_blocks
from tests.ledger.witness.keys import KEY, address_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def note_blocks() -> None:
    """What the chain writer does after each block."""
    with open_chain(writable=False) as chain:
        record_blocks(chain)


@pytest.fixture
def served(registry: Path, live_server) -> str:
    """The address of a registry with five blocks that knows one witness."""
    note_blocks()
    witnesses.register(address=address_of(KEY), name="Coventry", actor="test", now=NOW)
    return live_server.url


@pytest.fixture
def open_witness(served: str, tmp_path: Path) -> Iterator[Callable[..., Witness]]:
    """Opens the witness on its one directory, as a restart would."""
    opened: list[Witness] = []

    def start(*, url: str = served, **options: object) -> Witness:
        while opened:
            opened.pop().close()
        opened.append(
            Witness(
                source=HttpSource(url),
                private_key=KEY,
                directory=tmp_path / "witness",
                **options,
            )
        )
        return opened[-1]

    yield start
    for each in opened:
        each.close()
