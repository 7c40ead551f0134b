"""What holders do on a network that is not ours, and how the book follows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils import to_checksum_address
from vyper import compile_code

from ledger.chain.codec import SETTLE, call_data, selector
from ledger.chain.foreign.own import QUIET_BLOCKS
from ledger.chain.keys import ADMIN, PAUSER
from ledger.domain.custody import custody_address
from ledger.errors import ChainBusy, ChainUnreachable
from ledger.models import Batch, Block, MirroredEvent, OutboxItem, OwnAddress, SettlementEntry
from ledger.services.own_addresses import mirror_of
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring
from tests.ledger.chain.foreign import networks
from tests.ledger.chain.foreign.tester_node import EthTesterNode
from tests.ledger.services.self_custody import MOVE, NOW, OTHER, OWN, SelfCustody, raw_address

pytestmark = pytest.mark.django_db
A, B = raw_address(OWN), raw_address(OTHER)
APPROVE = "setApprovalForAll(address,bool)"
GWEI = 10**9
FORWARDER = """
# pragma version 0.4.3
interface Certificates:
    def safeTransferFrom(source: address, destination: address, id: uint256, amount: uint256, data: Bytes[1024]): nonpayable

heir: address

@deploy
def __init__(heir: address):
    self.heir = heir

@external
def onERC1155Received(operator: address, source: address, id: uint256, amount: uint256, data: Bytes[1024]) -> bytes4:
    extcall Certificates(msg.sender).safeTransferFrom(self, self.heir, id, amount, b"")
    return 0xf23a6e61
"""  # noqa: E501


class OnNetwork(SelfCustody):
    """The same holder; who sends to the network themselves."""

    def __init__(self, chain, node) -> None:
        self.node = node
        super().__init__(chain)
        node.fund(A)
        node.fund(B)

    def sign(self, wallet, signature, *values, nonce=None, **fields) -> bytes:
        price = {"gasPrice": None, "maxFeePerGas": 5 * GWEI, "maxPriorityFeePerGas": GWEI}
        stated = {"to": to_checksum_address(self.chain._site.certificates)} | price | fields
        address = raw_address(wallet)
        stated = {
            "nonce": self.chain._reader.nonce(address, "latest") if nonce is None else nonce,
            "gas": 500_000,
            "value": 0,
            "chainId": CHAIN_ID,
            "data": "0x" + call_data(signature, *values).hex(),
        } | stated
        stated = {name: value for name, value in stated.items() if value is not None}
        return bytes(wallet.sign_transaction(stated).raw_transaction)

    def wait(self, wallet, *call, nonce=None, fields=None) -> bytes:
        """Send it, and let a block take it."""
        raw = self.sign(wallet, *call, nonce=nonce, **(fields or {}))
        digest = self.chain._reader.node.ask("eth_sendRawTransaction", f"0x{raw.hex()}")
        self.node.mine()
        return bytes.fromhex(digest[2:])

    def settle(self) -> int:
        sent = 0
        for _ in range(20):
            sent += sweep(chain=self.chain, clock=self.clock)
            if not OutboxItem.objects.filter(status__in=["pending", "submitted"]).exists():
                return sent
            self.node.mine()
        raise AssertionError("settling makes no end")


@pytest.fixture
def node() -> Iterator[EthTesterNode]:
    running = EthTesterNode()
    yield running
    running.stop()


@pytest.fixture
def chain(node, tmp_path: Path, settings):
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    with networks.found(node, tmp_path) as opened:
        yield opened


@pytest.fixture
def world(chain, node):
    """The holder has 500 of the first lot at the own address, all of it certified."""
    made = OnNetwork(chain, node)
    made.release(500)
    made.settle()
    return made


def follow(world) -> None:
    """One look of the writer that has been open all the time."""
    world.settle()
    assert world.differences() == ()


def test_what_holders_move_and_retire_themselves_is_followed(world):
    world.move(OWN, B, 120)
    world.retire(OWN, 30)
    back = custody_address(CHAIN_ID, REGISTRY_ID, world.holder.uuid)
    world.move(OWN, back, 50)
    follow(world)
    stranger = OwnAddress.objects.get(address=B)
    assert (world.held(world.own.account), world.held(stranger.account)) == (300, 120)
    assert world.held(world.holder) == 550
    event = MirroredEvent.objects.order_by("pk").first()
    assert event.entry.key == f"chain:{event.block.height}:{event.log_index}:0"
    retired = Batch.objects.get(nonce__isnull=True)
    assert (bytes(retired.sender), retired.status) == (A, "sealed")
    assert SettlementEntry.objects.get(batch=retired).from_renewable_wh == 0
    assert world.on_chain(A) == 300


def test_looking_again_follows_nothing_twice(world):
    world.move(OWN, B, 120)
    follow(world)
    before = MirroredEvent.objects.count(), Block.objects.count()
    for _ in range(3):
        world.node.mine()
        follow(world)
    assert (MirroredEvent.objects.count(), Block.objects.count()) == before


def test_a_move_that_is_not_noted_yet_is_not_compared(world):
    world.move(OWN, B, 120)
    world.chain.refresh()
    with pytest.raises(ChainBusy, match="not looked at yet"):
        compare(world.chain)


def test_a_long_quiet_stretch_is_not_looked_at_again(world, monkeypatch):
    monkeypatch.setattr("ledger.chain.foreign.own.QUIET_BLOCKS", 3)
    assert QUIET_BLOCKS > 3
    noted = Block.objects.count()
    world.node.mine(8)
    world.settle()
    assert Block.objects.count() == noted + 1
    assert Block.objects.first().height == world.chain.head().number
    assert world.differences() == ()


def test_a_pause_stops_the_outbox_alone_and_its_end_is_seen(world, tmp_path):
    keys = key_ring(tmp_path)
    networks.send(world.chain, keys.unlock(PAUSER), call_data("pause()"), world.node)
    world.move(OWN, B, 10, fields={"gas": 200_000})  # refused for seven days
    world.release(20)
    for _ in range(3):
        assert sweep(chain=world.chain, clock=world.clock) == 0
        world.node.mine()
    assert not Batch.objects.filter(status="prepared").exists()
    networks.send(world.chain, keys.unlock(ADMIN), call_data("unpause()"), world.node)
    world.move(OWN, B, 30)
    follow(world)
    assert (world.on_chain(A), world.on_chain(B)) == (490, 30)


def test_approvals_and_what_is_moved_by_them_are_explained(world):
    world.wait(OWN, APPROVE, B, True)
    token = world.tokens[0].number
    world.wait(OTHER, MOVE, A, B, token, 70, b"")
    follow(world)
    assert world.on_chain(B) == 70
    world.wait(OWN, APPROVE, B, False)
    follow(world)


def test_a_contract_that_passes_on_what_it_is_paid_is_followed(world):
    """A receiver's code runs inside the registry's own call; what it moves is its holder's."""
    code = bytes.fromhex(compile_code(FORWARDER)["bytecode"][2:]) + encode(["address"], [B])
    created = world.wait(OWN, "x()", fields={"to": None, "data": code, "gas": 2_000_000})
    receipt = world.node.do_eth_getTransactionReceipt(f"0x{created.hex()}")
    address = bytes.fromhex(receipt["contractAddress"][2:])
    world.own = contract = mirror_of(address)
    contract.holder, contract.message, contract.linked_at = world.holder, "as signed", NOW
    contract.save()
    world.release(40)
    world.settle()
    follow(world)
    assert (world.on_chain(address), world.on_chain(B)) == (0, 40)
    assert world.held(contract.account) == 0
    assert world.held(OwnAddress.objects.get(address=B).account) == 40


WALLET = """
# pragma version 0.4.3
interface Certificates:
    def safeTransferFrom(source: address, destination: address, id: uint256, amount: uint256, data: Bytes[1024]): nonpayable

certificates: address
owner: address
heir: address
id: uint256

@deploy
def __init__(certificates: address, owner: address, heir: address, id: uint256):
    self.certificates = certificates
    self.owner = owner
    self.heir = heir
    self.id = id

@external
def __default__():
    extcall Certificates(self.certificates).safeTransferFrom(self.owner, self.heir, self.id, 25, b"")
"""  # noqa: E501


def test_a_wallet_that_is_called_as_the_operator_calls_us_hides_nothing(world):
    made_with = [world.chain._site.certificates, A, B, world.tokens[0].number]
    code = bytes.fromhex(compile_code(WALLET)["bytecode"][2:])
    code += encode(["address", "address", "address", "uint256"], made_with)
    created = world.wait(OTHER, "x()", fields={"to": None, "data": code, "gas": 2_000_000})
    receipt = world.node.do_eth_getTransactionReceipt(f"0x{created.hex()}")
    wallet = receipt["contractAddress"]
    world.wait(OWN, APPROVE, bytes.fromhex(wallet[2:]), True)
    world.wait(OTHER, "x()", fields={"to": wallet, "data": selector(SETTLE) + bytes(64)})
    follow(world)
    assert (world.on_chain(A), world.on_chain(B)) == (475, 25)
    assert world.held(OwnAddress.objects.get(address=B).account) == 25


@pytest.mark.parametrize("altered", ["nonce", "value", "input", "to"])
def test_a_node_that_alters_what_a_holder_signed_is_not_believed(world, altered):
    world.move(OWN, B, 120)
    told = world.node.do_eth_getTransactionByHash
    other = {"nonce": "0x63", "value": "0x1", "input": "0x", "to": f"0x{B.hex()}"}
    world.node.do_eth_getTransactionByHash = lambda digest: told(digest) | {altered: other[altered]}
    with pytest.raises(ChainUnreachable, match="does not hash to its hash"):
        sweep(chain=world.chain, clock=world.clock)
    assert not MirroredEvent.objects.exists()
    world.node.do_eth_getTransactionByHash = told
    follow(world)
    assert world.on_chain(B) == 120


def test_a_node_whose_logs_lead_to_no_transaction_is_not_believed(world):
    world.move(OWN, B, 120)
    world.node.do_eth_getTransactionReceipt = lambda digest: None
    with pytest.raises(ChainUnreachable, match="that no block holds"):
        sweep(chain=world.chain, clock=world.clock)
    assert not MirroredEvent.objects.exists()
