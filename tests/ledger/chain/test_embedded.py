"""The embedded chain over its file: restarts, readers beside the writer, and refusals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth.abc import BlockHeaderAPI

from ledger.chain import layout
from ledger.chain.codec import call_data
from ledger.chain.embedded import EmbeddedChain, Identity, Writer
from ledger.chain.port import Counters, Outcome
from ledger.chain.store import SQLiteStore
from ledger.chain.writer_lock import WriterLock
from ledger.domain.calls import Call
from ledger.domain.custody import custody_address
from ledger.domain.token_id import lot_of
from ledger.errors import ChainBusy, ChainCorrupt, ChainMissing, ChainRejected, KeyUnavailable
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    CHAIN_ID,
    DEVICE,
    REGISTRY_ID,
    Clock,
    issue,
    key_ring,
    open_reader,
    open_writer,
    retire,
    settle,
    token,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[EmbeddedChain]:
    with open_writer(tmp_path) as chain:
        yield chain


def send(chain: EmbeddedChain, clock: Clock, call: Call) -> Outcome:
    prepared = chain.prepare(chain.next_sequence(), chain.next_nonce(), call)
    return chain.submit([prepared.raw], clock())[0]


def test_a_restart_finds_all_that_was_there(tmp_path: Path, clock: Clock) -> None:
    with open_writer(tmp_path) as chain:
        done = send(chain, clock, issue())
        refused = send(chain, clock, settle(retire(ALICE, token(), 601)))
        head = chain.head()
    with open_writer(tmp_path) as chain:
        assert chain.head() == head
        assert chain.outcome(done.hash) == done
        assert chain.outcome(refused.hash) == refused
        assert refused.reason == "balance"
        assert (chain.next_sequence(), chain.next_nonce()) == (2, 4)
        assert send(chain, clock, issue(60)).success


def test_a_batch_prepared_before_a_restart_is_executed_once(tmp_path: Path, clock: Clock) -> None:
    with open_writer(tmp_path) as chain:
        prepared = chain.prepare(1, 2, issue())
    for _ in range(2):
        with open_writer(tmp_path) as chain:
            (outcome,) = chain.submit([prepared.raw], clock())
            assert (outcome.success, outcome.block_number) == (True, 2)
            assert chain.head().number == 2


def test_a_reader_stays_at_its_block_until_it_looks_again(
    tmp_path: Path, writer: EmbeddedChain, clock: Clock
) -> None:
    send(writer, clock, issue())
    with open_reader(tmp_path) as reader:
        before = reader.head()
        later = send(writer, clock, settle(retire(ALICE, token(), 100)))
        assert reader.head() == before
        assert reader.balance(ALICE, token()) == 600
        assert reader.next_sequence() == 2
        assert reader.outcome(later.hash) is None
        assert reader.refresh() == writer.head()
        assert reader.balance(ALICE, token()) == 500
        assert reader.outcome(later.hash) == later


def test_a_reader_needs_no_keys_and_cannot_write(
    tmp_path: Path, writer: EmbeddedChain, clock: Clock
) -> None:
    with open_reader(tmp_path) as reader:
        with pytest.raises(ChainRejected, match="reading"):
            reader.prepare(1, 2, issue())
        with pytest.raises(ChainRejected, match="reading"):
            reader.submit([], clock())


def test_a_reader_before_the_first_start_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ChainMissing):
        open_reader(tmp_path)


def test_a_second_writer_is_refused(tmp_path: Path, writer: EmbeddedChain) -> None:
    with pytest.raises(ChainBusy):
        open_writer(tmp_path)


def test_a_writer_that_lost_its_lock_seals_nothing(
    tmp_path: Path, writer: EmbeddedChain, clock: Clock
) -> None:
    before = writer.head()
    (tmp_path / "writer.lock").unlink()
    with pytest.raises(ChainBusy):
        send(writer, clock, issue())
    assert writer.refresh() == before


def test_a_chain_of_another_registry_is_refused(tmp_path: Path, writer: EmbeddedChain) -> None:
    store = SQLiteStore(tmp_path / "chain.sqlite3", writable=False)
    with pytest.raises(ChainCorrupt, match="registry 2"):
        EmbeddedChain(store, Identity(chain_id=CHAIN_ID, registry_id=2))


def test_a_batch_of_another_chain_is_refused(tmp_path: Path, writer: EmbeddedChain) -> None:
    lock = WriterLock(tmp_path / "other")
    store = SQLiteStore(tmp_path / "other" / "chain.sqlite3", writable=True)
    identity = Identity(chain_id=7, registry_id=REGISTRY_ID)
    with EmbeddedChain(store, identity, Writer(lock, key_ring(tmp_path))) as other:
        raw = other.prepare(1, 2, issue()).raw
    with pytest.raises(ChainRejected, match=f"chain {CHAIN_ID}"):
        writer.submit([raw], Clock()())


def test_without_keys_outside_the_demo_no_chain_is_founded(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "chain.sqlite3", writable=True)
    keys = Writer(WriterLock(tmp_path), key_ring(tmp_path, create=False))
    with pytest.raises(KeyUnavailable):
        EmbeddedChain(store, Identity(CHAIN_ID, REGISTRY_ID), keys)
    keys.lock.release()


def test_storage_says_the_same_as_the_contracts_own_views(
    writer: EmbeddedChain, clock: Clock
) -> None:
    send(writer, clock, issue())
    send(writer, clock, settle(retire(BOB, token(), 3, 4)))

    def view(signature: str, *arguments: object) -> list[int]:
        output = writer._engine.call(
            at=writer._head,
            to=writer._contracts.certificates,
            data=call_data(signature, *arguments),
        )
        return [int.from_bytes(output[at : at + 32], "big") for at in range(0, len(output), 32)]

    holder = "0x" + custody_address(CHAIN_ID, REGISTRY_ID, BOB).hex()
    assert view("balanceOf(address,uint256)", holder, token()) == [writer.balance(BOB, token())]
    assert view("odometer(uint256)", DEVICE) == [writer.odometer(DEVICE)] == [1000]
    assert view("nextSequence()") == [writer.next_sequence()] == [3]
    counters = writer.counters(lot_of(token()))
    assert counters == Counters(*view("counters(uint256)", lot_of(token())))
    word = layout.pack_counters(counters)
    assert layout.unpack_counters(word) == counters


def test_reads_at_one_head_share_a_state_and_the_next_head_has_its_own(
    tmp_path: Path, writer: EmbeddedChain, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(writer, clock, issue())
    with open_reader(tmp_path) as reader:
        made: list[int] = []
        state = reader._engine.state

        def counting(at: BlockHeaderAPI) -> object:
            made.append(at.block_number)
            return state(at)

        monkeypatch.setattr(reader._engine, "state", counting)
        for _ in range(3):
            assert (reader.balance(ALICE, token()), reader.next_sequence()) == (600, 2)
        send(writer, clock, settle(retire(ALICE, token(), 100)))
        assert writer.balance(ALICE, token()) == 500  # whoever writes sees it at once
        assert reader.balance(ALICE, token()) == 600  # whoever reads, once they look again
        head = reader.refresh().number
        assert (reader.balance(ALICE, token()), reader.next_sequence()) == (500, 3)
        reader.refresh()
        assert reader.counters(lot_of(token())).retired_renewable == 100
        assert made == [head - 1, head]
