"""Retirements by holders themselves, and acts that they signed and others bring."""

import pytest
from eth_account import Account

from ledger.chain.codec import decode_own_acts
from ledger.contracts.storage import batch_root_slot
from ledger.domain.calls import HOLDERS_BATCHES, OwnMove, OwnRetirement
from ledger.domain.sum_tree import batch_root, build, entry_hash
from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE, lot_of
from tests.ledger.contracts.evm import ADDRESS, CHAIN_ID, KEYS, RevertError
from tests.ledger.contracts.examples import (
    CITY,
    OWNER,
    address,
    balance,
    counters,
    entry,
    issue,
    settle,
    token,
)

RELEASE = "release(uint256,uint256,address,uint256,uint256,bytes)"
RETIRE = "retire(uint256,uint256,bytes32)"
SIGNATURE = "uint256,uint256,uint256,uint256,uint256)"  # nonce, deadline, v, r, s
TRANSFER_SIGNED = "transferBySignature(address,address,uint256,uint256," + SIGNATURE
RETIRE_SIGNED = "retireBySignature(address,uint256,uint256,bytes32," + SIGNATURE
HOLDER, STRANGER = ADDRESS["holder"], ADDRESS["stranger"]
COMMITMENT = b"\xc0" * 32
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FAR = 1 << 40
WEEK = 7 * 86_400

TYPES = {
    "Transfer": [
        ("source", "address"),
        ("destination", "address"),
        ("id", "uint256"),
        ("amount", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ],
    "Retirement": [
        ("account", "address"),
        ("id", "uint256"),
        ("amount", "uint256"),
        ("commitment", "bytes32"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ],
}


def hexed(value):
    return "0x" + value.hex() if isinstance(value, bytes) and len(value) == 20 else value


def sign(evm, kind, values, *, signer="holder", **domain):
    """(v, r, s) as a wallet makes them, by an implementation of EIP-712 that is not ours."""
    stated = {
        "name": "Energy attribute certificates",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": hexed(evm.deployment.certificates_address),
    } | domain
    message = {name: hexed(value) for (name, _), value in zip(TYPES[kind], values, strict=True)}
    types = {kind: [{"name": name, "type": type_} for name, type_ in TYPES[kind]]}
    signed = Account.sign_typed_data(KEYS[signer].to_bytes(), stated, types, message)
    return signed.v, signed.r, signed.s


@pytest.fixture
def held(evm):
    """The holder has 100 Wh at an address of their own, the custodian's OWNER 900."""
    evm.operate(issue(token(0), (OWNER, 1_000)))
    evm.call("custodian", RELEASE, 2, OWNER.int, HOLDER, token(0), 100, b"")
    return evm


def transfer(evm, amount=30, nonce=0, deadline=FAR, **how):
    values = (HOLDER, STRANGER, token(0), amount, nonce, deadline)
    return (TRANSFER_SIGNED, *values, *sign(evm, "Transfer", values, **how))


def retirement(evm, amount=30, nonce=0, deadline=FAR, **how):
    values = (HOLDER, token(0), amount, COMMITMENT, nonce, deadline)
    return (RETIRE_SIGNED, *values, *sign(evm, "Retirement", values, **how))


def test_a_holders_retirement_is_a_settlement_of_one_leaf(held):
    held.operate(settle(entry(OWNER, token(0), 7)))
    held.call("holder", RETIRE, token(0), 40, COMMITMENT)
    (fact, settled) = held.facts
    assert (fact.account_address, fact.amount, fact.count) == (HOLDER, 40, 1)
    assert (fact.from_renewable, fact.from_emissions) == (7, 7)
    assert fact.tree_root == build(token(0), [(40, COMMITMENT)]).root
    assert settled.root == batch_root([entry_hash(fact)])
    assert settled.sequence == HOLDERS_BATCHES
    slot = batch_root_slot(settled.sequence)
    stored = held.storage(slot, held.deployment.roots_address)
    assert stored.to_bytes(32, "big") == settled.root
    assert balance(held, HOLDER, token(0)) == 60
    assert counters(held, token(0)) == (1_000, 47, 47, 0, 0, 0, BOTH)


def test_holders_batches_are_numbered_apart_and_take_no_operators_turn(held):
    before = held.view("nextSequence()", ["uint256"])
    for n in range(3):
        held.call("holder", RETIRE, token(0), 1, COMMITMENT)
        assert held.facts[-1].sequence == HOLDERS_BATCHES + n
    assert held.view("nextSequence()", ["uint256"]) == before
    held.operate(settle(entry(OWNER, token(0), 7)))


@pytest.mark.parametrize("mask", [RENEWABLE, EMISSIONS])
def test_one_attribute_is_retired_without_the_other(held, mask):
    held.call("admin", "allowUnbundling(bool)", True)
    held.call("custodian", "unbundle(uint256,uint256,uint256,uint256)", 3, OWNER.int, token(0), 50)
    part = lot_of(token(0)) | mask
    held.call("custodian", RELEASE, 4, OWNER.int, HOLDER, part, 50, b"")
    held.call("holder", RETIRE, token(0), 10, COMMITMENT)
    held.call("holder", RETIRE, part, 20, COMMITMENT)
    (fact, _) = held.facts
    numbers = (fact.from_renewable, fact.from_emissions)
    assert numbers == ((10, 0) if mask == RENEWABLE else (0, 10))
    assert counters(held, token(0))[1:3] == ((30, 10) if mask == RENEWABLE else (10, 30))


@pytest.mark.parametrize(("amount", "reason"), [(101, "balance"), (0, "amount")])
def test_no_more_is_retired_than_is_held(held, amount, reason):
    with pytest.raises(RevertError, match=reason):
        held.call("holder", RETIRE, token(0), amount, COMMITMENT)
    with pytest.raises(RevertError, match=reason):
        held.call("stranger", *retirement(held, amount=amount))


def test_who_may_move_may_still_not_retire(held):
    held.call("holder", "setApprovalForAll(address,bool)", STRANGER, True)
    for sender in ("stranger", "custodian", "issuer", "admin"):
        with pytest.raises(RevertError, match="balance"):
            held.call(sender, RETIRE, token(0), 1, COMMITMENT)


def test_a_withdrawn_watt_hour_is_not_retired(held):
    act = "withdrawFrom(uint256,address,uint256,uint256,uint256)"
    held.call("issuer", act, 3, HOLDER, token(0), 80, 1)
    with pytest.raises(RevertError, match="balance"):
        held.call("holder", RETIRE, token(0), 21, COMMITMENT)


def test_a_pause_holds_retirements_and_signed_acts_up_for_a_week_at_most(held):
    held.call("pauser", "pause()")
    acts = [
        ("holder", RETIRE, token(0), 1, COMMITMENT),
        ("stranger", *transfer(held)),
        ("stranger", *retirement(held)),
    ]
    for act in acts:
        with pytest.raises(RevertError, match="paused"):
            held.call(*act)
    held.vm.state.execution_context._timestamp = held.view("pausedAt()", ["uint256"]) + WEEK
    held.call(*acts[0])
    held.call(*acts[1])


def test_anybody_brings_a_transfer_that_the_holder_signed(held):
    held.call("stranger", *transfer(held))
    assert balance(held, HOLDER, token(0)) == 70
    assert balance(held, STRANGER, token(0)) == 30
    assert held.view("nonces(address)", ["uint256"], HOLDER) == 1
    (act,) = decode_own_acts(held.logs, held.deployment.certificates_address)
    assert act == OwnMove(1, 0, HOLDER, STRANGER, token(0), 30)


def test_anybody_brings_a_retirement_that_the_holder_signed(held):
    held.call("issuer", *retirement(held))
    (act,) = decode_own_acts(held.logs, held.deployment.certificates_address)
    assert isinstance(act, OwnRetirement)
    assert (act.retired.account_address, act.retired.amount) == (HOLDER, 30)
    assert (act.commitment, act.batch.sequence) == (COMMITMENT, HOLDERS_BATCHES)
    assert balance(held, HOLDER, token(0)) == 70


@pytest.mark.parametrize("make", [transfer, retirement])
def test_a_signature_works_once(held, make):
    call = make(held)
    held.call("stranger", *call)
    with pytest.raises(RevertError, match="nonce"):
        held.call("stranger", *call)


def test_signed_acts_of_both_kinds_count_on_together(held):
    held.call("stranger", *transfer(held, nonce=0))
    held.call("stranger", *retirement(held, nonce=1))
    held.call("stranger", *transfer(held, nonce=2))
    assert balance(held, HOLDER, token(0)) == 10


@pytest.mark.parametrize("make", [transfer, retirement])
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"nonce": 1}, "nonce"),
        ({"deadline": 1}, "deadline"),
        ({"signer": "stranger"}, "signature"),
        ({"chainId": CHAIN_ID + 1}, "signature"),
        ({"verifyingContract": "0x" + "12" * 20}, "signature"),
        ({"name": "Other certificates"}, "signature"),
        ({"version": "2"}, "signature"),
    ],
)
def test_a_signature_for_something_else_is_refused(held, make, how, reason):
    with pytest.raises(RevertError, match=reason):
        held.call("stranger", *make(held, **how))
    assert balance(held, HOLDER, token(0)) == 100
    assert held.view("nonces(address)", ["uint256"], HOLDER) == 0


@pytest.mark.parametrize("make", [transfer, retirement])
def test_every_field_is_signed(held, make):
    signature, *values = make(held)
    changed = {0: STRANGER, 2: token(1) if make is transfer else 31, 3: 31, 5: FAR + 1}
    if make is transfer:
        changed[1] = ADDRESS["issuer"]
    else:
        changed |= {1: token(1), 3: b"\1" * 32}
    for at, value in changed.items():
        other = [*values[:at], value, *values[at + 1 :]]
        with pytest.raises(RevertError, match="signature"):
            held.call("stranger", signature, *other)


@pytest.mark.parametrize("make", [transfer, retirement])
def test_the_other_form_of_a_signature_is_refused(held, make):
    *call, v, r, s = make(held)
    with pytest.raises(RevertError, match="signature"):
        held.call("stranger", *call, 55 - v, r, ORDER - s)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 1 << 255])
def test_a_signature_that_leads_to_nobody_moves_nothing_of_nobody(held, v):
    nobody = bytes(20)
    values = (nobody, STRANGER, token(0), 1, 0, FAR)
    with pytest.raises(RevertError, match="signature"):
        held.call("stranger", TRANSFER_SIGNED, *values, v, 1, 1)
    with pytest.raises(RevertError, match="signature"):
        held.call("stranger", TRANSFER_SIGNED, HOLDER, *values[1:], v, 1, 1)


def test_what_the_registry_keeps_cannot_be_moved_by_a_signature(held):
    values = (address(OWNER), STRANGER, token(0), 1, 0, FAR)
    with pytest.raises(RevertError, match="signature"):
        held.call("stranger", TRANSFER_SIGNED, *values, *sign(held, "Transfer", values))


def test_a_holder_makes_a_signature_worthless(held):
    call = transfer(held)
    with pytest.raises(RevertError, match="nonce"):
        held.call("holder", "cancelNonce(uint256)", 1)
    held.call("holder", "cancelNonce(uint256)", 0)
    with pytest.raises(RevertError, match="nonce"):
        held.call("stranger", *call)
    held.call("stranger", *transfer(held, nonce=1))


def test_a_signed_transfer_to_nobody_is_refused(held):
    values = (HOLDER, bytes(20), token(0), 1, 0, FAR)
    with pytest.raises(RevertError, match="destination"):
        held.call("stranger", TRANSFER_SIGNED, *values, *sign(held, "Transfer", values))


def test_a_holder_pays_back_into_an_account_of_the_registrys(held):
    move = "safeTransferFrom(address,address,uint256,uint256,bytes)"
    held.call("holder", move, HOLDER, address(CITY), token(0), 25, b"")
    assert balance(held, CITY, token(0)) == 25
    held.operate(settle(entry(CITY, token(0), 25)))
