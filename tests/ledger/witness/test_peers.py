"""Witnesses compare heads, so that a registry cannot show each of them a history of its own."""

import http.client
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.chain.framing import SealedBlock
from ledger.chain.seal import signers_of
from ledger.chain.witness import serving as module
from ledger.chain.witness.serving import MOST_BLOCKS, serving
from ledger.chain.witness.source import HttpSource
from ledger.chain.witness.witness import Witness
from ledger.errors import Equivocation, SourceUnavailable
from ledger.models import WitnessSignature
from tests.ledger.chain.chains import CHAIN_ID, issue, key_ring, open_engine
from tests.ledger.conftest import extend
from tests.ledger.witness.lies import block_of

Open = Callable[..., Witness]


@contextmanager
def peer_on(directory: Path, *, chain_id: int | None = CHAIN_ID) -> Iterator[str]:
    """What another witness shows that executed the chain of this directory."""
    store = directory / "chain.sqlite3"
    with serving(store, chain_id=lambda: chain_id, address=("127.0.0.1", 0)) as port:
        yield f"http://127.0.0.1:{port}"


def evidence(directory: Path, name: str) -> dict:
    return json.loads((directory / "witness" / "evidence" / name).read_text())


def test_a_peer_that_saw_the_same_chain_agrees(open_witness: Open, sealed_chain: Path):
    with peer_on(sealed_chain) as url:
        done = open_witness(peers=[HttpSource(url)]).run()
    assert (done.agreed, done.unheard, done.refusal) == (1, (), "")


@pytest.mark.parametrize("behind", [True, False])
def test_a_peer_that_is_behind_or_ahead_is_compared_where_both_are(
    open_witness: Open, stem: Path, sealed_chain: Path, tmp_path: Path, behind: bool
):
    ahead = tmp_path / "ahead"
    shutil.copytree(sealed_chain, ahead)
    extend(ahead, [issue(900)])
    with peer_on(stem if behind else ahead) as url:
        assert open_witness(peers=[HttpSource(url)]).run().agreed == 1


def test_a_peer_that_was_shown_another_history_proves_the_fraud(
    open_witness: Open, forked_chain: Path, registry: Path, tmp_path: Path
):
    """Both are sealed by the registry's key; each is a whole chain that follows."""
    with peer_on(forked_chain) as url:
        witness = open_witness(peers=[HttpSource(url)])
        with pytest.raises(Equivocation, match="two sealed blocks exist"):
            witness.run()
    assert not WitnessSignature.objects.exists()
    found = evidence(tmp_path, "equivocation-5.json")
    assert found["shown_by"][1] == url
    assert found["hashes"][0] != found["hashes"][1]
    sealers = key_ring(registry).sealers()
    for part, digest in zip(("first", "second"), found["signed_digests"], strict=True):
        seal = bytes.fromhex(found[part]["seal"][2:])
        assert set(signers_of(digest=bytes.fromhex(digest[2:]), seal=seal)) <= sealers
    with pytest.raises(Equivocation):
        open_witness().run()  # it stands, whoever is asked later


def test_a_peer_with_a_block_that_nobody_sealed_proves_nothing(
    open_witness: Open, forked_chain: Path, monkeypatch
):
    foreign = block_of(forked_chain, 5)
    honest = module.sealed_block
    lie = SealedBlock(foreign.block, block_of(forked_chain, 4).seal)
    monkeypatch.setattr(
        module, "sealed_block", lambda engine, n: lie if n == 5 else honest(engine, n)
    )
    with peer_on(forked_chain) as url:
        done = open_witness(peers=[HttpSource(url)]).run()
    assert (done.agreed, done.refusal) == (0, "")
    assert "seal" in done.unheard[0]
    assert WitnessSignature.objects.count() == 1


def test_peers_that_are_away_or_elsewhere_hold_nobody_up(open_witness: Open, sealed_chain: Path):
    with peer_on(sealed_chain, chain_id=7) as other, peer_on(sealed_chain, chain_id=None) as new:
        peers = [HttpSource(url) for url in ("http://127.0.0.1:9", other, new)]
        done = open_witness(peers=peers).run()
    assert done.refusal == ""
    assert done.agreed == 0
    assert "does not answer" in done.unheard[0]
    assert "another chain" in done.unheard[1]
    assert "404" in done.unheard[2]


def test_a_peer_s_blocks_are_the_registry_s_bytes_a_few_at_a_time(stem: Path, tmp_path: Path):
    shutil.copytree(stem, tmp_path / "long")
    extend(tmp_path / "long", [issue(60 * n) for n in range(20, 20 + MOST_BLOCKS)])
    with peer_on(tmp_path / "long") as url:
        source = HttpSource(url)
        sent = list(source.blocks(1, 500))
        engine = open_engine(tmp_path / "long")
        assert source.head().number == engine.head().block_number > MOST_BLOCKS
        engine.store.close()
        assert sent == [block_of(tmp_path / "long", n) for n in range(1, MOST_BLOCKS + 1)]
        with pytest.raises(SourceUnavailable, match="404"):
            list(source.blocks(900, 901))


@pytest.mark.parametrize("path", ["/", "/chain/blocks/0/1", "/chain/blocks/1/x", "/../etc/passwd"])
def test_other_addresses_are_not_there(sealed_chain: Path, path: str):
    with peer_on(sealed_chain) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 404
        answer.read()
        connection.close()
