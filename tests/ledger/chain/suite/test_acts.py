"""What issuance, transfer, settlement and withdrawal do to balances and counters."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.chain.port import Chain, Counters, Outcome
from ledger.domain.calls import (
    BatchSettled,
    EntryRetired,
    Issue,
    LotIssue,
    LotIssued,
    Release,
    Settle,
    Split,
    Transfer,
    TransferMove,
    Withdraw,
    WithdrawFrom,
    WithdrawItem,
)
from ledger.domain.custody import custody_address
from ledger.domain.sum_tree import batch_root, entry_hash
from ledger.domain.token_id import BOTH, EMISSIONS, lot_of
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    CHAIN_ID,
    DEVICE,
    REGISTRY_ID,
    issue,
    retire,
    settle,
    token,
)

Send = Callable[..., list[Outcome]]
OWN = b"\x0e" * 20  # an address of somebody's own


def test_an_issued_lot_is_held_by_those_it_was_split_among(chain: Chain, send: Send) -> None:
    (outcome,) = send(issue(alice=600, bob=400))
    assert outcome.success
    assert outcome.facts == (LotIssued(token(), first_wh=0, total=1000),)
    assert chain.balance(ALICE, token()) == 600
    assert chain.balance(BOB, token()) == 400
    assert chain.counters(lot_of(token())) == Counters(1000, 0, 0, 0, 0, 0, 3)


def test_a_device_counts_on_from_lot_to_lot(chain: Chain, send: Send) -> None:
    first, second = send(issue(0), issue(60, alice=5, bob=0))
    assert first.facts[0].first_wh == 0
    assert second.facts[0].first_wh == 1000
    assert chain.odometer(DEVICE) == 1005
    assert chain.odometer(DEVICE + 1) == 0


def test_a_lot_nobody_issued_has_only_zeros(chain: Chain) -> None:
    assert chain.counters(lot_of(token())) == Counters(0, 0, 0, 0, 0, 0, 0)


def test_a_transfer_moves_wh_between_accounts(chain: Chain, send: Send) -> None:
    moves = (TransferMove(ALICE, BOB, token(), 250),)
    assert all(outcome.success for outcome in send(issue(), Transfer(moves)))
    assert chain.balance(ALICE, token()) == 350
    assert chain.balance(BOB, token()) == 650


def test_settled_wh_are_numbered_from_the_lots_first(chain: Chain, send: Send) -> None:
    send(issue(0), issue(60))
    (outcome,) = send(settle(retire(BOB, token(60), 100), retire(ALICE, token(60), 7, 8)))
    first, second, settled = outcome.facts
    assert isinstance(first, EntryRetired)
    assert (first.position, first.from_renewable, first.from_emissions) == (0, 1000, 1000)
    assert (first.amount, first.count) == (15, 2)
    assert first.account_address == custody_address(CHAIN_ID, REGISTRY_ID, ALICE)
    assert (second.position, second.from_renewable, second.amount) == (1, 1015, 100)
    root = batch_root([entry_hash(first), entry_hash(second)])
    assert settled == BatchSettled(sequence=3, root=root, entry_count=2)
    assert chain.balance(ALICE, token(60)) == 585
    assert chain.counters(lot_of(token(60))) == Counters(1000, 115, 115, 0, 0, 1000, 3)


def test_a_lot_without_the_renewable_bit_counts_emissions_alone(chain: Chain, send: Send) -> None:
    send(issue(mask=EMISSIONS))
    (outcome,) = send(settle(retire(ALICE, token(mask=EMISSIONS), 10)))
    assert (outcome.facts[0].from_renewable, outcome.facts[0].from_emissions) == (0, 0)
    assert chain.counters(lot_of(token())) == Counters(1000, 0, 10, 0, 0, 0, EMISSIONS)


def test_a_withdrawal_takes_held_wh_back(chain: Chain, send: Send) -> None:
    send(issue())
    (outcome,) = send(Withdraw((WithdrawItem(ALICE, token(), 600, 1),)))
    assert outcome.success
    assert chain.balance(ALICE, token()) == 0
    assert chain.counters(lot_of(token())) == Counters(1000, 0, 0, 600, 600, 0, 3)


def test_released_wh_are_at_the_own_address_and_withdrawn_from_there(
    chain: Chain, send: Send
) -> None:
    send(issue(), Release(ALICE, OWN, token(), 250))
    assert (chain.balance(ALICE, token()), chain.balance(OWN, token())) == (350, 250)
    (outcome,) = send(WithdrawFrom(OWN, token(), 50, 1))
    assert outcome.success
    assert chain.balance(OWN, token()) == 200
    assert chain.counters(lot_of(token())) == Counters(1000, 0, 0, 50, 50, 0, 3)


def test_an_own_address_is_explained_by_its_twenty_bytes(chain: Chain, send: Send) -> None:
    send(issue(), Release(ALICE, OWN, token(), 250))
    balances = {(ALICE, token()): 350, (BOB, token()): 400, (OWN, token()): 250}
    about = {
        "lots": {lot_of(token()): chain.counters(lot_of(token()))},
        "odometers": {DEVICE: 1000},
    }
    assert chain.unexplained(balances=balances, **about) == []
    (found,) = chain.unexplained(balances=balances | {(OWN, token()): 251}, **about)
    assert found.what == f"balance of 0x{OWN.hex()} in {token():040x}"


def test_who_signs_is_known_and_nothing_stands_in_the_way(chain: Chain, send: Send) -> None:
    assert chain.nonce_of(chain.operator()) == chain.next_nonce() == 2
    assert (chain.nonce_of(OWN), chain.obstacle()) == (0, "")
    (outcome,) = send(issue())
    assert chain.own_transactions(chain.head().number, set()) == ()
    assert chain.nonce_of(chain.operator()) == 3
    assert outcome.success


def lot(total: int, *amounts: int, token_id: int = token(120)) -> Issue:
    splits = tuple(Split(0, ALICE, amount) for amount in amounts)
    return Issue((LotIssue(token_id, total),), splits, bytes(32))


REFUSED = {
    "a lot issued twice": (issue(), "issued"),
    "a lot under its other mask": (issue(mask=EMISSIONS), "issued"),
    "splits of too little": (lot(10, 4, 5), "split"),
    "splits of too much": (lot(10, 4, 7), "split"),
    "an empty split": (lot(10, 0, 10), "split"),
    "an empty lot": (lot(0), "amount"),
    "a lot of 2^40 Wh": (lot(1 << 40, 1 << 40), "amount"),
    "a lot that proves nothing": (lot(1, 1, token_id=token(120) & ~BOTH), "mask"),
    "a lot of an unknown kind": (lot(1, 1, token_id=token(120) | 7 << 152), "kind"),
    "an issue of no lot": (Issue((), (Split(0, ALICE, 1),), bytes(32)), "empty"),
    "a split of a lot that is not there": (
        Issue((LotIssue(token(120), 1),), (Split(0, ALICE, 1), Split(1, BOB, 1)), bytes(32)),
        "split",
    ),
    "splits out of the lots' order": (
        Issue(
            (LotIssue(token(120), 1), LotIssue(token(180), 1)),
            (Split(1, ALICE, 1), Split(0, ALICE, 1)),
            bytes(32),
        ),
        "split",
    ),
    "a transfer of more than is held": (
        Transfer((TransferMove(ALICE, BOB, token(), 601),)),
        "balance",
    ),
    "a transfer of nothing": (Transfer((TransferMove(ALICE, BOB, token(), 0),)), "amount"),
    "a retirement of more than is held": (settle(retire(ALICE, token(), 601)), "balance"),
    "a retirement of another's asset": (settle(retire(BOB, token(60), 1)), "balance"),
    "entries out of order": (
        Settle((retire(BOB, token(), 1), retire(ALICE, token(), 1))),
        "order",
    ),
    "an entry twice": (Settle((retire(BOB, token(), 1), retire(BOB, token(), 1))), "order"),
    "a settlement of nothing": (Settle(()), "leaves"),
    "a withdrawal without a reason": (Withdraw((WithdrawItem(ALICE, token(), 1, 0),)), "reason"),
    "a release of more than is held": (Release(ALICE, OWN, token(), 601), "balance"),
    "a release of nothing": (Release(ALICE, OWN, token(), 0), "amount"),
    "a release to nobody": (Release(ALICE, bytes(20), token(), 1), "destination"),
    "a withdrawal from where nothing is": (WithdrawFrom(OWN, token(), 1, 1), "balance"),
    "a withdrawal from an own address without a reason": (
        WithdrawFrom(OWN, token(), 1, 0),
        "reason",
    ),
    "a withdrawal of more than is held": (
        Withdraw((WithdrawItem(ALICE, token(), 601, 1),)),
        "balance",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_a_rule_reverts_and_changes_nothing(
    chain: Chain, send: Send, case: str
) -> None:
    call, reason = REFUSED[case]
    send(issue())
    (outcome,) = send(call)
    assert (outcome.success, outcome.reason, outcome.facts) == (False, reason, ())
    assert chain.next_sequence() == 2
    assert chain.balance(ALICE, token()) == 600
    assert chain.balance(BOB, token()) == 400
    assert chain.odometer(DEVICE) == 1000


def test_one_bad_entry_undoes_the_good_ones_of_its_batch(chain: Chain, send: Send) -> None:
    send(issue())
    (outcome,) = send(settle(retire(ALICE, token(), 5), retire(BOB, token(), 401)))
    assert not outcome.success
    assert chain.balance(ALICE, token()) == 600
    assert chain.counters(lot_of(token())).retired_renewable == 0


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=st.lists(st.integers(1, 300), min_size=1, max_size=4), minute=st.integers(1, 10**6))
def test_no_two_retirements_share_a_wh(
    chain: Chain, send: Send, amounts: list[int], minute: int
) -> None:
    token_id = token(minute * 60)
    if chain.counters(lot_of(token_id)).issued:
        return
    total = sum(amounts) + 1
    (issued,) = send(issue(minute * 60, alice=total, bob=0))
    outcomes = [send(settle(retire(ALICE, token_id, amount)))[0] for amount in amounts]
    stretches = [
        range(fact.from_renewable, fact.from_renewable + fact.amount)
        for outcome in outcomes
        for fact in outcome.facts[:1]
    ]
    numbers = [number for stretch in stretches for number in stretch]
    assert len(numbers) == len(set(numbers)) == sum(amounts)
    first = issued.facts[0].first_wh
    assert set(numbers) < set(range(first, first + total))
    assert chain.balance(ALICE, token_id) == 1
