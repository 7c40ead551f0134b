"""An own address is linked by a signature, paid through the outbox, and mirrored."""

from datetime import timedelta

import pytest
from eth_account.messages import encode_defunct

from ledger.errors import (
    AddressNotLinked,
    AddressTaken,
    LinkExpired,
    LinkInvalid,
    MirrorOnly,
    Overdrawn,
)
from ledger.models import AuditEvent, Entry, OutboxItem, OwnAddress
from ledger.services import own_addresses
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Draft, Move, post_entries, post_entry, reverse_entry
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, open_writer
from tests.ledger.services.self_custody import NOW, OTHER, OWN, SelfCustody, raw_address

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path, settings):
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    with open_writer(tmp_path) as opened:
        yield opened


@pytest.fixture
def world(chain):
    return SelfCustody(chain)


def attempt(world, wallet, *, signer=None, until=NOW + timedelta(hours=1), holder=None, text=None):
    holder, address = holder or world.holder, raw_address(wallet)
    message = text or own_addresses.message_for(holder=holder, address=address, until=until)
    signature = (signer or wallet).sign_message(encode_defunct(text=message)).signature
    return own_addresses.link(
        holder=holder,
        address=address,
        signature=bytes(signature),
        until=until,
        actor="test",
        now=NOW,
    )


def test_a_linked_address_is_the_holders_and_the_act_is_logged(world):
    assert world.own.holder == world.holder
    assert world.own.account.is_mirror
    assert bytes(world.own.address) == raw_address(OWN)
    event = AuditEvent.objects.get(action="address.linked")
    assert event.detail["account"] == str(world.holder.uuid)


def test_linking_again_changes_nothing(world):
    first = OwnAddress.objects.get()
    assert attempt(world, OWN, until=NOW + timedelta(hours=2)) == first
    first.refresh_from_db()
    assert first.linked_at == NOW
    assert AuditEvent.objects.filter(action="address.linked").count() == 1


def test_only_the_key_of_the_address_links_it(world):
    with pytest.raises(LinkInvalid):
        attempt(world, OTHER, signer=OWN)
    assert OwnAddress.objects.count() == 1


@pytest.mark.parametrize("change", ["account", "address", "until"])
def test_a_signature_links_nothing_but_what_it_says(world, change):
    until = NOW + timedelta(hours=1)
    said = {
        "holder": open_account(name="Another") if change == "account" else world.holder,
        "address": raw_address(OWN if change == "address" else OTHER),
        "until": until + timedelta(seconds=change == "until"),
    }
    with pytest.raises(LinkInvalid):
        attempt(world, OTHER, until=until, text=own_addresses.message_for(**said))


@pytest.mark.parametrize("hours", [-1, 25])
def test_a_message_is_good_for_a_day_at_most_and_not_afterwards(world, hours):
    with pytest.raises(LinkExpired):
        attempt(world, OTHER, until=NOW + timedelta(hours=hours))


@pytest.mark.parametrize("signature", [b"", b"\0" * 65, b"\xff" * 65, b"\1" * 64])
def test_what_is_no_signature_is_refused(world, signature):
    with pytest.raises(LinkInvalid):
        own_addresses.link(
            holder=world.holder,
            address=raw_address(OTHER),
            signature=signature,
            until=NOW + timedelta(hours=1),
            actor="test",
            now=NOW,
        )


def test_an_address_belongs_to_one_holder(world):
    with pytest.raises(AddressTaken):
        attempt(world, OWN, holder=open_account(name="Another"))


@pytest.mark.parametrize("which", ["mirror", "system"])
def test_what_is_no_holders_account_has_no_address(world, which):
    account = world.own.account if which == "mirror" else system_account("retired")
    with pytest.raises(AddressTaken):
        attempt(world, OTHER, holder=account)


def test_a_release_is_paid_at_the_own_address(world):
    entry = world.release(300)
    assert (world.held(world.holder), world.held(world.own.account)) == (700, 300)
    world.settle()
    assert OutboxItem.objects.get(entry=entry).status == "certified"
    assert world.on_chain(raw_address(OWN)) == 300
    assert world.on_chain(world.holder.uuid) == 700
    assert world.differences() == ()


def test_releases_wait_for_nothing_but_their_turn(world):
    for amount in (100, 200, 300):
        world.release(amount)
    world.settle()
    assert world.on_chain(raw_address(OWN)) == 600
    assert world.differences() == ()


def test_no_more_is_released_than_is_held(world):
    with pytest.raises(Overdrawn):
        world.release(1_001)


def test_nothing_is_released_to_an_address_of_somebody_elses(world):
    other = open_account(name="Another")
    with pytest.raises(AddressNotLinked):
        own_addresses.release(
            holder=other, own=world.own, asset=world.assets[0], amount=1, key="x", now=NOW
        )
    unlinked = own_addresses.mirror_of(raw_address(OTHER))
    with pytest.raises(AddressNotLinked):
        own_addresses.release(
            holder=world.holder, own=unlinked, asset=world.assets[0], amount=1, key="x", now=NOW
        )


def test_a_release_is_taken_back_before_it_is_sent(world):
    entry = Entry.objects.get(pk=world.release(300))
    reverse_entry(entry=entry, key="back", now=NOW)
    world.settle()
    assert (world.held(world.holder), world.on_chain(raw_address(OWN))) == (1_000, 0)
    assert world.differences() == ()


@pytest.mark.parametrize("kind", ["transfer", "retire", "issue"])
def test_the_registry_moves_nothing_from_or_to_an_own_address(world, kind):
    world.release(300)
    mirror, asset = world.own.account_id, world.assets[0]
    other = system_account("retired").pk if kind == "retire" else world.holder.pk
    for source, destination in ((mirror, other), (world.holder.pk, mirror)):
        move = Move(source, destination, asset, 10)
        with pytest.raises(MirrorOnly):
            post_entry(key="x", moves=[move], kind=kind, now=NOW, digest=b"")


def test_a_release_ends_at_an_own_address(world):
    move = Move(world.holder.pk, open_account(name="Another").pk, world.assets[0], 10)
    with pytest.raises(MirrorOnly):
        post_entry(key="x", moves=[move], kind=Entry.Kind.RELEASE, now=NOW, digest=b"")


def test_the_issuer_withdraws_from_an_own_address_and_from_custody_together(world):
    world.release(300)
    gone = system_account("withdrawn").pk
    drafts = [
        Draft(f"w{n}", Entry.Kind.WITHDRAW, [Move(n, gone, world.assets[0], 40)], b"")
        for n in (world.own.account_id, world.holder.pk)
    ]
    post_entries(drafts=drafts, now=NOW)
    world.settle()
    assert not OutboxItem.objects.exclude(status="certified").exists()
    assert (world.on_chain(raw_address(OWN)), world.on_chain(world.holder.uuid)) == (260, 660)
    assert world.differences() == ()
