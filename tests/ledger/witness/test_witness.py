"""A witness believes nothing: what does not follow is named with its height, and not signed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import rlp

from ledger.chain import codec, layout, seal
from ledger.chain.framing import SealedBlock
from ledger.chain.store import SQLiteStore
from ledger.chain.stored import reading
from ledger.chain.verify import verify
from ledger.chain.witness.witness import Witness
from ledger.domain.calls import Supersede
from ledger.errors import ChainBusy, ChainDeviates, Equivocation
from ledger.models import WitnessSignature
from ledger.queries.witnesses import witnessed
from ledger.views import chain as views
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    CHAIN_ID,
    issue,
    key_ring,
    open_engine,
    open_reader,
    retire,
    settle,
    token,
)
from tests.ledger.conftest import extend
from tests.ledger.witness.conftest import note_blocks
from tests.ledger.witness.lies import (
    block_of,
    next_sequence,
    seal_data,
    seal_with_balance,
    serve,
)

BLOCKS = 5
Open = Callable[..., Witness]


def refused(witness: Witness) -> tuple[int, str]:
    """The height and the sentence of the deviation that the witness reports."""
    with pytest.raises(ChainDeviates) as found:
        witness.run()
    assert f"Block {found.value.height:,} deviates" in str(found.value)
    return found.value.height, found.value.what


def test_a_newcomer_executes_everything_and_signs_the_head(open_witness: Open, tmp_path: Path):
    done = open_witness().run()
    with reading() as engine:
        head = engine.head()
    assert (done.executed, done.number, done.refusal) == (BLOCKS, BLOCKS, "")
    assert (done.hash, done.state_root) == (head.hash, head.state_root)
    assert WitnessSignature.objects.get().block.height == BLOCKS
    assert witnessed(1) == 1


def test_what_a_witness_keeps_verifies_on_its_own(open_witness: Open, registry, tmp_path):
    open_witness().run()
    store = SQLiteStore(tmp_path / "witness" / "chain.sqlite3", writable=False)
    report = verify(store, chain_id=CHAIN_ID, sealers=key_ring(registry).sealers())
    assert (report.deviation, report.blocks) == (None, BLOCKS)
    store.close()


def test_a_void_claim_is_executed_like_any_other_act(open_witness: Open, registry):
    extend(registry, [Supersede(2, 0, 1, 1), Supersede(2, 0, 1, 2)])  # the second is refused
    note_blocks()
    done = open_witness().run()
    assert (done.number, done.refusal) == (BLOCKS + 2, "")
    assert open_witness(stock=True).run().hash == done.hash
    with open_reader(registry) as chain:
        assert chain._storage(layout.superseded_slot(2, 0, 1)) == 1


def test_the_stock_machine_comes_to_the_same_head(open_witness: Open):
    done = open_witness(stock=True).run()
    assert open_witness().run().hash == done.hash


def test_a_witness_keeps_up_and_signs_each_head_once(open_witness: Open, registry):
    witness = open_witness()
    assert [witness.run().executed for _ in range(2)] == [BLOCKS, 0]
    extend(registry, [issue(300)])
    note_blocks()
    assert witness.run().executed == 1
    heights = WitnessSignature.objects.values_list("block__height", flat=True)
    assert sorted(heights) == [BLOCKS, BLOCKS + 1]


def test_a_restart_continues_where_it_was(open_witness: Open, registry, monkeypatch):
    monkeypatch.setattr(views, "MOST_BLOCKS", 1)
    seen: list[int] = []

    def stop_at_three(done: int, total: int) -> None:
        seen.append(done)
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_witness().run(progress=stop_at_three)
    assert open_witness().run(progress=lambda done, total: seen.append(done)).executed == 2
    assert seen == [1, 2, 3, 4, 5]


def test_two_witnesses_do_not_share_a_directory(open_witness: Open, tmp_path):
    witness = open_witness()
    with pytest.raises(ChainBusy):
        Witness(source=witness._source, private_key=b"\x01" * 32, directory=tmp_path / "witness")


def test_a_signature_that_is_not_taken_is_sent_again(open_witness: Open, registry):
    witness = open_witness()
    extend(registry, [issue(300)])
    assert "not noted here yet" in witness.run().refusal
    note_blocks()
    assert witness.run().refusal == ""
    assert WitnessSignature.objects.get().block.height == BLOCKS + 1


def test_a_changed_balance_is_named_as_a_wrong_state_root(open_witness: Open, registry):
    seal_with_balance(registry, issue(300), BOB, token(), 10**9)
    note_blocks()
    height, what = refused(open_witness())
    assert height == BLOCKS + 1
    assert "state_root does not follow" in what
    assert what.count("0x") == 2
    assert not WitnessSignature.objects.exists()


def test_blocks_before_a_deviation_are_kept_and_it_stands_after_a_restart(
    open_witness: Open, registry, tmp_path
):
    seal_with_balance(registry, issue(300), BOB, token(), 10**9)
    first = refused(open_witness())
    restarted = open_witness()
    assert refused(restarted) == first
    assert restarted._follower.head().block_number == BLOCKS
    kept = json.loads((tmp_path / "witness/evidence/deviation-6.json").read_text())
    assert kept["what"] == first[1]
    assert kept["block"] == f"0x{block_of(registry, 6).block.hex()}"


def test_a_rewritten_block_no_longer_leads_to_the_next(
    open_witness: Open, forked_chain, monkeypatch
):
    serve(monkeypatch, {4: block_of(forked_chain, 4)})
    height, what = refused(open_witness())
    assert height == 5
    assert "its parent is" in what


def test_a_rewritten_block_under_the_old_seal_is_a_forgery(
    open_witness: Open, registry, forked_chain, monkeypatch
):
    lie = SealedBlock(block=block_of(forked_chain, 4).block, seal=block_of(registry, 4).seal)
    serve(monkeypatch, {4: lie})
    height, what = refused(open_witness())
    assert height == 4
    assert "seal is forged" in what


def with_seal(registry: Path, number: int, keys: list[bytes]) -> SealedBlock:
    engine = open_engine(registry)
    digest = engine.seal_digest(engine.header(number))
    return SealedBlock(
        block=block_of(registry, number).block, seal=seal.sign(digest=digest, private_keys=keys)
    )


def test_a_forged_seal_is_found(open_witness: Open, registry, monkeypatch):
    serve(monkeypatch, {3: with_seal(registry, 3, [b"\x05" * 32])})
    height, what = refused(open_witness())
    assert height == 3
    assert "seal is forged" in what


def test_a_second_signature_on_a_seal_breaks_the_next_header(
    open_witness: Open, registry, monkeypatch
):
    keys = [key_ring(registry).unlock("sealer"), b"\x05" * 32]
    serve(monkeypatch, {3: with_seal(registry, 3, keys)})
    assert refused(open_witness()) == (4, "it does not commit to the seal of the block before")


@pytest.mark.parametrize("raw", [b"", b"\xc0", b"\xc1\x01"])
def test_a_missing_seal_is_found(open_witness: Open, registry, monkeypatch, raw):
    serve(monkeypatch, {2: SealedBlock(block=block_of(registry, 2).block, seal=raw)})
    height, what = refused(open_witness())
    assert height == 2
    assert "seal does not hold" in what


def test_a_sealer_that_was_not_named_is_refused(open_witness: Open):
    height, what = refused(open_witness(sealers=[bytes(20)]))
    assert height == 1
    assert "not known here" in what


def test_the_first_sealer_is_accepted_and_held_to(open_witness: Open, registry, tmp_path):
    open_witness().run()
    kept = json.loads((tmp_path / "witness/witness.json").read_text())
    assert kept["sealers"] == [f"0x{key_ring(registry).address('sealer').hex()}"]
    engine = open_engine(registry)
    engine.seal_block(transactions=[], timestamp=engine.head().timestamp + 1, sealer=b"\x05" * 32)
    height, what = refused(open_witness())
    assert height == BLOCKS + 1
    assert "not known here" in what


def test_a_new_sealer_is_accepted_once_it_is_named(open_witness: Open, registry):
    open_witness().run()
    engine, key = open_engine(registry), b"\x05" * 32
    engine.seal_block(transactions=[], timestamp=engine.head().timestamp + 1, sealer=key)
    note_blocks()
    address = bytes(engine.head().coinbase)
    assert open_witness(sealers=[address]).run().number == BLOCKS + 1


def test_a_tree_that_does_not_follow_from_its_leaves_is_found(open_witness: Open, registry):
    call = settle(retire(ALICE, token(), 10, 20))
    data = codec.encode(next_sequence(registry), call)
    seal_data(registry, data[:-1] + b"\xff")
    height, what = refused(open_witness())
    assert height == BLOCKS + 1
    assert "its leaves give" in what


def test_a_settlement_of_more_than_its_leaves_is_found(open_witness: Open, registry):
    call = settle(retire(ALICE, token(), 10))
    data = codec.encode(next_sequence(registry), call)
    seal_data(registry, data[:-40] + (9).to_bytes(8, "big") + data[-32:])
    assert "burns 10 Wh over leaves of 9 Wh" in refused(open_witness())[1]


def test_bytes_that_are_no_block_are_refused(open_witness: Open, monkeypatch):
    serve(monkeypatch, {2: SealedBlock(block=rlp.encode([b"no", b"block"]), seal=b"")})
    assert refused(open_witness())[0] == 2


def test_a_block_with_more_than_its_header_covers_is_refused(
    open_witness: Open, registry, monkeypatch
):
    honest = block_of(registry, 2)
    header, calls, uncles, withdrawals = rlp.decode(honest.block)
    more = rlp.encode([header, calls, uncles, [*withdrawals, [b"\x01", b"", bytes(20), b"\x01"]]])
    serve(monkeypatch, {2: SealedBlock(block=more, seal=honest.seal)})
    assert refused(open_witness()) == (2, "it holds more than its header covers")


def test_a_header_of_another_height_is_refused(open_witness: Open, registry, monkeypatch):
    serve(monkeypatch, {2: block_of(registry, 3)})
    assert refused(open_witness()) == (2, "block 3 came in its place")


def test_two_sealed_blocks_of_one_height_are_kept_as_proof(
    open_witness: Open, registry, forked_chain, settings, tmp_path
):
    open_witness().run()
    settings.CHAIN_DIR = forked_chain
    with pytest.raises(Equivocation, match="two sealed blocks exist") as found:
        open_witness().run()
    assert found.value.height == BLOCKS
    kept = json.loads((tmp_path / "witness/evidence/equivocation-5.json").read_text())
    sealers = []
    for side, digest in zip(("first", "second"), kept["signed_digests"], strict=True):
        raw = bytes.fromhex(kept[side]["seal"][2:])
        sealers += seal.signers_of(digest=bytes.fromhex(digest[2:]), seal=raw)
    assert {f"0x{each.hex()}" for each in sealers} == {kept["sealer"]}
    assert len(set(kept["hashes"])) == 2


def test_after_a_proof_of_fraud_nothing_is_signed_any_more(
    open_witness: Open, registry, forked_chain, settings
):
    open_witness().run()
    settings.CHAIN_DIR = forked_chain
    with pytest.raises(Equivocation):
        open_witness().run()
    settings.CHAIN_DIR = registry
    extend(registry, [issue(300)])
    with pytest.raises(Equivocation):
        open_witness().run()
    assert WitnessSignature.objects.count() == 1


def test_another_head_of_a_shorter_chain_is_found_too(
    open_witness: Open, forked_chain, settings, sealed_chain
):
    settings.CHAIN_DIR = forked_chain
    open_witness().run()
    settings.CHAIN_DIR = sealed_chain
    with pytest.raises(Equivocation) as found:
        open_witness().run()
    assert found.value.height == BLOCKS


def test_a_registry_that_fell_behind_is_no_deviation(open_witness: Open, registry, stem, settings):
    open_witness().run()
    settings.CHAIN_DIR = stem
    assert open_witness().run().number == BLOCKS


def test_another_chain_at_the_same_address_is_refused(open_witness: Open, settings):
    open_witness().run()
    settings.CHAIN_ID = 7
    height, what = refused(open_witness())
    assert height == 0
    assert "now it is chain 7" in what


def test_a_copy_of_the_directory_on_another_machine_follows_on(
    open_witness: Open, tmp_path, registry
):
    open_witness().run()
    open_witness().close()
    shutil.copytree(tmp_path / "witness", tmp_path / "elsewhere")
    store = SQLiteStore(tmp_path / "elsewhere" / "chain.sqlite3", writable=False)
    report = verify(store, chain_id=CHAIN_ID, sealers=None)
    assert report.blocks == BLOCKS
    store.close()
