"""Attributes are parted and joined in the book and on the chain, in the order of the book."""

import pytest

from ledger.domain.token_id import EMISSIONS, RENEWABLE, lot_of
from ledger.errors import InvalidEntry, MirrorOnly, Overdrawn
from ledger.models import Asset, Balance, Entry, OutboxItem
from ledger.services import consistency
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Move, post_entry
from ledger.services.bundling import bundle, unbundle
from ledger.services.settlement import sweep
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring, open_writer
from tests.ledger.services.self_custody import NOW, SelfCustody

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path, settings):
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    with open_writer(tmp_path) as opened:
        opened.directory = tmp_path
        yield opened


@pytest.fixture
def world(chain):
    """The holder has 1,000 Wh of each lot, certified, and the policy allows unbundling."""
    made = SelfCustody(chain)
    made.settle()
    allow(made)
    return made


def allow(world, allowed=True):
    from ledger.chain.codec import call_data
    from ledger.chain.keys import ADMIN

    engine, keys = world.chain._engine, key_ring(world.chain.directory)
    raw = engine.sign(
        private_key=keys.unlock(ADMIN),
        nonce=world.chain.nonce_of(keys.address(ADMIN)),
        to=world.chain._contracts.certificates,
        data=call_data("allowUnbundling(bool)", allowed),
    )
    world.chain.submit([raw], world.clock())


def part(world, attribute, lot=0):
    code = f"{lot_of(world.tokens[lot].number) | attribute:040x}"
    return Asset.objects.get(code=code)


def held(account, asset):
    row = Balance.objects.filter(account=account, asset=asset).first()
    return row.amount if row else 0


def do(act, world, amount, key="once", account=None):
    account = account or world.holder
    return act(account=account, asset=world.asset(), amount=amount, key=key, now=NOW)


def move(world, source, destination, asset, amount, key, kind=Entry.Kind.TRANSFER, digest=b""):
    moves = [Move(source.pk, destination.pk, asset.pk, amount)]
    return post_entry(key=key, moves=moves, kind=kind, now=NOW, digest=digest)


def is_all_certified():
    return not OutboxItem.objects.exclude(status="certified").exists()


def adds_up(world):
    named = [consistency.balances, consistency.conservation, consistency.outbox]
    return [f for check in named for f in check()] == [] and world.differences() == ()


def test_a_whole_becomes_its_parts_and_a_whole_again(world):
    do(unbundle, world, 300)
    assert [held(world.holder, part(world, a)) for a in (RENEWABLE, EMISSIONS)] == [300, 300]
    world.settle()
    token_id = lot_of(world.tokens[0].number)
    for attribute in (RENEWABLE, EMISSIONS):
        assert world.chain.balance(world.holder.uuid, token_id | attribute) == 300
    assert (world.held(world.holder), world.on_chain(world.holder.uuid)) == (700, 700)
    assert adds_up(world)
    do(bundle, world, 100, key="back")
    world.settle()
    assert (world.held(world.holder), world.on_chain(world.holder.uuid)) == (800, 800)
    assert is_all_certified()
    assert adds_up(world)


def test_parts_are_retired_by_different_holders_and_numbered_each_for_itself(world):
    other = open_account(name="Another")
    do(unbundle, world, 300)
    retired = system_account("retired")
    move(world, world.holder, other, part(world, EMISSIONS), 200, "sold")
    for who, attribute, amount in ((world.holder, RENEWABLE, 300), (other, EMISSIONS, 200)):
        asset, mark = part(world, attribute), attribute.to_bytes(32, "big")
        move(world, who, retired, asset, amount, f"r{attribute}", Entry.Kind.RETIRE, mark)
    world.settle()
    renewable, emissions = OutboxItem.objects.filter(kind="settle").order_by("pk")
    assert (renewable.renewable_wh, renewable.emissions_wh) == (0, None)
    assert (emissions.renewable_wh, emissions.emissions_wh) == (None, 0)
    assert is_all_certified()
    assert adds_up(world)


def test_transfers_and_bundling_go_in_the_order_of_the_book(world):
    """Each step needs the one before it; no order by kinds would do."""
    other = open_account(name="Another")
    do(unbundle, world, 300)
    for n, attribute in enumerate((RENEWABLE, EMISSIONS)):
        move(world, world.holder, other, part(world, attribute), 300, f"sold {n}")
    do(bundle, world, 300, key="joined", account=other)
    move(world, other, world.holder, world.asset(), 300, "back")
    do(unbundle, world, 1_000, key="all")
    world.settle()
    assert is_all_certified()
    assert not OutboxItem.objects.filter(batch__status="reverted").exists()
    assert adds_up(world)


def test_what_the_policy_forbids_is_reversed_with_what_was_built_on_it(world):
    allow(world, False)
    other = open_account(name="Another")
    do(unbundle, world, 300)
    move(world, world.holder, other, part(world, RENEWABLE), 200, "sold")
    kept = move(world, world.holder, other, world.asset(), 50, "kept")
    world.settle()
    failed = OutboxItem.objects.filter(status="failed").order_by("pk")
    assert [item.kind for item in failed] == ["unbundle", "transfer"]
    assert failed[0].reason == "policy"
    assert OutboxItem.objects.get(entry=kept).status == "certified"
    assert world.held(world.holder) == 950
    assert held(other, part(world, RENEWABLE)) == 0
    assert adds_up(world)


def test_the_same_key_parts_once(world):
    assert do(unbundle, world, 300) == do(unbundle, world, 300)
    assert world.held(world.holder) == 700


@pytest.mark.parametrize(("act", "amount"), [(unbundle, 1_001), (bundle, 1)])
def test_no_more_is_parted_or_joined_than_is_held(world, act, amount):
    with pytest.raises(Overdrawn):
        do(act, world, amount)


@pytest.mark.parametrize("act", [unbundle, bundle])
def test_only_a_whole_is_parted_or_joined(world, act):
    do(unbundle, world, 10)
    money = Asset.objects.create(kind="currency", code="EUR", unit="cent")
    for asset in (part(world, RENEWABLE), part(world, EMISSIONS), money):
        with pytest.raises(InvalidEntry):
            act(account=world.holder, asset=asset, amount=1, key="x", now=NOW)


def test_what_stands_at_an_own_address_is_its_holders_to_part(world):
    world.release(100)
    with pytest.raises(MirrorOnly):
        do(unbundle, world, 10, account=world.own.account)


def test_the_model_of_the_chain_parts_and_joins_alike():
    from ledger.chain.memory import MemoryChain

    world = SelfCustody(MemoryChain(CHAIN_ID, REGISTRY_ID))
    do(unbundle, world, 300)
    do(bundle, world, 100, key="back")
    sweep(chain=world.chain, clock=world.clock)
    assert is_all_certified()
    assert adds_up(world)
