"""What is refused when a network is opened, and what is found again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.chain import open_chain, opening
from ledger.chain.foreign.chain import ForeignChain
from ledger.chain.foreign.contracts import NOTE
from ledger.chain.keys import OPERATOR, KeyRing
from ledger.errors import (
    ChainBusy,
    ChainCorrupt,
    ChainMissing,
    ChainRejected,
    ChainUnfunded,
)
from tests.ledger.chain.chains import ALICE, CHAIN_ID, NOON, issue, key_ring, token
from tests.ledger.chain.foreign import networks
from tests.ledger.chain.foreign.networks import found, open_reader, open_writer

pytestmark = pytest.mark.once


def test_the_first_start_creates_the_contracts_and_the_next_finds_them(
    node: Any, tmp_path: Path
) -> None:
    node.fund(key_ring(tmp_path).address(OPERATOR))
    with pytest.raises(ChainBusy, match="on their way"):
        open_writer(node, tmp_path)
    with pytest.raises(ChainMissing, match="no BatchRoots contract"):
        open_reader(node, tmp_path)
    node.mine()
    with open_writer(node, tmp_path) as chain, open_reader(node, tmp_path) as reader:
        assert chain.next_sequence() == reader.next_sequence() == 1
        with pytest.raises(ChainBusy, match="Another process"):
            open_writer(node, tmp_path)
        with pytest.raises(ChainRejected, match="for reading"):
            reader.submit([], NOON)


def test_contracts_that_are_not_deep_enough_yet_are_waited_for(node: Any, tmp_path: Path) -> None:
    node.fund(key_ring(tmp_path).address(OPERATOR))
    for expected in ["on their way", "not final", "not final"]:
        with pytest.raises(ChainBusy, match=expected):
            open_writer(node, tmp_path, depth="2")
        node.mine()
    with open_writer(node, tmp_path, depth="2") as chain:
        assert chain.next_nonce() == 2


def test_a_lost_note_is_written_again(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path) as chain:
        before = chain.next_sequence()
    (tmp_path / NOTE).unlink()
    with open_writer(node, tmp_path) as again:
        assert again.next_sequence() == before
    assert json.loads((tmp_path / NOTE).read_text())["chain_id"] == CHAIN_ID


def test_a_note_that_cannot_be_read_is_named(own_node: Any, tmp_path: Path) -> None:
    found(own_node, tmp_path).close()
    (tmp_path / NOTE).write_text('{"chain_id": 1}')
    with pytest.raises(ChainCorrupt, match=NOTE):
        open_writer(own_node, tmp_path)


def test_another_chain_id_is_refused_with_both_numbers(node: Any, tmp_path: Path) -> None:
    with pytest.raises(ChainRejected, match=rf"chain {CHAIN_ID}.*of chain 7"):
        open_writer(node, tmp_path, chain_id=7)


def test_another_network_with_the_same_chain_id_is_refused(own_node: Any, tmp_path: Path) -> None:
    found(own_node, tmp_path).close()
    note = json.loads((tmp_path / NOTE).read_text())
    (tmp_path / NOTE).write_text(json.dumps(note | {"genesis_hash": "0x" + "11" * 32}))
    with pytest.raises(ChainCorrupt, match="another network"):
        open_reader(own_node, tmp_path)


def test_another_registrys_contract_is_refused(own_node: Any, tmp_path: Path) -> None:
    found(own_node, tmp_path).close()
    with pytest.raises(ChainCorrupt, match="REGISTRY_ID"):
        open_reader(own_node, tmp_path, registry_id=2)


def test_another_code_at_the_address_is_refused(own_node: Any, tmp_path: Path) -> None:
    found(own_node, tmp_path).close()
    code = own_node.do_eth_getCode
    own_node.do_eth_getCode = lambda *at: "0x60" + code(*at)[4:]
    with pytest.raises(ChainCorrupt, match="another BatchRoots contract"):
        open_reader(own_node, tmp_path)


def test_a_key_that_was_used_before_is_refused(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path):
        pass
    (tmp_path / NOTE).unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "keys").rename(elsewhere / "keys")
    # Its first two transactions were another registry's contracts: these are found, and differ.
    with pytest.raises(ChainCorrupt, match="registryId"):
        open_writer(node, elsewhere, registry_id=9)


def test_a_key_without_its_roles_is_an_obstacle(own_node: Any, tmp_path: Path) -> None:
    with found(own_node, tmp_path) as chain:
        assert chain.obstacle() == ""
    (tmp_path / "keys" / "operator.json").unlink()
    with open_writer(own_node, tmp_path) as chain:
        assert chain.obstacle() == "role"


def test_a_key_without_funds_is_said_in_words(node: Any, tmp_path: Path) -> None:
    with pytest.raises(ChainUnfunded, match=r"has 0 of this network's coin.*Send it more"):
        open_writer(node, tmp_path)
    found(node, tmp_path).close()


def test_a_network_without_finality_asks_for_a_depth(own_node: Any, tmp_path: Path) -> None:
    blocks = own_node.do_eth_getBlockByNumber
    own_node.do_eth_getBlockByNumber = lambda at, full: (
        None if at == "finalized" else blocks(at, full)
    )
    with pytest.raises(ChainMissing, match="LEDGER_CHAIN_DEPTH"):
        open_writer(own_node, tmp_path, depth="finalized")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"depth": "-1"}, "LEDGER_CHAIN_DEPTH"),
        ({"depth": "soon"}, "LEDGER_CHAIN_DEPTH"),
        ({"fee_gwei": "much"}, "LEDGER_CHAIN_FEE_GWEI"),
        ({"fee_cap_gwei": "-3"}, "LEDGER_CHAIN_FEE_CAP_GWEI"),
        ({"fee_gwei": "200"}, "LEDGER_CHAIN_FEE_CAP_GWEI"),
        ({"fee_gwei": "0.000000001"}, "too far below"),
    ],
)
def test_terms_that_make_no_sense_name_their_setting(
    tmp_path: Path, changed: dict[str, str], named: str
) -> None:
    with pytest.raises(ChainRejected, match=named):
        networks.terms(tmp_path, **changed)


def test_one_setting_is_the_switch(
    own_node: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = KeyRing(tmp_path / "keys", passphrase=lambda: "of the test", create=True, iterations=1)
    monkeypatch.setattr(opening, "key_ring", lambda: keys)
    settings.CHAIN_ADAPTER, settings.LEDGER_CHAIN_URL = "foreign", own_node.url
    settings.LEDGER_CHAIN_DEPTH, settings.CHAIN_DIR = "0", tmp_path / "chain"
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, 1
    own_node.fund(keys.address(OPERATOR))
    for _ in range(2):
        with pytest.raises(ChainBusy, match="on their way"):
            open_chain(writable=True)
    own_node.mine()
    with open_chain(writable=True) as chain:
        assert isinstance(chain, ForeignChain)
        raw = chain.prepare(1, 2, issue()).raw
        chain.submit([raw], NOON)
        own_node.mine()
        assert chain.submit([raw], NOON)[0]
    with open_chain(writable=False) as reader:
        assert reader.balance(ALICE, token()) == 600


def test_the_environment_chooses_the_adapter(tmp_path: Path) -> None:
    code = "import config.settings as s; print(s.CHAIN_ADAPTER)"
    for url, adapter in (("http://localhost:8545", "foreign"), ("", "embedded")):
        environment = {**os.environ, "LEDGER_CHAIN_URL": url, "DATA_DIR": str(tmp_path)}
        environment.pop("CHAIN_ADAPTER", None)
        said = subprocess.run(
            [sys.executable, "-c", code],
            env=environment, capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[4],
        )  # fmt: skip
        assert said.stdout.strip() == adapter
