"""A sealed chain of five blocks, copied for each test, and the settings that name it."""

import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings

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

BLOCKS = 5


@pytest.fixture(scope="session")
def sealed_chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Creation, issuance, two settlements, of which one reverts, and another issuance."""
    directory, clock = tmp_path_factory.mktemp("sealed"), Clock()
    calls = [
        issue(),
        settle(retire(ALICE, token(), 1, 2), retire(BOB, token(), 3)),
        settle(retire(ALICE, token(), 5000)),
        issue(60),
    ]
    with open_writer(directory) as chain:
        for call in calls:
            raw = chain.prepare(chain.next_sequence(), chain.next_nonce(), call).raw
            chain.submit([raw], clock())
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
