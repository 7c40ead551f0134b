"""A void claim waits for its retirement, is sealed once, and leaves every Wh where it is."""

import pytest
from django.db import IntegrityError, transaction

from ledger.chain import layout
from ledger.chain.codec import call_data
from ledger.chain.memory import MemoryChain
from ledger.chain.port import Chain
from ledger.domain.calls import Supersede
from ledger.domain.proof.document import Charge
from ledger.errors import InvalidEntry, KeyReused
from ledger.models import Balance, Batch, Entry, OutboxItem, VoidClaim
from ledger.services import consistency
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Draft, Move, post_entries, post_entry, reverse_entry
from ledger.services.proofs import Shown, build_proof
from ledger.services.settlement import sweep
from ledger.services.superseding import supersede
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, open_writer
from tests.ledger.services.self_custody import NOW, OWN, SelfCustody

pytestmark = pytest.mark.django_db
CREDITED, CORRECTED = 1, 2


@pytest.fixture(params=["embedded", "memory"])
def world(request, tmp_path, settings):
    """The holder has 1,000 Wh of each lot, certified."""
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    chain: Chain = (
        open_writer(tmp_path) if request.param == "embedded" else MemoryChain(CHAIN_ID, REGISTRY_ID)
    )
    with chain:
        made = SelfCustody(chain)
        made.settle()
        yield made


@pytest.fixture
def embedded(tmp_path, settings):
    settings.CHAIN_ID, settings.REGISTRY_ID, settings.CHAIN_DIR = CHAIN_ID, REGISTRY_ID, tmp_path
    with open_writer(tmp_path) as chain:
        made = SelfCustody(chain)
        made.settle()
        yield made


def retire(world, amount, key="retired", account=None, lot=0):
    source, retired = account or world.holder, system_account("retired")
    moves = [Move(source.pk, retired.pk, world.assets[lot], amount)]
    digest = key.encode().ljust(32, b"\0")
    return post_entry(key=key, moves=moves, kind=Entry.Kind.RETIRE, now=NOW, digest=digest)


def void(*entries, reason=CREDITED):
    return supersede(entries=entries, reason=reason, now=NOW)


def item(entry):
    return OutboxItem.objects.get(entry=entry)


def adds_up(world):
    named = [consistency.balances, consistency.conservation, consistency.outbox]
    named += [consistency.settlements]
    return [f for check in named for f in check()] == [] and world.differences() == ()


def slot(world, entry):
    """What the embedded chain keeps of the claim of a certified retirement."""
    sent = item(entry)
    place = (sent.batch.sequence, sent.settlement_entry.position, sent.position)
    return world.chain._storage(layout.superseded_slot(*place))


def test_a_void_claim_is_sealed_in_a_batch_of_its_own_and_moves_nothing(world):
    one, two = (retire(world, 100 + n, f"r{n}") for n in range(2))
    world.settle()
    balances = set(Balance.objects.values_list("account", "asset", "amount"))
    (said,) = void(two)
    world.settle()
    sent = item(said)
    assert (sent.kind, sent.status, sent.batch.kind) == ("supersede", "certified", "supersede")
    assert (sent.batch.status, sent.batch.items.count()) == ("sealed", 1)
    assert not Entry.objects.get(pk=said).postings.exists()
    assert set(Balance.objects.values_list("account", "asset", "amount")) == balances
    assert {item(one).status, item(two).status} == {"certified"}
    assert adds_up(world)


def test_the_very_leaf_is_marked_on_the_chain_and_no_other(embedded):
    other = open_account(name="Another")
    moves = [Move(embedded.holder.pk, other.pk, embedded.assets[0], 500)]
    post_entry(key="sold", moves=moves, kind=Entry.Kind.TRANSFER, now=NOW, digest=b"")
    retired = [
        retire(embedded, 10 + n, f"r{n}", account=account, lot=0)
        for n in range(6)
        for account in [(embedded.holder, other)[n % 2]]
    ]
    embedded.settle()
    chosen = retired[3]
    void(chosen, reason=CORRECTED)
    embedded.settle()
    marks = {entry: slot(embedded, entry) for entry in retired}
    assert marks == dict.fromkeys(retired, 0) | {chosen: CORRECTED}
    assert adds_up(embedded)


def test_anybody_can_ask_the_contract_by_what_the_proof_file_names(embedded):
    retired = retire(embedded, 100)
    embedded.settle()
    assert asked(embedded, retired) == 0
    void(retired, reason=CORRECTED)
    embedded.settle()
    assert asked(embedded, retired) == CORRECTED


def asked(world, entry):
    """As docs/receipt-proof.md says, from the proof alone."""
    proof = build_proof(charge=Charge((), hidden=()), retirements=[Shown(entry, None)])
    (batch,), (place,), (leaf,) = proof.batches, proof.entries, proof.retirements
    key = batch.sequence << 128 | place.index << 64 | leaf.index
    engine, contract = world.chain._engine, world.chain._contracts.certificates
    data = call_data("superseded(uint256)", key)
    return int.from_bytes(engine.call(at=engine.head(), to=contract, data=data), "big")


def test_nothing_is_sent_before_the_retirement_is_certified(world):
    retired = retire(world, 100)
    world.settle()
    OutboxItem.objects.filter(entry=retired).update(status="submitted")
    (said,) = void(retired)
    assert world.settle() == 0
    assert item(said).status == "pending"
    OutboxItem.objects.filter(entry=retired).update(status="certified")
    assert world.settle() == 1
    assert item(said).status == "certified"


def test_voiding_twice_is_as_once(world):
    retired = retire(world, 100)
    world.settle()
    first = void(retired, retired)
    assert void(retired) == first
    world.settle()
    assert void(retired) == first
    assert world.settle() == 0
    assert VoidClaim.objects.count() == Batch.objects.filter(kind="supersede").count() == 1


def test_a_claim_is_not_void_for_two_reasons(world):
    retired = retire(world, 100)
    world.settle()
    void(retired)
    with pytest.raises(KeyReused, match="reason 1 already, not 2"):
        void(retired, reason=CORRECTED)
    assert VoidClaim.objects.get().reason == CREDITED


def test_many_claims_are_void_in_as_many_calls(world):
    retired = [retire(world, 10, f"r{n}") for n in range(11)]
    world.settle()
    said = void(*retired)
    assert len(said) == 11
    world.settle()
    assert set(OutboxItem.objects.values_list("status", flat=True)) == {"certified"}
    assert Batch.objects.filter(kind="supersede", status="sealed").count() == 11
    assert adds_up(world)


def test_what_never_claimed_anything_is_passed_over(world):
    undone, kept = retire(world, 10, "undone"), retire(world, 20, "kept")
    reverse_entry(entry=Entry.objects.get(pk=undone), key="back", now=NOW)
    world.settle()
    OutboxItem.objects.filter(entry=kept).update(status="failed")
    assert void(undone, kept) == []
    assert void() == []
    assert not VoidClaim.objects.exists()


def test_what_can_still_be_undone_or_is_no_retirement_is_refused(world):
    issued = Entry.objects.filter(kind="issue").first().pk
    for wrong in (retire(world, 100), issued, 10**9):
        with pytest.raises(InvalidEntry):
            void(wrong)
    world.settle()
    with pytest.raises(InvalidEntry, match="from 1 on"):
        void(Entry.objects.get(key="retired").pk, reason=0)
    assert not VoidClaim.objects.exists()
    assert not Entry.objects.filter(kind="supersede").exists()


def test_only_a_void_claim_moves_nothing(world):
    move = Move(world.holder.pk, system_account("retired").pk, world.assets[0], 1)
    for kind, moves in ((Entry.Kind.RETIRE, []), (Entry.Kind.SUPERSEDE, [move])):
        with pytest.raises(InvalidEntry, match="moves"):
            post_entries(drafts=[Draft("x", kind, moves, b"")], now=NOW)


def test_a_refused_void_claim_says_why_and_the_rest_goes_on(embedded):
    good, bad = retire(embedded, 10, "good"), retire(embedded, 20, "bad")
    embedded.settle()
    place = OutboxItem.objects.filter(entry=bad)
    right = place.values_list("position", flat=True).get()
    place.update(position=3_000)  # no leaf of a batch
    said = void(good, bad)
    embedded.settle()
    place.update(position=right)
    assert [item(each).status for each in said] == ["certified", "failed"]
    assert item(said[1]).reason == "leaf"
    assert Entry.objects.get(pk=said[1]).reversal.kind == "reverse"
    assert slot(embedded, bad) == 0
    assert adds_up(embedded)


def test_a_void_claim_whose_turn_was_wrong_is_sent_again(embedded):
    """Two of one block: the first is refused, the second only because of that."""
    first, second = retire(embedded, 10, "first"), retire(embedded, 20, "second")
    embedded.settle()
    OutboxItem.objects.filter(entry=first).update(position=3_000)
    said = void(first, second)
    embedded.settle()
    reasons = Batch.objects.filter(kind="supersede", status="reverted")
    assert sorted(reasons.values_list("reason", flat=True)) == ["leaf", "sequence"]
    assert [item(each).status for each in said] == ["failed", "certified"]
    assert slot(embedded, second) == CREDITED


def test_a_void_claim_falls_with_the_retirement_that_the_chain_refused(world):
    from ledger.services.settlement.failing import fail

    retired = retire(world, 100)
    world.settle()
    OutboxItem.objects.filter(entry=retired).update(status="submitted")
    (said,) = void(retired)
    fail(item=item(retired), reason="balance", now=NOW)
    assert (item(retired).status, item(said).status) == ("failed", "undone")
    assert Entry.objects.get(pk=said).reversal.kind == "reverse"
    assert world.settle() == 0
    assert world.held(world.holder) == 1_000


def test_a_holders_own_retirement_can_lose_its_claim_too(embedded):
    embedded.release(300)
    embedded.settle()
    embedded.retire(OWN, 50)
    embedded.settle()
    retired = Entry.objects.get(kind="retire").pk
    void(retired)
    embedded.settle()
    assert item(retired).batch.nonce is None
    assert slot(embedded, retired) == CREDITED
    assert adds_up(embedded)


def test_the_database_keeps_void_claims_as_they_are(world):
    retired = retire(world, 100)
    world.settle()
    (said,) = void(retired)
    rows = VoidClaim.objects.filter(entry=said)
    for change in (lambda: rows.update(reason=2), rows.delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    for entry, of, reason in ((retired, said, 0), (retired, retired, 1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            VoidClaim.objects.create(entry_id=entry, retirement_id=of, reason=reason)


def test_what_was_prepared_before_a_crash_is_sealed_once(embedded):
    from ledger.services.settlement.forming import form_batches

    retired = retire(embedded, 100)
    embedded.settle()
    (said,) = void(retired)
    (batch,) = form_batches(chain=embedded.chain, now=embedded.clock())
    embedded.chain.submit([bytes(batch.raw_transaction)], embedded.clock())
    # Sealed, and the process died before it noted that.
    assert item(said).status == "submitted"
    sweep(chain=embedded.chain, clock=embedded.clock)
    assert item(said).status == "certified"
    assert Batch.objects.filter(kind="supersede").count() == 1
    assert slot(embedded, retired) == CREDITED


def test_many_void_claims_share_a_block(world):
    retired = [retire(world, 1 + n, f"r{n}") for n in range(40)]
    world.settle()
    before = world.chain.head().number
    said = void(*retired)
    assert world.settle() == 40
    assert world.chain.head().number == before + 1
    assert {item(entry).status for entry in said} == {"certified"}
    assert adds_up(world)


def test_one_refused_among_them_takes_down_nothing_else(embedded):
    retired = [retire(embedded, 1 + n, f"r{n}") for n in range(12)]
    embedded.settle()
    # The operator's key voids one behind the book's back: its own claim is then refused.
    sent = item(retired[5])
    call = Supersede(sent.batch.sequence, sent.settlement_entry.position, sent.position, CREDITED)
    chain = embedded.chain
    prepared = chain.prepare(chain.next_sequence(), chain.next_nonce(), call)
    chain.submit([prepared.raw], embedded.clock())
    said = void(*retired)
    embedded.settle()
    states = {entry: item(entry).status for entry in said}
    assert states.pop(said[5]) == "failed"
    assert set(states.values()) == {"certified"}
