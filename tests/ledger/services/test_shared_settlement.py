"""From the outbox to certified numbers over a network that is not ours."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from importlib import import_module
from itertools import count
from pathlib import Path

import pytest

from ledger.errors import ChainBusy, ChainMissing, ChainReorganised, ChainUnreachable
from ledger.models import Balance, Batch, Block, OutboxItem
from ledger.services.reconciliation import compare
from ledger.services.settlement import forming, parcels, settle, sweep
from ledger.services.settlement.recording import ready
from tests.ledger.chain.foreign import networks
from tests.ledger.chain.foreign.tester_node import EthTesterNode
from tests.ledger.services.test_settlement import NOW, Registry, status_of

pytestmark = pytest.mark.django_db
sweeping = import_module("ledger.services.settlement.sweep")
DEPTH = 2


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def clock():
    ticks = count()
    return lambda: NOW + timedelta(seconds=next(ticks))


@pytest.fixture
def node() -> Iterator[EthTesterNode]:
    running = EthTesterNode()
    yield running
    running.stop()


@pytest.fixture
def chain(node, tmp_path: Path):
    with networks.found(node, tmp_path, depth=str(DEPTH)) as opened:
        yield opened


def certified() -> int:
    return OutboxItem.objects.filter(status=OutboxItem.Status.CERTIFIED).count()


def test_a_batch_is_certified_at_the_depth_and_not_earlier(registry, node, chain, clock):
    registry.issue([700, 300])
    assert sweep(chain=chain, clock=clock) == 0
    assert Batch.objects.get().status == Batch.Status.PREPARED
    for _ in range(DEPTH):
        node.mine()
        assert sweep(chain=chain, clock=clock) == 0
        assert certified() == 0
    node.mine()
    assert sweep(chain=chain, clock=clock) == 1
    items = OutboxItem.objects.order_by("pk")
    assert [(i.status, i.renewable_wh) for i in items] == [("certified", 0), ("certified", 700)]


def settle_all(node, chain, clock) -> None:
    for _ in range(40):
        sweep(chain=chain, clock=clock)
        if not OutboxItem.objects.filter(status__in=["pending", "submitted"]).exists():
            return
        node.mine(DEPTH + 1)
    raise AssertionError("settling makes no end")


def test_book_and_network_agree_and_only_blocks_of_ours_are_noted(registry, node, chain, clock):
    registry.issue([1_000] * 3)
    registry.transfer(0, 400)
    registry.retire(1, 100, 1)
    settle_all(node, chain, clock)
    node.mine(5)
    chain.refresh()
    found = compare(chain)
    assert found.differences == ()
    assert (found.lots, found.on_the_way) == (3, 0)
    assert Block.objects.count() == Batch.objects.values("block").distinct().count()
    assert Block.objects.count() < chain.head().number


def test_what_the_network_holds_and_the_book_has_not_noted_is_not_compared(
    registry, node, chain, clock
):
    registry.issue([1_000])
    sweep(chain=chain, clock=clock)
    node.mine(DEPTH + 1)
    chain.refresh()
    with pytest.raises(ChainBusy, match="holds 1 batches, 0 are noted"):
        compare(chain)


def test_a_refused_batch_waits_for_those_behind_it_and_is_parted_then(registry, node, chain, clock):
    registry.issue([1_000] * 4)
    settle_all(node, chain, clock)
    Balance.objects.filter(account=registry.holder, asset=registry.assets[0]).update(amount=5_000)
    bad = registry.transfer(0, 4_000)
    good = [registry.retire(lot, 10, lot) for lot in range(4)]
    settle_all(node, chain, clock)
    assert status_of(bad) == "failed"
    assert OutboxItem.objects.get(entry=bad).reason == "balance"
    assert [status_of(entry) for entry in good] == ["certified"] * 4
    assert compare(chain).differences == ()


def test_a_batch_that_is_mined_again_elsewhere_is_recorded_where_it_stands(
    registry, node, chain, clock
):
    registry.issue([700])
    sweep(chain=chain, clock=clock)
    before = node.snapshot()
    node.mine()
    first = node.tester.get_block_by_number()["number"]
    assert sweep(chain=chain, clock=clock) == 0
    node.reorganise(before)
    node.mine(3)  # the network goes on without it
    assert sweep(chain=chain, clock=clock) == 0
    settle_all(node, chain, clock)
    batch = Batch.objects.get()
    assert batch.block.height > first
    assert batch.block.height == chain.outcome(bytes(batch.transaction_hash)).block_number
    assert compare(chain).differences == ()
    assert OutboxItem.objects.get().renewable_wh == 0


def prepared() -> list[int]:
    waiting = Batch.objects.filter(status=Batch.Status.PREPARED).order_by("nonce")
    return list(waiting.values_list("sequence", flat=True))


@pytest.fixture
def one_at_a_time(monkeypatch):
    """Rounds of one batch of two lots, four of them on their way at once."""
    monkeypatch.setattr(parcels, "LOTS", 2)
    monkeypatch.setattr(forming, "BATCHES_PER_BLOCK", 1)
    monkeypatch.setattr(sweeping, "BATCHES_PER_BLOCK", 1)
    monkeypatch.setattr(sweeping, "IN_FLIGHT", 4)


def test_several_rounds_are_on_their_way_at_once(registry, node, chain, clock, one_at_a_time):
    registry.issue([1_000] * 10)
    assert sweep(chain=chain, clock=clock) == 0
    assert prepared() == [1, 2, 3, 4]
    for _ in range(DEPTH + 1):
        node.mine()
        sweep(chain=chain, clock=clock)
    assert prepared() == [5]
    settle_all(node, chain, clock)
    assert certified() == 10
    assert compare(chain).differences == ()


def test_nothing_is_sent_behind_a_round_that_was_refused(
    registry, node, chain, clock, one_at_a_time
):
    registry.issue([1_000] * 2)
    settle_all(node, chain, clock)
    Balance.objects.filter(account=registry.holder, asset=registry.assets[0]).update(amount=5_000)
    bad = registry.transfer(0, 4_000)
    sweep(chain=chain, clock=clock)
    assert prepared() == [2]
    node.mine()
    good = registry.retire(1, 10, 1)
    sweep(chain=chain, clock=clock)  # not known to be refused yet: another goes behind it
    assert prepared() == [2, 3]
    node.mine(DEPTH)
    later = registry.retire(1, 20, 2)
    sweep(chain=chain, clock=clock)
    assert prepared() == [2, 3]
    settle_all(node, chain, clock)
    assert [status_of(entry) for entry in (bad, good, later)] == ["failed", *["certified"] * 2]
    assert compare(chain).differences == ()


def test_a_network_that_drops_what_was_final_stops_the_writer(registry, node, chain, clock):
    before = node.snapshot()
    registry.issue([700])
    settle_all(node, chain, clock)
    node.reorganise(before)
    chain.refresh()
    with pytest.raises(ChainBusy, match="still catching up"):
        sweep(chain=chain, clock=clock)
    node.mine(10)
    registry.issue([300])
    chain.refresh()
    with pytest.raises(ChainReorganised, match="dropped after"):
        sweep(chain=chain, clock=clock)
    assert Batch.objects.count() == 1


def test_a_node_that_goes_away_loses_nothing(registry, node, chain, clock):
    registry.issue([700])
    sweep(chain=chain, clock=clock)
    answer = node.answer
    node.answer = lambda body: "away"
    with pytest.raises(ChainUnreachable):
        sweep(chain=chain, clock=clock)
    assert Batch.objects.get().status == Batch.Status.PREPARED
    node.answer = answer
    settle_all(node, chain, clock)
    assert certified() == 1


def test_a_dearer_replacement_is_noted_under_the_hash_that_stands(registry, node, chain, clock):
    registry.issue([700])
    sweep(chain=chain, clock=clock)
    prepared = bytes(Batch.objects.get().transaction_hash)
    sweep(chain=chain, clock=lambda: NOW + timedelta(minutes=5))
    settle_all(node, chain, clock)
    noted = bytes(Batch.objects.get().transaction_hash)
    assert noted != prepared
    assert chain.outcome(noted).success
    assert chain.outcome(prepared) is None


def test_settling_waits_for_the_network_as_long_as_it_may(
    registry, node, chain, clock, monkeypatch
):
    monkeypatch.setattr(sweeping, "writer_turn", lambda: nullcontext(chain))
    registry.issue([700])
    with pytest.raises(ChainBusy, match="not final on the network yet"):
        settle(clock=clock, patience=0)
    monkeypatch.setattr(sweeping.time, "sleep", lambda _: node.mine())
    report = settle(clock=clock, patience=60)
    assert (report.certified, report.failed) == (1, 0)
    assert report.height == chain.head().number


def test_settling_waits_for_the_contracts_though_nothing_else_waits(clock, monkeypatch):
    def busy():
        raise ChainBusy("The contracts are on their way.")

    def missing(*, writable):
        raise ChainMissing("There is no contract yet.")

    monkeypatch.setattr(sweeping, "writer_turn", busy)
    monkeypatch.setattr(sweeping, "open_chain", missing)
    with pytest.raises(ChainBusy, match="on their way"):
        settle(clock=clock, patience=0)


@pytest.mark.parametrize(
    ("outcomes", "recorded"),
    [
        ("++", "++"),
        ("+?", "+"),
        ("?+", ""),
        ("+-?", "+"),
        ("-+?", ""),
        ("+-+", "+-+"),
        ("??", ""),
    ],
)
def test_outcomes_are_recorded_up_to_the_first_open_or_refused_unless_all_are_known(
    outcomes, recorded
):
    class Made:
        def __init__(self, mark):
            self.success = mark == "+"

    given = [None if mark == "?" else Made(mark) for mark in outcomes]
    found = ready(range(len(given)), given)
    assert ["+" if outcome.success else "-" for _, outcome in found] == list(recorded)
    assert [batch for batch, _ in found] == list(range(len(recorded)))
