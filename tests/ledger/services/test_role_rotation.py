"""Each role goes from one key to another, as docs/roles.md says, and the book still explains all.

What the admin and the pauser do is sent to `/rpc`, as from a machine that is not the
registry's; operators' and sealers' keys change hands between two starts of the writer.
"""

from pathlib import Path

import pytest
from eth_account import Account as Wallet

from ledger.chain import layout
from ledger.chain.codec import call_data
from ledger.chain.deployment import ADMIN_FLAG, CUSTODIAN_FLAG, ISSUER_FLAG, PAUSER_FLAG
from ledger.chain.keys import ADMIN, OPERATOR, PAUSER, SEALER
from ledger.chain.store import SQLiteStore
from ledger.chain.verify import verify
from ledger.errors import ChainRejected
from ledger.models import Batch, OutboxItem, WaitingTransaction
from ledger.rpc.pool import close_pools
from ledger.services.settlement.forming import form_batches
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring, open_reader, open_writer
from tests.ledger.rpc.chain import Asker
from tests.ledger.services.self_custody import NOW, OTHER, OWN, SelfCustody, raw_address

pytestmark = pytest.mark.django_db
GRANT, REVOKE = "grantRole(address,uint256)", "revokeRole(address,uint256)"
NEW = Wallet.from_key(b"\x21" * 32)
OPERATORS = ISSUER_FLAG | CUSTODIAN_FLAG
A = raw_address(OWN)


class Registry:
    """A running registry whose keys lie in a directory; `restart` reads them again."""

    def __init__(self, directory: Path, client) -> None:
        self.directory, self.ask = directory, Asker(client)
        self.world = SelfCustody(open_writer(directory))
        self.world.settle()

    def wallet(self, role: str):
        return Wallet.from_key(key_ring(self.directory, create=False).unlock(role))

    def send(self, wallet, signature: str, *values) -> None:
        raw = self.world.sign(wallet, signature, *values)
        self.ask("eth_sendRawTransaction", "0x" + raw.hex())
        self.world.settle()

    def refused(self, wallet, signature: str, *values) -> str:
        raw = self.world.sign(wallet, signature, *values)
        return self.ask.error("eth_sendRawTransaction", "0x" + raw.hex())["message"]

    def restart(self) -> None:
        self.world.chain.close()
        self.world.chain = open_writer(self.directory)

    def new_key(self, role: str, keep_as: str) -> tuple[bytes, bytes]:
        """Put the role's key aside and draw another: the old address and the new one."""
        keys = self.directory / "keys"
        old = key_ring(self.directory).address(role)
        (keys / f"{role}.json").rename(keys / f"{keep_as}.json")
        return old, key_ring(self.directory).address(role)

    def works(self) -> None:
        """An act is settled, the chain verifies and every storage leaf is explained."""
        world = self.world
        before = world.on_chain(A)
        world.release(1)
        world.settle()
        assert world.on_chain(A) == before + 1
        assert not OutboxItem.objects.exclude(status="certified").exists()
        assert world.differences() == ()

    def verify(self):
        store = SQLiteStore(self.directory / "chain.sqlite3", writable=False)
        try:
            sealers = key_ring(self.directory).sealers()
            return verify(store, chain_id=CHAIN_ID, sealers=sealers)
        finally:
            store.close()


@pytest.fixture
def registry(tmp_path, settings, client):
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    settings.CHAIN_DIR = tmp_path
    opened = Registry(tmp_path, client)
    yield opened
    opened.world.chain.close()
    close_pools()


def test_the_operators_key_which_issues_and_has_custody_is_replaced(registry):
    registry.works()
    old, new = registry.new_key(OPERATOR, "operator-1")
    registry.restart()
    world = registry.world
    world.release(2)
    world.settle()
    assert world.chain.obstacle() == "role"
    assert OutboxItem.objects.filter(status="pending").count() == 1  # waits, and has not failed
    admin = registry.wallet(ADMIN)
    registry.send(admin, GRANT, new, OPERATORS)
    assert (world.chain.obstacle(), world.on_chain(A)) == ("", 3)
    registry.send(admin, REVOKE, old, OPERATORS)
    registry.works()
    assert {bytes(b.sender) for b in Batch.objects.all()} == {old, new}
    assert registry.verify().deviation is None


def test_what_the_old_key_had_prepared_goes_on_under_the_new_one(registry):
    """The process ended between committing a batch and sending it."""
    world = registry.world
    world.release(5)
    form_batches(chain=world.chain, now=NOW)
    old, new = registry.new_key(OPERATOR, "operator-1")
    admin = registry.wallet(ADMIN)
    registry.restart()
    registry.send(admin, GRANT, new, OPERATORS)
    assert world.on_chain(A) == 5  # the old key still had its role
    world.release(7)
    world.chain.close()
    keys = registry.directory / "keys"
    (keys / "operator.json").rename(keys / "operator-new.json")
    (keys / "operator-1.json").rename(keys / "operator.json")
    world.chain = open_writer(registry.directory)
    form_batches(chain=world.chain, now=NOW)  # prepared once more by the old key
    world.chain.close()
    (keys / "operator.json").rename(keys / "operator-1.json")
    (keys / "operator-new.json").rename(keys / "operator.json")
    world.chain = open_writer(registry.directory)
    held_back = world.chain._engine.sign(
        private_key=bytes(admin.key),
        nonce=world.chain.nonce_of(raw_address(admin)),
        to=world.chain._contracts.certificates,
        data=call_data(REVOKE, old, OPERATORS),
    )
    world.chain.submit([held_back], world.clock())
    world.settle()
    assert world.on_chain(A) == 12
    assert Batch.objects.filter(status="reverted", reason="role").count() == 1
    assert not OutboxItem.objects.exclude(status="certified").exists()
    registry.works()


def test_the_admins_key_is_handed_over_and_the_old_one_ends(registry):
    old, world = registry.wallet(ADMIN), registry.world
    registry.send(old, GRANT, raw_address(NEW), ADMIN_FLAG)
    assert "role" in registry.refused(old, REVOKE, raw_address(old), ADMIN_FLAG)
    registry.send(NEW, REVOKE, raw_address(old), ADMIN_FLAG)
    assert "not linked" in registry.refused(old, "setURI(string)", "urn:old")
    registry.send(NEW, "setURI(string)", "https://new.example/assets/{id}.json")
    row = WaitingTransaction.objects.latest("pk")
    assert (row.status, row.reason) == ("sealed", "")
    assert world.chain._storage(layout.role_slot(raw_address(old))) == 0
    registry.works()


def test_the_pausers_key_is_replaced(registry):
    admin, old = registry.wallet(ADMIN), registry.wallet(PAUSER)
    registry.send(admin, GRANT, raw_address(NEW), PAUSER_FLAG)
    registry.send(admin, REVOKE, raw_address(old), PAUSER_FLAG)
    assert "not linked" in registry.refused(old, "pause()")
    registry.send(NEW, "pause()")
    assert registry.world.chain.obstacle() == "paused"
    registry.world.release(4)
    registry.world.settle()
    assert OutboxItem.objects.filter(status="pending").count() == 1
    registry.send(admin, "unpause()")
    assert registry.world.on_chain(A) == 4
    registry.works()


def test_what_was_prepared_before_a_pause_is_sent_after_it(registry):
    world = registry.world
    world.release(4)
    form_batches(chain=world.chain, now=NOW)
    raw = world.chain._engine.sign(
        private_key=bytes(registry.wallet(PAUSER).key),
        nonce=0,
        to=world.chain._contracts.certificates,
        data=call_data("pause()"),
    )
    world.chain.submit([raw], world.clock())
    world.settle()
    assert OutboxItem.objects.filter(status="submitted").count() == 1
    registry.send(registry.wallet(ADMIN), "unpause()")
    assert world.on_chain(A) == 4
    registry.works()


def test_the_sealers_key_is_replaced_and_the_old_blocks_still_count(registry):
    old, new = registry.new_key(SEALER, "sealer-1")
    registry.restart()
    registry.works()
    world = registry.world
    engine = world.chain._engine
    assert engine.header(1).coinbase == old
    assert engine.head().coinbase == new
    report = registry.verify()
    assert (report.deviation, report.authenticated) == (None, True)
    (registry.directory / "keys" / "sealer-1.json").unlink()
    assert registry.verify().deviation is not None  # a sealer whom nobody vouches for


def test_a_reader_needs_no_key_to_find_the_contracts_after_all_that(registry):
    registry.new_key(OPERATOR, "operator-1")
    with open_reader(registry.directory) as chain:
        assert chain.balance(registry.world.holder.uuid, registry.world.tokens[0].number) == 1_000
        with pytest.raises(ChainRejected):
            chain.submit([b"anything"], NOW)


def test_every_leaf_is_explained_after_approvals_void_claims_and_signed_acts(registry):
    world = registry.world
    registry.works()
    world.settle()
    operator = registry.wallet(OPERATOR)
    world.retire(OWN, 1)
    world.settle()
    batch = Batch.objects.get(nonce__isnull=True)
    engine, contract = world.chain._engine, world.chain._contracts.certificates
    supersede = call_data(
        "supersede(uint256,uint256,uint256,uint256,uint256)",
        world.chain.next_sequence(),
        batch.sequence,
        0,
        0,
        7,
    )
    raw = engine.sign(
        private_key=bytes(operator.key), nonce=world.chain.next_nonce(), to=contract, data=supersede
    )
    (outcome,) = world.chain.submit([raw], world.clock())
    assert outcome.success
    world.wait(OWN, "setApprovalForAll(address,bool)", raw_address(OTHER), True, nonce=1)
    world.wait(OWN, "setApprovalForAll(address,bool)", b"\5" * 20, True, nonce=2)
    world.wait(OWN, "setApprovalForAll(address,bool)", b"\5" * 20, False, nonce=3)
    world.wait(OWN, "cancelNonce(uint256)", 0, nonce=4)
    world.wait(OWN, "cancelNonce(uint256)", 1, nonce=5)
    world.settle()
    assert not WaitingTransaction.objects.exclude(status="sealed", reason="").exists()
    assert world.chain._storage(layout.nonce_slot(A)) == 2
    assert world.differences() == ()
    registry.works()
