"""A registry whose old chain was closed after all kinds of acts, and settings for a new one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.chain.codec import call_data
from ledger.chain.keys import PAUSER
from ledger.chain.port import Chain
from ledger.domain.proof.document import Charge, Proof
from ledger.models import Entry
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Move, post_entry
from ledger.services.moving.closing import close
from ledger.services.proofs import Shown, build_proof
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, key_ring, open_writer
from tests.ledger.services.self_custody import NOW, OTHER, OWN, SelfCustody, raw_address

NEW_CHAIN_ID = 202_700


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


class Old(SelfCustody):
    """What the old chain saw: a transfer, retirements, a withdrawal, own addresses."""

    def post(self, name: str, kind: str, destination: int, amount: int, lot: int = 0) -> Entry:
        move = Move(self.holder.pk, destination, self.assets[lot], amount)
        pk = post_entry(key=name, kind=kind, moves=[move], now=NOW, digest=b"\x07" * 32)
        return Entry.objects.get(pk=pk)

    def live(self) -> None:
        self.settle()
        self.other = open_account(name="Other")
        self.post("give", Entry.Kind.TRANSFER, self.other.pk, 300)
        self.post("lost", Entry.Kind.WITHDRAW, system_account("withdrawn").pk, 7)
        self.post("all", Entry.Kind.RETIRE, system_account("retired").pk, 1_000, lot=1)
        self.retired = self.post("use", Entry.Kind.RETIRE, system_account("retired").pk, 40)
        self.release(200)
        self.settle()
        self.move(OWN, raw_address(OTHER), 50)
        self.settle()
        self.retire(OWN, 20)
        self.settle()

    def pause(self) -> None:
        key = key_ring(self.directory).unlock(PAUSER)
        raw = self.chain._engine.sign(
            private_key=key,
            nonce=self.chain.nonce_of(key_ring(self.directory).address(PAUSER)),
            to=self.chain._contracts.certificates,
            data=call_data("pause()"),
        )
        self.chain.submit([raw], self.clock())
        self.settle()

    def proof(self) -> Proof:
        return build_proof(charge=Charge((), hidden=()), retirements=[Shown(self.retired.pk, None)])


@pytest.fixture
def old(tmp_path: Path, settings, db) -> Old:
    """The old chain with its writer still open."""
    directory = tmp_path / "old"
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    settings.CHAIN_DIR, settings.KEYSTORE_DIR = directory, directory / "keys"
    settings.CHAIN_PASSPHRASE = "right"
    with open_writer(directory) as chain:
        world = Old(chain)
        world.directory = directory
        world.live()
        yield world


@pytest.fixture
def closed(old: Old, tmp_path: Path) -> Path:
    """The closing bundle."""
    old.pause()
    old.chain.close()
    close(tmp_path / "bundle", progress=quiet)
    return tmp_path / "bundle"


@pytest.fixture
def new_settings(tmp_path: Path, settings) -> Callable[[], None]:
    """Name another embedded chain, of the same registry and keys."""

    def name() -> None:
        settings.CHAIN_ID, settings.CHAIN_DIR = NEW_CHAIN_ID, tmp_path / "new"

    return name


def holdings(chain: Chain, old: Old) -> list[int]:
    """What the old chain's holders have of both lots."""
    holders = [old.holder.uuid, old.other.uuid, raw_address(OWN), raw_address(OTHER)]
    return [chain.balance(each, token.number) for token in old.tokens for each in holders]
