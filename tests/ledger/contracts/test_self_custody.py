"""What holders with addresses of their own do, and what receivers that are contracts answer."""

import pytest
from eth_abi.abi import encode as abi_encode
from vyper import compile_code

from ledger.domain.calls import Transfer, TransferMove
from tests.ledger.contracts.evm import ADDRESS, RevertError
from tests.ledger.contracts.examples import OWNER, address, balance, counters, issue, token

RELEASE = "release(uint256,uint256,address,uint256,uint256,bytes)"
MOVE = "safeTransferFrom(address,address,uint256,uint256,bytes)"
BATCH = "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
APPROVE = "setApprovalForAll(address,bool)"
HOLDER, STRANGER = ADDRESS["holder"], ADDRESS["stranger"]
WEEK = 7 * 86_400

RECEIVER = """
# pragma version 0.4.3
single: immutable(bytes4)
batch: immutable(bytes4)
seen: public(Bytes[64])

@deploy
def __init__(_single: bytes4, _batch: bytes4):
    single = _single
    batch = _batch

@external
def onERC1155Received(a: address, b: address, c: uint256, d: uint256, data: Bytes[64]) -> bytes4:
    self.seen = data
    return single

@external
def onERC1155BatchReceived(
    a: address, b: address, c: DynArray[uint256, 9], d: DynArray[uint256, 9], data: Bytes[64]
) -> bytes4:
    self.seen = data
    return batch
"""
SINGLE_ANSWER, BATCH_ANSWER = bytes.fromhex("f23a6e61"), bytes.fromhex("bc197c81")


@pytest.fixture
def held(evm):
    """The holder has 100 Wh of hour 0 and 50 of hour 1 at an address of their own."""
    evm.operate(issue(token(0), (OWNER, 900)))
    evm.operate(issue(token(1), (OWNER, 50)))
    evm.call("custodian", RELEASE, 3, OWNER.int, HOLDER, token(0), 100, b"")
    evm.call("custodian", RELEASE, 4, OWNER.int, HOLDER, token(1), 50, b"")
    return evm


@pytest.fixture(scope="module")
def receiver_code():
    return bytes.fromhex(compile_code(RECEIVER, output_formats=["bytecode"])["bytecode"][2:])


def make_receiver(evm, code, single=SINGLE_ANSWER, batch=BATCH_ANSWER):
    answers = abi_encode(["bytes4", "bytes4"], [single, batch])
    return evm.send("deployer", code + answers, to=b"").msg.storage_address


def test_released_holdings_are_out_of_the_custodians_power(held):
    assert balance(held, HOLDER, token(0)) == 100
    for sender in ("custodian", "issuer", "admin", "stranger"):
        with pytest.raises(RevertError, match="approval"):
            held.call(sender, MOVE, HOLDER, STRANGER, token(0), 1, b"")


def test_nobody_moves_what_the_registry_keeps_but_the_custodian(held):
    for sender in ("holder", "admin", "custodian"):
        with pytest.raises(RevertError, match="approval"):
            held.call(sender, MOVE, address(OWNER), HOLDER, token(0), 1, b"")


def test_a_holder_moves_holdings(held):
    held.call("holder", MOVE, HOLDER, STRANGER, token(0), 30, b"")
    assert balance(held, HOLDER, token(0)) == 70
    assert balance(held, STRANGER, token(0)) == 30


def test_a_holder_moves_several_assets_at_once(held):
    held.call("holder", BATCH, HOLDER, STRANGER, [token(0), token(1)], [30, 50], b"")
    view = "balanceOfBatch(address[],uint256[])"
    owners = [HOLDER, HOLDER, STRANGER, STRANGER]
    ids = [token(0), token(1)] * 2
    assert held.view(view, ["uint256[]"], owners, ids) == (70, 0, 30, 50)


@pytest.mark.parametrize(
    ("destination", "amounts", "reason"),
    [
        (STRANGER, [101, 1], "balance"),
        (STRANGER, [1, 51], "balance"),
        (STRANGER, [1], "length"),
        (STRANGER, [0, 1], "amount"),
        (b"\0" * 20, [1, 1], "destination"),
    ],
)
def test_a_batch_that_fails_in_one_place_moves_nothing(held, destination, amounts, reason):
    with pytest.raises(RevertError, match=reason):
        held.call("holder", BATCH, HOLDER, destination, [token(0), token(1)], amounts, b"")
    assert balance(held, HOLDER, token(0)) == 100


def test_one_asset_twice_in_a_batch_cannot_be_spent_twice(held):
    with pytest.raises(RevertError, match="balance"):
        held.call("holder", BATCH, HOLDER, STRANGER, [token(0), token(0)], [60, 60], b"")


def test_nothing_is_sent_to_nobody(held):
    with pytest.raises(RevertError, match="destination"):
        held.call("holder", MOVE, HOLDER, b"\0" * 20, token(0), 1, b"")


def test_an_operator_moves_while_approved_and_not_after(held):
    held.call("holder", APPROVE, STRANGER, True)
    held.call("stranger", MOVE, HOLDER, STRANGER, token(0), 1, b"")
    held.call("holder", APPROVE, STRANGER, False)
    for call in (
        (MOVE, HOLDER, STRANGER, token(0), 1, b""),
        (BATCH, HOLDER, STRANGER, [token(0)], [1], b""),
    ):
        with pytest.raises(RevertError, match="approval"):
            held.call("stranger", *call)


def test_withdrawn_watt_hours_do_not_move_any_more(held):
    act = "withdrawFrom(uint256,address,uint256,uint256,uint256)"
    held.call("issuer", act, 5, HOLDER, token(0), 80, 1)
    assert counters(held, token(0))[3:5] == (80, 80)
    with pytest.raises(RevertError, match="balance"):
        held.call("holder", MOVE, HOLDER, STRANGER, token(0), 21, b"")


def test_a_pause_holds_self_custody_up_for_a_week_at_most(held):
    held.call("pauser", "pause()")
    with pytest.raises(RevertError, match="paused"):
        held.call("holder", MOVE, HOLDER, STRANGER, token(0), 1, b"")
    at = held.view("pausedAt()", ["uint256"])
    later = held.vm.state.execution_context
    later._timestamp = at + WEEK - 1
    with pytest.raises(RevertError, match="paused"):
        held.call("holder", MOVE, HOLDER, STRANGER, token(0), 1, b"")
    later._timestamp = at + WEEK
    held.call("holder", MOVE, HOLDER, STRANGER, token(0), 1, b"")
    with pytest.raises(RevertError, match="paused"):
        held.operate(Transfer((TransferMove(OWNER, OWNER, token(0), 1),)))


def test_a_contract_that_answers_receives(held, receiver_code):
    receiver = make_receiver(held, receiver_code)
    held.call("holder", MOVE, HOLDER, receiver, token(0), 1, b"one")
    held.call("holder", BATCH, HOLDER, receiver, [token(0)], [2], b"two")
    held.call("custodian", RELEASE, 5, OWNER.int, receiver, token(0), 4, b"three")
    assert balance(held, receiver, token(0)) == 7


def test_a_contract_that_does_not_answer_receives_nothing(held, receiver_code):
    mute = make_receiver(held, receiver_code, b"\0" * 4, b"\0" * 4)
    roots = held.deployment.roots_address
    for receiver in (mute, roots):
        for sender, *call in (
            ("holder", MOVE, HOLDER, receiver, token(0), 1, b""),
            ("holder", BATCH, HOLDER, receiver, [token(0)], [1], b""),
            ("custodian", RELEASE, 5, OWNER.int, receiver, token(0), 1, b""),
        ):
            with pytest.raises(RevertError):
                held.call(sender, *call)
        assert balance(held, receiver, token(0)) == 0


@pytest.mark.parametrize(
    ("interface", "known"),
    [("01ffc9a7", True), ("d9b67a26", True), ("0e89341c", True), ("ffffffff", False)],
)
def test_the_contract_says_which_standards_it_keeps(evm, interface, known):
    name = "supportsInterface(bytes4)"
    assert evm.view(name, ["bool"], bytes.fromhex(interface)) is known


def test_the_metadatas_address_is_the_admins_to_set(evm):
    evm.call("admin", "setURI(string)", "https://registry.example/assets/{id}.json")
    assert evm.view("uri(uint256)", ["string"], 1) == "https://registry.example/assets/{id}.json"
