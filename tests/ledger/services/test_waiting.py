"""Where holders' transactions wait: once each, in their order, and never too many."""

from datetime import UTC, datetime, timedelta

import pytest
from eth_account import Account as Wallet
from eth_account.messages import encode_defunct

from ledger.chain.memory import MemoryChain
from ledger.domain.keccak import keccak256
from ledger.errors import AddressTaken, TransactionRefused
from ledger.models import Account, OwnAddress, WaitingTransaction
from ledger.rpc.waiting_room import Signed
from ledger.services import own_addresses, waiting
from ledger.services.accounts import open_account
from tests.ledger.services.test_book_race import THREADS, race

NOW = datetime(2018, 2, 1, tzinfo=UTC)
ALICE, BOB = b"\x0a" * 20, b"\x0b" * 20


def signed(sender: bytes = ALICE, nonce: int = 0, mark: int = 0, gas: int = 100_000) -> Signed:
    raw = sender + bytes([nonce, mark])
    return Signed(keccak256(raw), raw, sender, nonce, gas)


def keep(one: Signed, next_nonce: int = 0) -> None:
    waiting.admit(signed=one, next_nonce=next_nonce, now=NOW)


class Nonces(MemoryChain):
    """A chain on which addresses have sent some transactions already."""

    def __init__(self, **spent: int) -> None:
        super().__init__(1, 1)
        self.spent = {ALICE: spent.get("alice", 0), BOB: spent.get("bob", 0)}

    def nonce_of(self, address: bytes) -> int:
        return self.spent[address]


def ready(chain: MemoryChain, **how: bool) -> list[tuple[bytes, int]]:
    return [(bytes(r.sender), r.nonce) for r in waiting.ready(chain=chain, **how)]


@pytest.mark.django_db
def test_what_came_first_goes_first_and_each_sender_in_turn() -> None:
    for one in (signed(), signed(BOB), signed(nonce=1), signed(BOB, nonce=1)):
        keep(one)
    assert ready(Nonces()) == [(ALICE, 0), (BOB, 0), (ALICE, 1), (BOB, 1)]


@pytest.mark.django_db
def test_a_block_takes_a_bounded_number_and_gas(monkeypatch: pytest.MonkeyPatch) -> None:
    for nonce in range(5):
        keep(signed(nonce=nonce, gas=10))
    monkeypatch.setattr(waiting, "PER_BLOCK", 3)
    assert ready(Nonces()) == [(ALICE, n) for n in range(3)]
    monkeypatch.setattr(waiting, "GAS_PER_BLOCK", 25)
    assert ready(Nonces()) == [(ALICE, n) for n in range(2)]


@pytest.mark.django_db
def test_one_whose_nonce_was_spent_elsewhere_is_dropped_and_those_behind_it_go_on() -> None:
    for nonce in range(3):
        keep(signed(nonce=nonce))
    keep(signed(BOB))
    assert ready(Nonces(alice=1)) == [(ALICE, 1), (ALICE, 2), (BOB, 0)]
    dropped = WaitingTransaction.objects.get(status="dropped")
    assert (bytes(dropped.sender), dropped.nonce) == (ALICE, 0)
    assert "spent" in dropped.reason


@pytest.mark.django_db
def test_what_was_dropped_may_come_again() -> None:
    keep(signed(nonce=0))
    waiting.drop(row=WaitingTransaction.objects.get(), reason="for a test")
    assert ready(Nonces()) == []
    keep(signed(nonce=0))
    assert ready(Nonces()) == [(ALICE, 0)]
    row = WaitingTransaction.objects.get()
    assert (row.status, row.reason) == ("waiting", "")


@pytest.mark.django_db
def test_a_gap_waits_for_nothing() -> None:
    with pytest.raises(TransactionRefused, match="too high"):
        keep(signed(nonce=1))
    with pytest.raises(TransactionRefused, match="too low"):
        keep(signed(nonce=1), next_nonce=2)


@pytest.mark.django_db
def test_without_holders_only_those_without_an_own_address_are_ready() -> None:
    own_addresses.mirror_of(ALICE)
    keep(signed())
    keep(signed(BOB))
    assert ready(Nonces(), holders=False) == [(BOB, 0)]


def test_the_same_transaction_from_eight_threads_is_kept_once(transactional_db: None) -> None:
    assert race(lambda n: keep(signed())) == [None] * THREADS
    assert WaitingTransaction.objects.count() == 1


def test_of_eight_contents_for_one_nonce_one_is_kept(transactional_db: None) -> None:
    results = race(lambda n: keep(signed(mark=n)))
    assert results.count(None) == 1
    assert sum(isinstance(result, TransactionRefused) for result in results) == THREADS - 1
    assert WaitingTransaction.objects.count() == 1


def test_an_address_met_by_eight_threads_gets_one_mirror(transactional_db: None) -> None:
    results = race(lambda n: own_addresses.mirror_of(ALICE))
    assert len({own.pk for own in results}) == 1
    assert Account.objects.filter(is_mirror=True).count() == 1


def test_of_two_holders_who_link_one_address_at_once_one_has_it(transactional_db: None) -> None:
    wallet = Wallet.from_key(b"\x07" * 32)
    address, until = bytes.fromhex(wallet.address[2:]), NOW + timedelta(hours=1)
    holders = [open_account(name=f"Holder {n}") for n in range(2)]
    signatures = [
        bytes(
            wallet.sign_message(
                encode_defunct(
                    text=own_addresses.message_for(holder=each, address=address, until=until)
                )
            ).signature
        )
        for each in holders
    ]

    def link(n: int) -> OwnAddress:
        return own_addresses.link(
            holder=holders[n % 2],
            address=address,
            signature=signatures[n % 2],
            until=until,
            actor="test",
            now=NOW,
        )

    results = race(link)
    linked = [each.holder_id for each in results if isinstance(each, OwnAddress)]
    assert len(set(linked)) == 1
    assert sum(isinstance(each, AddressTaken) for each in results) == THREADS // 2
