"""What holders do on the chain with addresses of their own, and how the book follows."""

import pytest

from ledger.chain.engine import Engine
from ledger.chain.follower import Follower
from ledger.chain.settled_trees import unfounded_tree
from ledger.chain.store import MemoryStore, SQLiteStore
from ledger.chain.transcript import sealed_block
from ledger.chain.verify import verify
from ledger.domain.calls import HOLDERS_BATCHES, Transfer, TransferMove
from ledger.domain.custody import custody_address
from ledger.domain.proof.document import Charge
from ledger.domain.proof.verification import verify as verify_proof
from ledger.errors import ChainCorrupt
from ledger.models import (
    Balance,
    Batch,
    Block,
    Entry,
    MirroredEvent,
    OutboxItem,
    OwnAddress,
    WaitingTransaction,
)
from ledger.services import inbox, proofs
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Move, post_entry
from ledger.services.settlement.recording import record_blocks
from ledger.signals import batch_certified, entries_failed, entries_mirrored
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring, open_writer
from tests.ledger.services.self_custody import (
    MOVES,
    NOW,
    OTHER,
    OWN,
    RETIRE,
    SelfCustody,
    raw_address,
)

pytestmark = pytest.mark.django_db
A, B = raw_address(OWN), raw_address(OTHER)


@pytest.fixture
def chain(tmp_path, settings):
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    settings.CHAIN_DIR = tmp_path
    with open_writer(tmp_path) as opened:
        yield opened


@pytest.fixture
def world(chain):
    """The holder has 500 of each lot at the own address, all of it certified."""
    made = SelfCustody(chain)
    made.release(500)
    made.release(500, lot=1)
    made.settle()
    return made


@pytest.fixture
def heard():
    """(signal, entries) in the order in which they came."""
    said = []

    def mirrored(entry_ids, **_):
        said.append(("mirrored", list(entry_ids)))

    def certified(batch_id, **_):
        said.append(("certified", batch_id))

    def failed(entry_ids, reason, **_):
        said.append(("failed", list(entry_ids)))

    entries_mirrored.connect(mirrored)
    batch_certified.connect(certified)
    entries_failed.connect(failed)
    yield said
    entries_mirrored.disconnect(mirrored)
    batch_certified.disconnect(certified)
    entries_failed.disconnect(failed)


def status(digest):
    return WaitingTransaction.objects.get(transaction_hash=digest)


def test_a_transfer_between_own_addresses_is_followed(world, heard):
    link = world.link(OTHER, open_account(name="Another"))
    digest = world.move(OWN, B, 120)
    world.settle()
    assert (world.held(world.own.account), world.held(link.account)) == (380, 120)
    assert world.differences() == ()
    event = MirroredEvent.objects.get()
    assert event.entry.key == f"chain:{event.block.height}:{event.log_index}:0"
    assert heard == [("mirrored", [event.entry_id])]
    assert (status(digest).status, status(digest).block) == ("sealed", event.block)


def test_wh_sent_to_a_stranger_stand_at_the_strangers_address(world):
    world.move(OWN, B, 120)
    world.settle()
    stranger = OwnAddress.objects.get(address=B)
    assert (stranger.holder, world.held(stranger.account)) == (None, 120)
    assert world.differences() == ()
    assert world.link(OTHER) == stranger
    assert world.held(stranger.account) == 120


def test_wh_paid_back_into_custody_are_the_registrys_to_move_again(world):
    back = custody_address(CHAIN_ID, REGISTRY_ID, world.holder.uuid)
    world.move(OWN, back, 200)
    world.settle()
    assert (world.held(world.holder), world.held(world.own.account)) == (700, 300)
    post_entry(
        key="retire",
        kind=Entry.Kind.RETIRE,
        moves=[Move(world.holder.pk, system_account("retired").pk, world.assets[0], 650)],
        now=NOW,
        digest=b"\1" * 32,
    )
    world.settle()
    assert not OutboxItem.objects.exclude(status="certified").exists()
    assert world.differences() == ()


def test_several_assets_in_one_event_are_followed_apart(world):
    ids = [each.number for each in world.tokens]
    world.wait(OWN, MOVES, A, B, ids, [10, 20], b"")
    world.settle()
    stranger = OwnAddress.objects.get(address=B).account
    assert [world.held(stranger, lot) for lot in (0, 1)] == [10, 20]
    assert sorted(MirroredEvent.objects.values_list("part", flat=True)) == [0, 1]
    assert world.differences() == ()


def test_many_transactions_of_one_sender_share_a_block_in_their_order(world):
    for n in range(5):
        world.move(OWN, B, 10 + n, nonce=n)
    before = world.chain.head().number
    world.settle()
    assert world.chain.head().number == before + 1
    assert world.on_chain(B) == 60
    assert MirroredEvent.objects.count() == 5
    assert world.differences() == ()


def test_a_move_to_oneself_and_one_that_reverts_change_nothing(world):
    world.move(OWN, A, 10, nonce=0)
    too_much = world.move(OWN, B, 501, nonce=1)
    world.settle()
    assert MirroredEvent.objects.count() == 0
    assert status(too_much).reason == "balance"
    assert world.differences() == ()


def test_a_holders_retirement_is_certified_with_its_numbers(world, heard):
    post_entry(
        key="retire",
        kind=Entry.Kind.RETIRE,
        moves=[Move(world.holder.pk, system_account("retired").pk, world.assets[0], 30)],
        now=NOW,
        digest=b"\1" * 32,
    )
    world.settle()
    heard.clear()
    world.retire(OWN, 70)
    world.settle()
    item = OutboxItem.objects.get(entry__mirrored_event__isnull=False)
    assert (item.status, item.entry.kind) == ("certified", "retire")
    assert (item.renewable_wh, item.emissions_wh) == (30, 30)
    assert (item.batch.sequence, item.batch.nonce) == (HOLDERS_BATCHES, None)
    assert (bytes(item.batch.sender), item.batch.status) == (A, "sealed")
    assert heard == [("certified", item.batch_id), ("mirrored", [item.entry_id])]
    assert world.held(world.own.account) == 430
    assert world.differences() == ()


def test_a_holders_retirement_is_proven_like_any_other(world):
    world.retire(OWN, 70)
    world.settle()
    entry = Entry.objects.get(mirrored_event__isnull=False)
    proof = proofs.build_proof(charge=Charge((), ()), retirements=[proofs.Shown(entry.pk, None)])
    verdict = verify_proof(proof)
    assert verdict.valid
    (shown,) = proof.retirements
    assert (shown.amount, shown.commitment) == (70, b"\xc0" * 32)
    assert proof.entries[0].account == A


PRICED_APART = {"type": 2, "gasPrice": None, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
LISTED = {"type": 1, "accessList": []}


@pytest.mark.parametrize("kind", [{}, LISTED, PRICED_APART], ids=["legacy", "listed", "priced"])
def test_whoever_executes_the_chain_again_accepts_holders_acts(world, tmp_path, kind):
    """The store's own verification, on py-evm's machine, and a witness's follower."""
    token_id = world.tokens[0].number
    for nonce, mark in enumerate((b"\1" * 32, b"\2" * 32)):
        world.wait(OWN, RETIRE, token_id, 70, mark, nonce=nonce, fields=kind)
    world.settle()
    assert world.on_chain(A) == 360
    block = world.chain._engine.block(world.chain.head().number)
    for transaction in block.transactions:
        facts = world.chain.outcome(bytes(transaction.hash)).facts
        assert len(facts) == 2
        assert unfounded_tree(transaction.data, facts) is None
    store = SQLiteStore(tmp_path / "chain.sqlite3", writable=False)
    sealers = key_ring(tmp_path).sealers()
    report = verify(store, chain_id=CHAIN_ID, sealers=sealers, stock=True)
    assert report.deviation is None
    engine = Engine(store, chain_id=CHAIN_ID)
    follower = Follower(Engine(MemoryStore(), chain_id=CHAIN_ID), sealers=sealers)
    for number in range(1, engine.head().block_number + 1):
        follower.accept(sealed_block(engine, number))
    assert follower.head().hash == world.chain.head().hash
    store.close()
    assert world.differences() == ()


def test_a_block_is_followed_once_whenever_the_writer_ended(world, monkeypatch):
    """The block is sealed, and the process ends before it is noted."""
    world.move(OWN, B, 120)
    raws = [bytes(WaitingTransaction.objects.get().raw_transaction)]
    world.chain.submit(raws, world.clock())
    assert not MirroredEvent.objects.exists()
    for _ in range(2):
        world.settle()
    assert MirroredEvent.objects.count() == 1
    assert WaitingTransaction.objects.get().status == "sealed"
    assert world.differences() == ()


def test_a_book_that_cannot_follow_notes_nothing_of_the_block(world):
    """Somebody changed the book: the address gives what the book says it never had."""
    Balance.objects.filter(account=world.own.account).update(amount=1)
    world.move(OWN, B, 120)
    height = Block.objects.first().height
    with pytest.raises(ChainCorrupt, match="cannot follow"):
        world.settle()
    assert Block.objects.first().height == height
    assert not MirroredEvent.objects.exists()
    assert OwnAddress.objects.count() == 1


def test_a_withdrawal_that_the_holder_overtook_is_undone(world, heard):
    """The holder's transaction is in a block before the withdrawal was prepared."""
    world.move(OWN, B, 480)
    raws = [bytes(WaitingTransaction.objects.get().raw_transaction)]
    world.chain.submit(raws, world.clock())
    withdrawn = post_entry(
        key="withdraw",
        kind=Entry.Kind.WITHDRAW,
        moves=[Move(world.own.account_id, system_account("withdrawn").pk, world.assets[0], 50)],
        now=NOW,
        digest=b"",
    )
    record_blocks(world.chain)
    item = OutboxItem.objects.get(entry=withdrawn)
    assert (item.status, item.reason) == ("failed", inbox.MOVED_FIRST)
    assert ("failed", [withdrawn]) in heard
    assert world.held(world.own.account) == 20
    world.settle()
    assert world.differences() == ()


def test_a_withdrawal_comes_before_what_a_holder_sends_at_the_same_time(world):
    digest = world.move(OWN, B, 480)
    withdrawn = post_entry(
        key="withdraw",
        kind=Entry.Kind.WITHDRAW,
        moves=[Move(world.own.account_id, system_account("withdrawn").pk, world.assets[0], 50)],
        now=NOW,
        digest=b"",
    )
    world.settle()
    assert OutboxItem.objects.get(entry=withdrawn).status == "certified"
    assert status(digest).reason == "balance"
    assert world.differences() == ()


def test_an_operators_call_that_the_book_knows_nothing_of_is_not_followed(world):
    """It would be reported by reconciliation, not quietly adopted."""
    other = open_account(name="Another")
    call = Transfer((TransferMove(world.holder.uuid, other.uuid, world.tokens[0].number, 1),))
    raw = world.chain.prepare(world.chain.next_sequence(), world.chain.next_nonce(), call).raw
    world.chain.submit([raw], world.clock())
    world.settle()
    assert not MirroredEvent.objects.exists()
    assert len(world.differences()) == 2
    assert Batch.objects.filter(nonce__isnull=True).count() == 0
