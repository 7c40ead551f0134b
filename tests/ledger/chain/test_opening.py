"""The chain that the settings name."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from eth_abi.abi import decode

from ledger.chain import open_chain, opening
from ledger.chain.codec import call_data
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.keys import KeyRing
from ledger.chain.memory import MemoryChain
from ledger.errors import ChainBusy, ChainMissing, KeyUnavailable

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _own_directory(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "KeyRing", partial(KeyRing, iterations=1))
    settings.CHAIN_ADAPTER = "embedded"
    settings.CHAIN_DIR = tmp_path / "chain"
    settings.KEYSTORE_DIR = tmp_path / "keys"
    settings.CHAIN_PASSPHRASE = "of the test"
    settings.IS_DEMO = True


def test_the_first_start_draws_keys_founds_the_chain_and_deploys() -> None:
    with open_chain(writable=True) as chain:
        assert isinstance(chain, EmbeddedChain)
        assert chain.head().number == 1
        with open_chain(writable=False) as reader:
            assert reader.head() == chain.head()


def test_a_new_contract_says_where_the_metadata_are(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://registry.example"
    with open_chain(writable=True) as chain:
        assert isinstance(chain, EmbeddedChain)
        output = chain._engine.call(
            at=chain._head,
            to=chain._contracts.certificates,
            data=call_data("uri(uint256)", 1),
        )
    assert decode(["string"], output) == ("https://registry.example/assets/{id}.json",)


def test_one_writer_at_a_time_and_the_next_after_it() -> None:
    for _ in range(2):
        with open_chain(writable=True), pytest.raises(ChainBusy):
            open_chain(writable=True)


def test_a_start_that_fails_lets_the_lock_go(settings: LazySettings) -> None:
    settings.IS_DEMO = False
    for _ in range(2):
        with pytest.raises(KeyUnavailable):
            open_chain(writable=True)


def test_a_reader_before_the_first_start_is_told_so() -> None:
    with pytest.raises(ChainMissing):
        open_chain(writable=False)


def test_the_memory_adapter_keeps_one_chain_for_each_directory(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.CHAIN_ADAPTER = "memory"
    first = open_chain(writable=True)
    assert isinstance(first, MemoryChain)
    assert open_chain(writable=False) is first
    settings.CHAIN_DIR = tmp_path / "another"
    assert open_chain(writable=True) is not first


def test_an_unknown_adapter_is_named(settings: LazySettings) -> None:
    settings.CHAIN_ADAPTER = "abacus"
    with pytest.raises(ChainMissing, match="abacus"):
        open_chain(writable=False)


def test_naming_the_chain_does_not_load_the_machine() -> None:
    code = (
        "import sys, ledger.chain.opening, ledger.chain.port, ledger.chain.memory;"
        "sys.exit('eth' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
