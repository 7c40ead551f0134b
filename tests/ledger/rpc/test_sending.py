"""Holders send transactions of their own with web3.py and eth-account."""

from typing import Any

import pytest
import rlp
from eth_account import Account as Wallet
from eth_utils import to_checksum_address
from web3 import Web3
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.logs import DISCARD
from web3.providers import BaseProvider

from ledger.chain.deployment import ADMIN_FLAG
from ledger.chain.keys import ADMIN, OPERATOR, PAUSER
from ledger.chain.port import TRANSACTION_BYTES
from ledger.errors import ChainRejected
from ledger.models import WaitingTransaction
from ledger.rpc.pool import close_pools
from ledger.services import waiting
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring, open_writer
from tests.ledger.rpc.chain import Asker
from tests.ledger.services.self_custody import (
    OTHER,
    OWN,
    SelfCustody,
    certificates_abi,
    raw_address,
)

pytestmark = pytest.mark.django_db
A, B = raw_address(OWN), raw_address(OTHER)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class InProcess(BaseProvider):
    """web3.py over Django's test client: all of it but the socket."""

    def __init__(self, ask: Asker) -> None:
        super().__init__()
        self.ask = ask

    def make_request(self, method: Any, params: Any) -> Any:
        return self.ask.answer(method, *params)


@pytest.fixture
def world(tmp_path: Any, settings: Any) -> Any:
    """500 Wh of each lot at the holder's own address, and the writer of its chain."""
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    settings.CHAIN_DIR = tmp_path
    with open_writer(tmp_path) as chain:
        made = SelfCustody(chain)
        made.directory = tmp_path
        made.release(500)
        made.release(500, lot=1)
        made.settle()
        yield made
    close_pools()


@pytest.fixture
def ask(world: Any, client: Any) -> Asker:
    return Asker(client)


@pytest.fixture
def web3(ask: Asker) -> Any:
    return Web3(InProcess(ask))


@pytest.fixture
def contract(world: Any, web3: Any) -> Any:
    address = to_checksum_address(world.chain._contracts.certificates)
    return web3.eth.contract(address=address, abi=certificates_abi())


def transfer(world: Any, contract: Any, amount: int) -> Any:
    token_id = world.tokens[0].number
    return contract.functions.safeTransferFrom(OWN.address, OTHER.address, token_id, amount, b"")


def hexed(raw: bytes) -> str:
    return "0x" + raw.hex()


def test_a_holder_moves_wh_with_web3(world: Any, web3: Any, contract: Any) -> None:
    act = transfer(world, contract, 120)
    asked = act.build_transaction({"from": OWN.address, "nonce": 0})
    assert asked["maxFeePerGas"] == asked["maxPriorityFeePerGas"] == 0
    digest = web3.eth.send_raw_transaction(OWN.sign_transaction(asked).raw_transaction)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt(digest)
    assert web3.eth.get_transaction(digest).blockNumber is None
    assert web3.eth.get_transaction_count(OWN.address, "pending") == 1
    assert web3.eth.get_transaction_count(OWN.address) == 0
    world.settle()
    receipt = web3.eth.wait_for_transaction_receipt(digest, timeout=60)
    assert (receipt.status, receipt["from"]) == (1, OWN.address)
    (event,) = contract.events.TransferSingle().process_receipt(receipt)
    assert event.args.amount == 120
    token_id = world.tokens[0].number
    balances = [contract.functions.balanceOf(w.address, token_id).call() for w in (OWN, OTHER)]
    assert balances == [380, 120]
    assert web3.eth.get_transaction_count(OWN.address, "pending") == 1
    assert world.held(world.own.account) == 380
    assert world.differences() == ()


@pytest.mark.parametrize(
    "kind",
    [
        {"gasPrice": 0},
        {"gasPrice": 0, "accessList": [], "type": 1},
        {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "accessList": []},
    ],
)
def test_every_usual_type_of_transaction_is_taken(
    world: Any, web3: Any, contract: Any, kind: dict[str, Any]
) -> None:
    token_id = world.tokens[0].number
    act = contract.functions.retire(token_id, 70, b"\xc0" * 32)
    fields = {"from": OWN.address, "nonce": 0, "gas": 300_000} | kind
    digest = web3.eth.send_raw_transaction(
        OWN.sign_transaction(act.build_transaction(fields)).raw_transaction
    )
    world.settle()
    receipt = web3.eth.wait_for_transaction_receipt(digest, timeout=60)
    (event,) = contract.events.Retired().process_receipt(receipt, errors=DISCARD)
    assert (event.args.account, event.args.amount) == (OWN.address, 70)
    assert world.differences() == ()


def test_the_same_twice_is_kept_once_before_and_after_its_block(world: Any, ask: Asker) -> None:
    raw = hexed(world.sign(OWN, "setApprovalForAll(address,bool)", B, True))
    first = ask("eth_sendRawTransaction", raw)
    assert ask("eth_sendRawTransaction", raw) == first
    assert WaitingTransaction.objects.count() == 1
    world.settle()
    assert ask("eth_sendRawTransaction", raw) == first
    assert WaitingTransaction.objects.count() == 1
    assert ask("eth_getTransactionReceipt", first)["status"] == "0x1"
    assert world.differences() == ()


def approve(world: Any, **fields: Any) -> bytes:
    wallet = fields.pop("wallet", OWN)
    signed: bytes = world.sign(
        wallet, "setApprovalForAll(address,bool)", b"\5" * 20, True, **fields
    )
    return signed


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "another chain": ({"chainId": CHAIN_ID + 1}, -32000, "invalid chain id"),
    "a nonce with a gap": ({"nonce": 1}, -32000, "nonce too high"),
    "too little gas for the data": ({"gas": 21_000}, -32000, "intrinsic gas too low"),
    "too little gas for the floor": (
        {"gas": 50_000, "data": "0x" + "01" * 1000},
        -32000,
        "floor data",
    ),
    "too much gas": ({"gas": (1 << 24) + 1}, -32000, "gas limit too high"),
    "more gas than fits": ({"gas": 1 << 63}, -32000, "gas limit too high"),
    "a price for gas": ({"gasPrice": 1}, -32000, "insufficient funds"),
    "a value": ({"value": 1}, -32000, "insufficient funds"),
    "another contract": ({"to": to_checksum_address(b"\7" * 20)}, -32000, "certificate contract"),
    "a creation": ({"to": ""}, -32000, "certificate contract"),
    "a stranger": ({"wallet": OTHER}, -32000, "not linked"),
    "what the contract refuses": ({"data": "0x01020304"}, 3, "execution reverted"),
    "too large": ({"data": "0x" + "00" * TRANSACTION_BYTES}, -32000, "oversized data"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_in_a_block_is_refused_with_a_reason(
    world: Any, ask: Asker, case: str
) -> None:
    fields, number, reason = REFUSED[case]
    error = ask.error("eth_sendRawTransaction", hexed(approve(world, **fields)))
    assert error["code"] == number
    assert reason in error["message"]
    assert not WaitingTransaction.objects.exists()


@pytest.mark.parametrize("raw", ["0x", "0x00", "0xc0", "0x02c0", "0x" + "ff" * 40, "0x05"])
def test_what_is_no_transaction_is_refused(world: Any, ask: Asker, raw: str) -> None:
    assert ask.error("eth_sendRawTransaction", raw)["code"] == -32602


@pytest.mark.parametrize("raw", [None, 5, "12", "0x1", "0xzz", [], {}])
def test_what_is_no_data_is_refused(world: Any, ask: Asker, raw: Any) -> None:
    assert ask.error("eth_sendRawTransaction", raw)["code"] == -32602


def test_types_that_this_chain_has_no_use_for_are_refused(world: Any, ask: Asker) -> None:
    to = to_checksum_address(world.chain._contracts.certificates)
    stated = {
        "nonce": 0, "gas": 90_000, "to": to, "value": 0, "data": "0x", "chainId": CHAIN_ID,
        "maxFeePerGas": 0, "maxPriorityFeePerGas": 0,
        "authorizationList": [
            OWN.sign_authorization({"chainId": CHAIN_ID, "address": to, "nonce": 0})
        ],
    }  # fmt: skip
    raw = OWN.sign_transaction(stated).raw_transaction
    error = ask.error("eth_sendRawTransaction", hexed(bytes(raw)))
    assert "type not supported" in error["message"]


def test_a_transaction_that_any_chain_would_take_is_refused(world: Any, ask: Asker) -> None:
    to = to_checksum_address(world.chain._contracts.certificates)
    stated = {"nonce": 0, "gas": 90_000, "to": to, "value": 0, "data": b"", "gasPrice": 0}
    raw = OWN.sign_transaction(stated).raw_transaction
    error = ask.error("eth_sendRawTransaction", hexed(bytes(raw)))
    assert "replay-protected" in error["message"]


def test_a_broken_signature_is_refused(world: Any, ask: Asker) -> None:
    """The upper form, none at all, and one that leads to somebody else."""
    fields = list(rlp.decode(approve(world)))
    v, s = int.from_bytes(fields[6], "big"), int.from_bytes(fields[8], "big")
    other_v = 2 * (2 * CHAIN_ID + 35) + 1 - v  # of the two that EIP-155 knows for a chain
    upper = [*fields[:6], _bytes(other_v), fields[7], _bytes(ORDER - s)]
    empty = [*fields[:7], b"", b""]
    other = [*fields[:5], fields[5] + b"\0", *fields[6:]]
    messages = [
        ask.error("eth_sendRawTransaction", hexed(rlp.encode(each)))["message"]
        for each in (upper, empty, other)
    ]
    assert messages[0].startswith("invalid sender")
    assert messages[1].startswith("invalid sender")
    assert "not linked" in messages[2]


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def test_a_spent_nonce_and_a_second_content_for_one_are_refused(world: Any, ask: Asker) -> None:
    ask("eth_sendRawTransaction", hexed(approve(world)))
    again = hexed(approve(world, gas=400_000))
    message = ask.error("eth_sendRawTransaction", again)["message"]
    assert message.startswith("replacement transaction underpriced")
    world.settle()
    message = ask.error("eth_sendRawTransaction", again)["message"]
    assert message == "nonce too low: next nonce 1, tx nonce 0"


def test_a_sender_keeps_a_bounded_number_waiting(world: Any, ask: Asker) -> None:
    for nonce in range(waiting.PER_SENDER):
        ask("eth_sendRawTransaction", hexed(approve(world, nonce=nonce)))
    full = hexed(approve(world, nonce=waiting.PER_SENDER))
    assert "txpool is full: 16" in ask.error("eth_sendRawTransaction", full)["message"]
    world.settle()
    assert ask("eth_sendRawTransaction", full)


def test_all_together_keep_a_bounded_number_waiting(
    world: Any, ask: Asker, monkeypatch: Any
) -> None:
    monkeypatch.setattr(waiting, "IN_ALL", 1)
    world.link(OTHER)
    ask("eth_sendRawTransaction", hexed(approve(world)))
    error = ask.error("eth_sendRawTransaction", hexed(approve(world, wallet=OTHER)))
    assert error["message"] == "txpool is full: send again in a minute"


def test_what_reverts_says_so_with_its_data_before_it_costs_a_block(
    world: Any, web3: Any, contract: Any
) -> None:
    fields = {"from": OWN.address, "nonce": 0, "gas": 200_000, "gasPrice": 0}
    asked = transfer(world, contract, 501).build_transaction(fields)
    raw = OWN.sign_transaction(asked).raw_transaction
    with pytest.raises((ContractLogicError, Web3RPCError), match="balance"):
        web3.eth.send_raw_transaction(raw)
    assert not WaitingTransaction.objects.exists()


def test_later_ones_of_a_sender_are_judged_in_their_block(
    world: Any, web3: Any, contract: Any
) -> None:
    digests = []
    for nonce, amount in enumerate((400, 400, 50)):
        fields = {"from": OWN.address, "nonce": nonce, "gas": 200_000, "gasPrice": 0}
        asked = transfer(world, contract, amount).build_transaction(fields)
        raw = OWN.sign_transaction(asked).raw_transaction
        digests.append(web3.eth.send_raw_transaction(raw))
    world.settle()
    statuses = [web3.eth.get_transaction_receipt(digest).status for digest in digests]
    assert statuses == [1, 0, 1]
    assert world.held(world.own.account) == 50
    assert world.differences() == ()


def test_the_admin_and_the_pauser_send_and_the_operator_does_not(world: Any, ask: Asker) -> None:
    keys = key_ring(world.directory)
    admin, pauser, operator = (Wallet.from_key(keys.unlock(r)) for r in (ADMIN, PAUSER, OPERATOR))
    ask("eth_sendRawTransaction", hexed(world.sign(pauser, "pause()")))
    world.settle()
    world.release(1)
    world.settle()
    assert world.chain.obstacle() == "paused"
    error = ask.error("eth_sendRawTransaction", hexed(world.sign(operator, "unpause()")))
    assert "not linked" in error["message"]
    ask("eth_sendRawTransaction", hexed(world.sign(admin, "unpause()")))
    world.settle()
    assert (world.chain.obstacle(), world.on_chain(A)) == ("", 501)
    assert world.differences() == ()


def test_one_that_has_both_an_operators_and_another_role_does_not_send(
    world: Any, ask: Asker
) -> None:
    keys = key_ring(world.directory)
    admin, operator = (Wallet.from_key(keys.unlock(r)) for r in (ADMIN, OPERATOR))
    grant = ("grantRole(address,uint256)", raw_address(operator), ADMIN_FLAG)
    ask("eth_sendRawTransaction", hexed(world.sign(admin, *grant)))
    world.settle()
    error = ask.error("eth_sendRawTransaction", hexed(world.sign(operator, "unpause()")))
    assert "not linked" in error["message"]


def test_one_that_fits_no_block_keeps_neither_batches_nor_others_back(
    world: Any, monkeypatch: Any
) -> None:
    """Should the rules here ever miss something: the block is built without it."""
    world.link(OTHER)
    bad = world.wait(OWN, "setApprovalForAll(address,bool)", B, True)
    behind = world.wait(OWN, "setApprovalForAll(address,bool)", B, False, nonce=1)
    good = world.wait(OTHER, "setApprovalForAll(address,bool)", A, True)
    world.release(7)
    submit = world.chain.submit

    def picky(raws: Any, now: Any) -> Any:
        hashes = [bytes(world.chain._engine.decode(raw).hash) for raw in raws]
        if bad in hashes or (behind in hashes):
            raise ChainRejected("it cannot be in the next block")
        return submit(raws, now)

    monkeypatch.setattr(world.chain, "submit", picky)
    world.settle()
    states = {bytes(row.transaction_hash): row.status for row in WaitingTransaction.objects.all()}
    assert states == {bad: "dropped", behind: "dropped", good: "sealed"}
    assert world.on_chain(A) == 507
    assert world.differences() == ()
