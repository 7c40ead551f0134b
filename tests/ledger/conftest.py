"""A sealed chain of five blocks, another with the same first three, and settings for a copy."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.conf import LazySettings

from ledger.domain.calls import Call
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    CHAIN_ID,
    REGISTRY_ID,
    Clock,
    issue,
    open_writer,
    retire,
    settle,
    token,
)


@pytest.fixture(scope="session", autouse=True)
def _nodes_end() -> Iterator[None]:
    """Nodes that were started for the tests of this folder end with the session."""
    yield
    if networks := sys.modules.get("tests.ledger.chain.foreign.networks"):
        networks.stop_all()


def extend(directory: Path, calls: Sequence[Call]) -> None:
    """Seal each call in a block of its own."""
    clock = Clock()
    with open_writer(directory) as chain:
        for call in calls:
            raw = chain.prepare(chain.next_sequence(), chain.next_nonce(), call).raw
            chain.submit([raw], clock())


@pytest.fixture(scope="session")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three blocks: creation, issuance, a settlement."""
    directory = tmp_path_factory.mktemp("stem")
    extend(directory, [issue(), settle(retire(ALICE, token(), 1, 2), retire(BOB, token(), 3))])
    return directory


@pytest.fixture(scope="session")
def sealed_chain(stem: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five blocks: a settlement that reverts and another issuance follow."""
    directory = tmp_path_factory.mktemp("sealed") / "chain"
    shutil.copytree(stem, directory)
    extend(directory, [settle(retire(ALICE, token(), 5000)), issue(60)])
    return directory


@pytest.fixture(scope="session")
def forked_chain(stem: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six blocks, sealed by the same key, of which the fourth is another."""
    directory = tmp_path_factory.mktemp("forked") / "chain"
    shutil.copytree(stem, directory)
    extend(directory, [issue(120), issue(180), issue(240)])
    return directory


@pytest.fixture
def registry(sealed_chain: Path, settings: LazySettings, tmp_path: Path) -> Path:
    """The directory of a registry's chain and keys, named by the settings."""
    directory = tmp_path / "registry"
    shutil.copytree(sealed_chain, directory)
    settings.CHAIN_DIR = directory
    settings.CHAIN_ID = CHAIN_ID
    settings.REGISTRY_ID = REGISTRY_ID
    settings.KEYSTORE_DIR = directory / "keys"
    return directory
