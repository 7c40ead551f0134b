"""ERC-1155 and ERC-165 as the standards word them, asked by a stranger to the registry.

Nothing of the project's own encoding is used on the way: calls, events and receivers are
written out from the standards.
"""

import pytest
from eth_abi.abi import decode, encode
from vyper import compile_code

from ledger.chain.codec import deployed_for, deployment
from ledger.domain.keccak import keccak256
from tests.ledger.contracts.evm import ADDRESS, REGISTRY_ID, ROLES, RevertError, start
from tests.ledger.contracts.examples import OWNER, issue, token

A, B, OPERATOR = ADDRESS["holder"], ADDRESS["stranger"], ADDRESS["pauser"]
ONE, TWO = token(0), token(1)

RECEIVERS = """
# pragma version 0.4.3
mode: public(uint256)
heard: public(Bytes[1024])
inner: Bytes[1024]
target: address
failed: public(bool)

@deploy
def __init__(mode: uint256, target: address):
    self.mode = mode
    self.target = target

@external
def plan(inner: Bytes[1024]):
    self.inner = inner

@external
def act(inner: Bytes[1024]):
    raw_call(self.target, inner)

@internal
def _answer(data: Bytes[1024]):
    self.heard = data
    if self.mode == 1:
        raise "not wanted"
    if len(self.inner) != 0:
        done: bool = raw_call(self.target, self.inner, revert_on_failure=False)
        self.failed = not done
    if self.mode == 2:
        raw_revert(b"")
    if self.mode == 3:
        selfless: uint256 = 1 // (self.mode - 3)

@external
def onERC1155Received(
    operator: address, source: address, id: uint256, amount: uint256, data: Bytes[1024]
) -> bytes32:
    self._answer(data)
    if self.mode == 4:
        return empty(bytes32)
    if self.mode == 5:
        return 0xbc197c8100000000000000000000000000000000000000000000000000000000
    if self.mode == 6:
        return 0xf23a6e6100000000000000000000000000000000000000000000000000000001
    return 0xf23a6e6100000000000000000000000000000000000000000000000000000000

@external
def onERC1155BatchReceived(
    operator: address,
    source: address,
    ids: DynArray[uint256, 9],
    amounts: DynArray[uint256, 9],
    data: Bytes[1024],
) -> bytes32:
    self._answer(data)
    if self.mode == 4:
        return empty(bytes32)
    if self.mode == 5:
        return 0xf23a6e6100000000000000000000000000000000000000000000000000000000
    if self.mode == 6:
        return 0xbc197c8100000000000000000000000000000000000000000000000000000001
    return 0xbc197c8100000000000000000000000000000000000000000000000000000000
"""
MUTE = bytes.fromhex("600180600a3d393df3" + "00")  # its code is STOP: it takes calls, says nothing
ACCEPTS, REJECTS, EMPTY_REVERT, PANICS, ZERO, THE_OTHERS, DIRTY = range(7)


def call(signature, *values):
    types = signature[signature.index("(") + 1 : -1]
    listed = types.split(",") if types else []
    return keccak256(signature.encode())[:4] + encode(listed, values)


def move(source, destination, id_, amount, data=b""):
    signature = "safeTransferFrom(address,address,uint256,uint256,bytes)"
    return call(signature, source, destination, id_, amount, data)


def moves(source, destination, ids, amounts, data=b""):
    signature = "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
    return call(signature, source, destination, ids, amounts, data)


@pytest.fixture(scope="module")
def receiver_code():
    return bytes.fromhex(compile_code(RECEIVERS, output_formats=["bytecode"])["bytecode"][2:])


@pytest.fixture
def held(evm):
    """A has 100 of ONE and 50 of TWO."""
    evm.operate(issue(ONE, (OWNER, 900)))
    evm.operate(issue(TWO, (OWNER, 50)))
    release = "release(uint256,uint256,address,uint256,uint256,bytes)"
    evm.call("custodian", release, 3, OWNER.int, A, ONE, 100, b"")
    evm.call("custodian", release, 4, OWNER.int, A, TWO, 50, b"")
    return evm


def receiver(evm, code, mode):
    values = encode(["uint256", "address"], [mode, evm.deployment.certificates_address])
    return evm.send("deployer", code + values, to=b"").msg.storage_address


def ask(evm, signature, answer, *values):
    return evm.view(signature, [answer], *values)


def held_of(evm, owner, id_):
    return ask(evm, "balanceOf(address,uint256)", "uint256", owner, id_)


@pytest.mark.parametrize(
    ("interface", "kept"),
    [
        ("01ffc9a7", True),
        ("d9b67a26", True),
        ("0e89341c", True),
        ("ffffffff", False),
        ("4e2312e0", False),
        ("80ac58cd", False),
    ],
)
def test_erc165_says_what_is_kept_and_never_more(evm, interface, kept):
    answer = ask(evm, "supportsInterface(bytes4)", "bool", bytes.fromhex(interface))
    assert answer is kept


def test_the_interface_ids_are_those_of_the_functions():
    def xor(*signatures):
        whole = 0
        for each in signatures:
            whole ^= int.from_bytes(keccak256(each.encode())[:4], "big")
        return f"{whole:08x}"

    assert xor("uri(uint256)") == "0e89341c"
    assert (
        xor(
            "safeTransferFrom(address,address,uint256,uint256,bytes)",
            "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
            "balanceOf(address,uint256)",
            "balanceOfBatch(address[],uint256[])",
            "setApprovalForAll(address,bool)",
            "isApprovedForAll(address,address)",
        )
        == "d9b67a26"
    )


def test_where_the_metadata_are_is_known_from_the_deployment_on():
    evm = start(uri="https://registry.example/assets/{id}.json")
    assert ask(evm, "uri(uint256)", "string", 5) == "https://registry.example/assets/{id}.json"


def test_a_metadata_address_that_is_too_long_stops_the_deployment():
    with pytest.raises(RevertError):
        start(uri="x" * 201)


def test_the_admin_moves_the_metadata_and_says_so_in_the_standards_event(evm):
    evm.send("admin", call("setURI(string)", "https://other.example/assets/{id}.json"))
    (log,) = evm.logs
    assert log.topics[0] == int.from_bytes(keccak256(b"URI(string,uint256)"), "big")
    assert decode(["string"], log.data) == ("https://other.example/assets/{id}.json",)


def test_balances_of_many_are_answered_in_order(held):
    owners, ids = [A, B, A, A], [ONE, ONE, TWO, 12345]
    answer = ask(held, "balanceOfBatch(address[],uint256[])", "uint256[]", owners, ids)
    assert tuple(answer) == (100, 0, 50, 0)
    assert ask(held, "balanceOfBatch(address[],uint256[])", "uint256[]", [], []) == ()
    with pytest.raises(RevertError, match="length"):
        ask(held, "balanceOfBatch(address[],uint256[])", "uint256[]", owners, ids[:3])


def test_a_transfer_tells_operator_source_destination_id_and_amount(held):
    held.send("holder", call("setApprovalForAll(address,bool)", OPERATOR, True))
    held.send("pauser", move(A, B, ONE, 7))
    (log,) = held.logs
    name = b"TransferSingle(address,address,address,uint256,uint256)"
    people = [int.from_bytes(who, "big") for who in (OPERATOR, A, B)]
    assert list(log.topics) == [int.from_bytes(keccak256(name), "big"), *people]
    assert decode(["uint256", "uint256"], log.data) == (ONE, 7)


def test_a_batch_tells_all_of_it_in_one_event(held):
    held.send("holder", moves(A, B, [ONE, TWO], [7, 8]))
    (log,) = held.logs
    name = b"TransferBatch(address,address,address,uint256[],uint256[])"
    assert log.topics[0] == int.from_bytes(keccak256(name), "big")
    assert decode(["uint256[]", "uint256[]"], log.data) == ((ONE, TWO), (7, 8))
    assert [held_of(held, B, each) for each in (ONE, TWO)] == [7, 8]


def test_an_approval_is_for_all_assets_of_one_owner_and_ends(held):
    approve = "setApprovalForAll(address,bool)"
    asked = "isApprovedForAll(address,address)"
    assert ask(held, asked, "bool", A, OPERATOR) is False
    held.send("holder", call(approve, OPERATOR, True))
    (log,) = held.logs
    name = b"ApprovalForAll(address,address,bool)"
    assert log.topics[0] == int.from_bytes(keccak256(name), "big")
    assert ask(held, asked, "bool", A, OPERATOR) is True
    assert ask(held, asked, "bool", OPERATOR, A) is False
    with pytest.raises(RevertError, match="approval"):
        held.send("pauser", move(B, OPERATOR, ONE, 1))
    held.send("holder", call(approve, OPERATOR, False))
    assert ask(held, asked, "bool", A, OPERATOR) is False


@pytest.mark.parametrize("batch", [False, True])
def test_a_contract_that_accepts_is_paid_and_hears_of_it(held, receiver_code, batch):
    contract = receiver(held, receiver_code, ACCEPTS)
    data = moves(A, contract, [ONE], [5], b"hello") if batch else move(A, contract, ONE, 5, b"hi")
    held.send("holder", data)
    assert held_of(held, contract, ONE) == 5
    heard = held.send("holder", call("heard()"), to=contract).output
    assert decode(["bytes"], heard) == (b"hello" if batch else b"hi",)


@pytest.mark.parametrize("mode", [REJECTS, EMPTY_REVERT, PANICS, ZERO, THE_OTHERS, DIRTY])
@pytest.mark.parametrize("batch", [False, True])
def test_a_contract_that_rejects_or_answers_garbage_is_not_paid(held, receiver_code, mode, batch):
    contract = receiver(held, receiver_code, mode)
    data = moves(A, contract, [ONE, TWO], [5, 5]) if batch else move(A, contract, ONE, 5)
    with pytest.raises(RevertError):
        held.send("holder", data)
    assert (held_of(held, A, ONE), held_of(held, contract, ONE)) == (100, 0)
    assert (held_of(held, A, TWO), held_of(held, contract, TWO)) == (50, 0)


def test_a_receivers_own_words_reach_the_sender(held, receiver_code):
    contract = receiver(held, receiver_code, REJECTS)
    with pytest.raises(RevertError, match="not wanted"):
        held.send("holder", move(A, contract, ONE, 5))


@pytest.mark.parametrize("batch", [False, True])
def test_a_contract_that_says_nothing_is_not_paid(held, batch):
    mute = held.send("deployer", MUTE, to=b"").msg.storage_address
    with pytest.raises(RevertError):
        held.send("holder", moves(A, mute, [ONE], [5]) if batch else move(A, mute, ONE, 5))
    assert held_of(held, mute, ONE) == 0


@pytest.mark.parametrize("batch", [False, True])
def test_a_receiver_that_calls_back_moves_no_more_than_there_is(held, receiver_code, batch):
    contract = receiver(held, receiver_code, ACCEPTS)
    held.send("holder", call("setApprovalForAll(address,bool)", contract, True))
    again = move(A, B, ONE, 60)  # 60 were moved when the hook runs: 40 are left
    held.send("holder", call("plan(bytes)", again), to=contract)
    held.send("holder", moves(A, contract, [ONE], [60]) if batch else move(A, contract, ONE, 60))
    assert [held_of(held, who, ONE) for who in (A, contract, B)] == [40, 60, 0]


@pytest.mark.parametrize("batch", [False, True])
def test_a_receiver_passes_on_what_it_was_just_paid(held, receiver_code, batch):
    contract = receiver(held, receiver_code, ACCEPTS)
    held.send("holder", call("plan(bytes)", move(contract, B, ONE, 60)), to=contract)
    held.send("holder", moves(A, contract, [ONE], [60]) if batch else move(A, contract, ONE, 60))
    assert [held_of(held, who, ONE) for who in (A, contract, B)] == [40, 0, 60]


def test_a_receiver_that_retires_in_its_hook_retires_what_it_holds_and_no_more(held, receiver_code):
    contract = receiver(held, receiver_code, ACCEPTS)
    retire = "retire(uint256,uint256,bytes32)"
    held.send("holder", call("plan(bytes)", call(retire, ONE, 61, b"\1" * 32)), to=contract)
    held.send("holder", move(A, contract, ONE, 60))
    assert held_of(held, contract, ONE) == 60
    held.send("holder", call("plan(bytes)", call(retire, ONE, 70, b"\1" * 32)), to=contract)
    held.send("holder", move(A, contract, ONE, 10))
    assert held_of(held, contract, ONE) == 0
    assert held.view("counters(uint256)", ["uint256"] * 7, ONE & ~0xFF)[1] == 70


def test_a_hook_cannot_use_a_signature_or_a_turn_twice(held, receiver_code):
    """A release runs its receiver's hook after its turn was taken."""
    contract = receiver(held, receiver_code, ACCEPTS)
    release = "release(uint256,uint256,address,uint256,uint256,bytes)"
    again = call(release, 5, OWNER.int, contract, ONE, 10, b"")
    grant = "grantRole(address,uint256)"
    held.send("admin", call(grant, contract, 4))
    held.send("holder", call("plan(bytes)", again), to=contract)
    held.send("custodian", again)
    assert held_of(held, contract, ONE) == 10
    assert ask(held, "nextSequence()", "uint256") == 6


def test_a_contract_is_created_with_the_arguments_that_its_data_name():
    plan = deployment(registry_id=REGISTRY_ID, roles=ROLES, deployer=ADDRESS["deployer"], uri="u")
    assert deployed_for(plan.certificates_code) == REGISTRY_ID
    for broken in (b"", plan.roots_code, plan.certificates_code[:-90]):
        with pytest.raises(ValueError, match=r"it was|cannot"):
            deployed_for(broken)


@pytest.mark.parametrize("mode", [ZERO, THE_OTHERS])
def test_the_reason_names_the_receiver(held, receiver_code, mode):
    contract = receiver(held, receiver_code, mode)
    for data in (move(A, contract, ONE, 5), moves(A, contract, [ONE], [5])):
        with pytest.raises(RevertError, match="receiver"):
            held.send("holder", data)
