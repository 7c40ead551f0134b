"""An organisation links an address by its signature, and acts there by signatures."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from eth_account import Account as Wallet
from eth_account.messages import encode_defunct

from certificates.models import Organisation
from ledger.models import AuditEvent, OwnAddress, WaitingTransaction
from ledger.rpc.pool import close_pools
from ledger.services.accounts import open_account
from tests.fixtures.api import NOW, Caller
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, open_writer
from tests.ledger.services.self_custody import OWN, SelfCustody
from tests.ledger.services.signing import FAR, document

ALICE, BOB = (Wallet.from_key(bytes([n]) * 32) for n in (17, 18))


def asked(call, wallet=ALICE, **how):
    answer = call("get", f"own-addresses/message/?address={wallet.address}", **how)
    assert answer.status_code == 200
    return answer.json()


def signed(said, wallet=ALICE):
    signature = wallet.sign_message(encode_defunct(text=said["message"])).signature
    body = {"address": said["address"], "until": said["until"]}
    return json.dumps(body | {"signature": f"0x{bytes(signature).hex()}"})


def test_who_signs_the_message_has_the_address_linked_once(call, trail):
    body = signed(asked(call))
    first = call("post", "own-addresses/", key="a", data=body)
    again = call("post", "own-addresses/", key="b", data=body)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    own = OwnAddress.objects.get(holder=trail.producer.account)
    assert str(own) == ALICE.address.lower() == first.json()["address"]
    listed = call("get", "own-addresses/").json()["results"]
    assert [row["address"] for row in listed] == [ALICE.address.lower()]
    assert AuditEvent.objects.filter(action="address.linked").count() == 1


def test_the_message_is_good_for_an_hour_and_names_account_and_address(call, trail):
    said = asked(call)
    until = parse_datetime(said["until"])
    assert timedelta(minutes=59) < until - timezone.now() <= timedelta(hours=1)
    assert str(trail.producer.account.uuid) in said["message"]
    assert ALICE.address.lower() in said["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"address": BOB.address.lower()}, "link_invalid"),
        ({"until": "2020-01-01T00:00:00Z"}, "link_expired"),
        ({"signature": "0x" + "00" * 65}, "link_invalid"),
    ],
)
def test_a_signature_of_something_else_links_nothing(call, change, code):
    body = json.loads(signed(asked(call))) | change
    answer = call("post", "own-addresses/", key="a", data=json.dumps(body))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not OwnAddress.objects.filter(holder__isnull=False).exists()


@pytest.mark.parametrize("field", ["address", "until", "signature"])
def test_what_is_malformed_is_named(call, field):
    body = json.loads(signed(asked(call))) | {field: "0x12"}
    answer = call("post", "own-addresses/", key="a", data=json.dumps(body))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_anothers_message_or_address_is_no_use(call, trail, other):
    secret = call.key(other.producer)
    body = signed(asked(call, secret=secret))
    stolen = call("post", "own-addresses/", key="a", data=body)
    assert stolen.json()["code"] == "link_invalid"
    assert call("post", "own-addresses/", key="a", secret=secret, data=body).status_code == 201
    taken = call("post", "own-addresses/", key="b", data=signed(asked(call)))
    assert (taken.status_code, taken.json()["code"]) == (422, "address_taken")
    assert call("get", "own-addresses/").json()["results"] == []


@pytest.mark.parametrize("address", ["", "0x", "0x" + "g" * 40, "1" * 42])
def test_the_message_is_for_an_address(call, address):
    answer = call("get", f"own-addresses/message/?address={address}")
    assert answer.status_code == 400


def test_a_key_that_only_reads_links_nothing_and_brings_nothing(call, trail):
    narrow = call.key(trail.producer, ["certificates:read"])
    body = signed(asked(call, secret=narrow))
    for path in ("own-addresses/", "signed-acts/"):
        assert call("post", path, key="a", secret=narrow, data=body).status_code == 403


@pytest.fixture
def world(db, tmp_path, settings):
    """A holder with 500 Wh at an own address, on a chain of their own."""
    settings.CHAIN_ID, settings.REGISTRY_ID, settings.CHAIN_DIR = CHAIN_ID, REGISTRY_ID, tmp_path
    with open_writer(tmp_path) as chain:
        made = SelfCustody(chain)
        made.release(500)
        made.settle()
        yield made
    close_pools()


@pytest.fixture
def holder(client, world):
    """The holder, calling."""
    return Caller(client, organisation("holder", world.holder))


def organisation(slug, account):
    return Organisation.objects.create(name=slug, slug=slug, account=account, registered_at=NOW)


def act(world, **message):
    stated = {"destination": b"\5" * 20, "id": world.tokens[0].number, "amount": 100}
    contract = world.chain._contracts.certificates
    return json.dumps(document(OWN, contract, "Transfer", **stated | {"deadline": FAR} | message))


def test_what_the_holder_signed_is_brought_once_and_its_end_is_told(holder, world):
    first = holder("post", "signed-acts/", data=act(world))
    assert (first.status_code, first.json()["status"], first.json()["block"]) == (
        202,
        "waiting",
        None,
    )
    world.settle()
    again = holder("post", "signed-acts/", data=act(world))
    assert again.json() == first.json() | {
        "status": "sealed",
        "block": world.chain.head().number,
    }
    assert world.on_chain(b"\5" * 20) == 100
    assert WaitingTransaction.objects.count() == 1


def test_what_would_fail_is_refused_with_the_contracts_reason(holder, world):
    answer = holder("post", "signed-acts/", data=act(world, amount=501))
    assert (answer.status_code, answer.json()["code"]) == (422, "act_refused")
    assert "balance" in answer.json()["detail"]
    assert not WaitingTransaction.objects.exists()


def test_nobody_brings_what_another_signed(client, world):
    other = organisation("other", open_account(name="Other"))
    answer = Caller(client, other)("post", "signed-acts/", data=act(world))
    assert (answer.status_code, answer.json()["code"]) == (422, "address_not_linked")
    assert not WaitingTransaction.objects.exists()


@pytest.mark.parametrize("body", ["[]", "{}", '{"message": 5}', '"act"'])
def test_what_is_no_act_is_refused(call, trail, body):
    answer = call("post", "signed-acts/", data=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "act_unreadable")
