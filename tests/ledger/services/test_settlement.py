"""From the outbox to certified numbers, over the memory chain."""

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from uuid import uuid4

import pytest
from django.db import transaction

from ledger.chain.memory import MemoryChain
from ledger.domain.calls import Issue, LotIssue, Split
from ledger.domain.token_id import BOTH, EMISSIONS, PRODUCTION, TokenId
from ledger.models import Asset, Balance, Batch, Block, Entry, OutboxItem, SettlementEntry
from ledger.services.accounts import create_certificate_assets, open_account, system_account
from ledger.services.book import Draft, Move, post_entries, post_entry, reverse_entry
from ledger.services.reconciliation import compare
from ledger.services.settlement import forming, parcels, sweep
from ledger.services.settlement.forming import commit, form_batches
from ledger.services.settlement.parcels import members_of, pack
from ledger.signals import batch_certified, entries_failed

pytestmark = pytest.mark.django_db
NOW = datetime(2018, 2, 1, tzinfo=UTC)
DEVICE = 200_100_000_000_000_010


@pytest.fixture
def chain():
    return MemoryChain(chain_id=202611, registry_id=1)


@pytest.fixture
def clock():
    ticks = count()
    return lambda: NOW + timedelta(seconds=next(ticks))


class Registry:
    """A holder and another, and what they do."""

    def __init__(self) -> None:
        self.issued, self.retired = system_account("issued"), system_account("retired")
        self.holder, self.other = open_account(name="Holder"), open_account(name="Other")
        self.assets: list[int] = []

    def issue(self, amounts, mask=BOTH) -> None:
        first = len(self.assets)
        ids = [
            TokenId(PRODUCTION, DEVICE, 60 * (first + n), 60, 0, mask) for n in range(len(amounts))
        ]
        assets = create_certificate_assets([token_id.code for token_id in ids])
        self.assets += assets
        drafts = [
            Draft(
                f"issue:{first + n}",
                Entry.Kind.ISSUE,
                [Move(self.issued.pk, self.holder.pk, asset, amount)],
                bytes([n % 256]) * 32,
            )
            for n, (asset, amount) in enumerate(zip(assets, amounts, strict=True))
        ]
        post_entries(drafts=drafts, now=NOW)

    def retire(self, lot: int, amount: int, mark: int) -> Entry:
        pk = post_entry(
            key=f"retire:{lot}:{mark}",
            kind=Entry.Kind.RETIRE,
            moves=[Move(self.holder.pk, self.retired.pk, self.assets[lot], amount)],
            now=NOW,
            digest=mark.to_bytes(32, "big"),
        )
        return Entry.objects.get(pk=pk)

    def transfer(self, lot: int, amount: int, digest: bytes | None = b"") -> Entry:
        pk = post_entry(
            key=f"transfer:{lot}:{amount}",
            moves=[Move(self.holder.pk, self.other.pk, self.assets[lot], amount)],
            now=NOW,
            digest=digest,
        )
        return Entry.objects.get(pk=pk)


@pytest.fixture
def registry():
    return Registry()


def status_of(entry: Entry) -> str:
    return OutboxItem.objects.get(entry=entry).status


def test_lots_are_numbered_in_the_order_of_issuance(registry, chain, clock):
    registry.issue([700, 300, 50])
    sweep(chain=chain, clock=clock)
    items = OutboxItem.objects.order_by("pk")
    assert [(i.status, i.renewable_wh, i.emissions_wh) for i in items] == [
        ("certified", 0, 0),
        ("certified", 700, 700),
        ("certified", 1_000, 1_000),
    ]


def test_a_lot_that_proves_emissions_only_has_no_renewable_number(registry, chain, clock):
    registry.issue([700], mask=EMISSIONS)
    sweep(chain=chain, clock=clock)
    item = OutboxItem.objects.get()
    assert (item.renewable_wh, item.emissions_wh) == (None, 0)


def test_retirements_of_one_lot_get_disjoint_stretches_that_fill_what_was_burned(
    registry, chain, clock
):
    registry.issue([500, 1_000])
    amounts = {9: 10, 3: 200, 7: 30, 1: 4}
    for mark, amount in amounts.items():
        registry.retire(1, amount, mark)
    sweep(chain=chain, clock=clock)
    registry.retire(1, 56, 2)
    sweep(chain=chain, clock=clock)
    stretches = sorted(
        (item.renewable_wh, item.renewable_wh + item.entry.postings.get().amount)
        for item in OutboxItem.objects.filter(kind=Batch.Kind.SETTLE)
    )
    assert stretches[0][0] == 500
    assert all(left[1] == right[0] for left, right in pairwise(stretches))
    assert stretches[-1] == (744, 800)


def test_all_kinds_in_one_sweep_leave_book_and_chain_equal(registry, chain, clock):
    registry.issue([1_000] * 20)
    registry.transfer(0, 400)
    for lot in range(20):
        registry.retire(lot, 100, lot)
    sweep(chain=chain, clock=clock)
    found = compare(chain)
    assert found.differences == ()
    assert (found.lots, found.on_the_way) == (20, 0)
    kinds = list(Batch.objects.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["issue", "transfer", "settle"]


def test_more_than_one_transaction_holds_becomes_several_batches(registry, chain, clock):
    registry.issue([10] * 500)
    sweep(chain=chain, clock=clock)
    sizes = [batch.items.count() for batch in Batch.objects.order_by("sequence")]
    assert sum(sizes) == 500
    assert max(sizes) <= 160
    assert [b.sequence for b in Batch.objects.order_by("nonce")] == [1, 2, 3, 4]


def test_what_waits_is_not_called_certified(registry, chain):
    registry.issue([10])
    form_batches(chain=chain, now=NOW)
    assert OutboxItem.objects.get().status == OutboxItem.Status.SUBMITTED
    assert Batch.objects.get().status == Batch.Status.PREPARED


def test_a_batch_prepared_before_a_crash_is_sent_once(registry, chain, clock):
    registry.issue([10])
    form_batches(chain=chain, now=NOW)
    sweep(chain=chain, clock=clock)
    sweep(chain=chain, clock=clock)
    assert OutboxItem.objects.get().status == OutboxItem.Status.CERTIFIED
    assert chain.odometer(DEVICE) == 10


def test_a_batch_sealed_before_a_crash_is_recorded_and_not_sent_again(registry, chain, clock):
    registry.issue([10])
    batches = form_batches(chain=chain, now=NOW)
    chain.submit([bytes(batch.raw_transaction) for batch in batches], NOW)
    head = chain.head().number
    sweep(chain=chain, clock=clock)
    assert chain.head().number == head
    assert OutboxItem.objects.get().status == OutboxItem.Status.CERTIFIED


def test_an_undone_retirement_never_reaches_the_chain(registry, chain, clock):
    registry.issue([1_000])
    entry = registry.retire(0, 100, 1)
    reverse_entry(entry=entry, key="undo", now=NOW)
    sweep(chain=chain, clock=clock)
    assert status_of(entry) == OutboxItem.Status.UNDONE
    assert SettlementEntry.objects.count() == 0
    assert compare(chain).differences == ()


def test_a_refused_member_is_found_by_halving_and_compensated(registry, chain, clock):
    registry.issue([1_000] * 8)
    sweep(chain=chain, clock=clock)
    unknown_to_the_chain = registry.transfer(3, 950, digest=None)
    reverse_entry(entry=unknown_to_the_chain, key="back", now=NOW)
    # The book gives lot 5 away behind the chain's back, so that its retirement is refused there.
    good = [registry.retire(lot, 10, lot) for lot in range(8) if lot != 5]
    Balance.objects.filter(account=registry.holder, asset=registry.assets[5]).update(amount=1_500)
    bad = registry.retire(5, 1_200, 5)
    heard = []
    entries_failed.connect(
        receiver := lambda entry_ids, reason, **_: heard.append((entry_ids, reason))
    )
    sweep(chain=chain, clock=clock)
    entries_failed.disconnect(receiver)
    assert [status_of(entry) for entry in good] == ["certified"] * 7
    item = OutboxItem.objects.get(entry=bad)
    assert item.status == OutboxItem.Status.FAILED
    assert item.reason
    assert bad.reversal.key == f"compensate:{bad.pk}"
    assert heard == [([bad.pk], item.reason)]
    assert Batch.objects.filter(status=Batch.Status.REVERTED, parent__isnull=True).count() == 1


def test_batches_behind_a_refused_one_get_their_turn_again(registry, chain, clock):
    registry.issue([1_000])
    sweep(chain=chain, clock=clock)
    Balance.objects.filter(account=registry.holder, asset=registry.assets[0]).update(amount=5_000)
    bad = registry.transfer(0, 4_000)
    good = registry.retire(0, 100, 1)
    sweep(chain=chain, clock=clock)
    assert status_of(bad) == OutboxItem.Status.FAILED
    assert status_of(good) == OutboxItem.Status.CERTIFIED


def test_a_refusal_heals_when_more_is_prepared_than_a_block_holds(registry, chain, clock):
    registry.issue([1_000] * 10)
    sweep(chain=chain, clock=clock)
    Balance.objects.filter(account=registry.holder, asset=registry.assets[0]).update(amount=5_000)
    bad = [registry.retire(0, 1_200 + n, n) for n in range(2)]
    good = [registry.retire(lot, 10, lot + 10) for lot in range(1, 10)]
    with transaction.atomic():
        for entry in [*bad, *good]:
            item = OutboxItem.objects.get(entry=entry)
            parcels = pack(Batch.Kind.SETTLE, members_of([item.pk]))
            commit(chain=chain, parcels=parcels, now=NOW)
    rounds = count()
    sweep(chain=chain, clock=clock, stopped=lambda: next(rounds) > 20)
    assert [status_of(entry) for entry in bad] == ["failed"] * 2
    assert [status_of(entry) for entry in good] == ["certified"] * 9


def test_a_refused_lot_takes_down_what_was_done_with_it_and_nothing_else(registry, chain, clock):
    registry.issue([1_000, 1_000])
    doubled = Asset.objects.get(pk=registry.assets[0])
    registry.transfer(0, 400)
    registry.retire(0, 600, 1)
    kept = registry.retire(1, 600, 2)
    # Something else on the chain has taken the lot's number before us.
    stranger = Issue((LotIssue(int(doubled.code, 16), 5),), (Split(0, uuid4(), 5),), b"\1" * 32)
    chain.submit([chain.prepare(chain.next_sequence(), chain.next_nonce(), stranger).raw], NOW)
    heard = []
    entries_failed.connect(receiver := lambda entry_ids, **_: heard.extend(entry_ids))
    sweep(chain=chain, clock=clock)
    entries_failed.disconnect(receiver)
    fallen = OutboxItem.objects.filter(entry__postings__asset=doubled)
    assert {item.status for item in fallen} == {"failed"}
    assert {item.entry_id for item in fallen} == set(heard)
    assert all("refused" in item.reason for item in fallen.exclude(kind="issue"))
    assert not Balance.objects.filter(asset=doubled).exclude(amount=0).exists()
    assert status_of(kept) == "certified"
    assert not OutboxItem.objects.filter(status__in=["pending", "submitted"]).exists()


def test_what_was_not_sent_yet_falls_with_the_lot_that_it_was_built_on(
    registry, chain, clock, monkeypatch
):
    monkeypatch.setattr(forming, "BATCHES_PER_BLOCK", 1)
    registry.issue([1_000])
    retired = registry.retire(0, 600, 2)
    token_id = int(Asset.objects.get(pk=registry.assets[0]).code, 16)
    stranger = Issue((LotIssue(token_id, 5),), (Split(0, uuid4(), 5),), b"\1" * 32)
    chain.submit([chain.prepare(chain.next_sequence(), chain.next_nonce(), stranger).raw], NOW)
    sweep(chain=chain, clock=clock)
    item = OutboxItem.objects.get(entry=retired)
    assert (item.status, item.batch) == ("failed", None)
    assert not Balance.objects.exclude(amount=0).exists()


def test_every_certified_batch_is_announced_once(registry, chain, clock):
    heard = []
    batch_certified.connect(receiver := lambda batch_id, **_: heard.append(batch_id))
    registry.issue([10, 20])
    sweep(chain=chain, clock=clock)
    sweep(chain=chain, clock=clock)
    batch_certified.disconnect(receiver)
    assert heard == [Batch.objects.get().pk]


def test_every_sealed_block_is_noted(registry, chain, clock):
    registry.issue([10])
    sweep(chain=chain, clock=clock)
    assert Block.objects.first().height == chain.head().number
    assert Block.objects.count() == chain.head().number + 1


def test_a_wh_that_the_book_cannot_explain_is_named(registry, chain, clock):
    registry.issue([10])
    sweep(chain=chain, clock=clock)
    OutboxItem.objects.update(status=OutboxItem.Status.UNDONE)
    differences = compare(chain).differences
    assert any("odometer" in d.what and d.actual == 10 for d in differences)


def test_trees_are_built_only_of_what_a_block_has_room_for(registry, chain, clock, monkeypatch):
    registry.issue([1_000] * 9)
    sweep(chain=chain, clock=clock)
    for lot in range(9):
        registry.retire(lot, 10, lot)
    monkeypatch.setattr(parcels, "ENTRIES", 2)
    items = list(OutboxItem.objects.filter(kind="settle").values_list("pk", flat=True))
    whole = pack(Batch.Kind.SETTLE, members_of(items))
    built = []
    build = parcels.build
    monkeypatch.setattr(parcels, "build", lambda *some: built.append(some) or build(*some))
    assert pack(Batch.Kind.SETTLE, members_of(items), 3) == whole[:3]
    assert (len(whole), len(built)) == (5, 6)
