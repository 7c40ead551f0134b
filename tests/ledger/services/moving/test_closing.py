"""The bundle is written when all has ended and follows, whole or not at all, and suffices."""

import json

import pytest

from ledger.domain.moving_files import CLOSING, STATE
from ledger.domain.proof import trust
from ledger.domain.proof.verification import verify
from ledger.errors import ChainBusy, MoveRefused
from ledger.services.moving.bundle import read_bundle
from ledger.services.moving.closing import TRUST, close
from tests.ledger.services.moving.conftest import quiet

pytestmark = pytest.mark.django_db


def refused(directory) -> str:
    with pytest.raises(MoveRefused) as caught:
        close(directory, progress=quiet)
    assert not directory.exists()
    assert not list(directory.parent.glob(".*"))
    return str(caught.value)


def test_an_old_receipt_is_proven_by_the_closing_bundle_alone(old, closed):
    proof = old.proof()
    trusted = trust.parse((closed / TRUST).read_bytes())
    verdict = verify(proof, trust=trusted)
    assert verdict.authenticated
    (sealer,) = trusted.sealers
    assert sealer.last_block == json.loads((closed / CLOSING).read_text())["height"]


def test_the_bundle_says_what_the_contract_held(old, closed):
    state = read_bundle(closed).state
    assert sum(state.holdings.values()) == 1_000 - 7 - 40 - 20
    assert set(state.odometers.values()) == {2_000}
    assert len(state.lots) == 2
    assert {path.name for path in closed.iterdir()} == {
        "chain.rlp", "genesis.json", "seals.jsonl", "state.jsonl", "trust.json",
        "witnesses.json", "closing.json",
    }  # fmt: skip


def test_a_chain_that_goes_on_is_not_closed(old, tmp_path):
    old.chain.close()
    assert "not paused" in refused(tmp_path / "bundle")


def test_what_is_on_its_way_is_waited_for(old, tmp_path):
    old.pause()
    old.release(1)
    old.chain.close()
    assert "1 acts are on their way" in refused(tmp_path / "bundle")


def test_a_book_that_differs_is_not_carried_anywhere(old, tmp_path):
    old.pause()
    old.chain.close()
    old.retired.outbox_item.__class__.objects.filter(entry=old.retired).update(status="undone")
    assert "differ" in refused(tmp_path / "bundle")


def test_a_running_writer_keeps_the_chain_open(old, tmp_path):
    with pytest.raises(ChainBusy):
        close(tmp_path / "bundle", progress=quiet)
    assert not (tmp_path / "bundle").exists()


def test_nothing_is_written_over_what_is_there(closed):
    with pytest.raises(MoveRefused, match="there already"):
        close(closed, progress=quiet)


@pytest.mark.parametrize("name", [STATE, TRUST, "chain.rlp"])
def test_a_file_that_was_changed_is_refused_by_its_name(closed, name):
    path = closed / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(MoveRefused, match=name):
        read_bundle(closed)


def test_a_bundle_that_is_none_is_refused(tmp_path):
    with pytest.raises(MoveRefused, match="cannot be read"):
        read_bundle(tmp_path)
