"""Every Wh on the chain is explained by what the book expects, or named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.chain.port import Chain, Counters, Outcome, Unexplained
from ledger.domain.token_id import lot_of
from tests.ledger.chain.chains import ALICE, BOB, DEVICE, issue, retire, settle, token

Send = Callable[..., list[Outcome]]
LOT = lot_of(token())
BALANCES = {(ALICE, token()): 590, (BOB, token()): 400}
LOTS = {LOT: Counters(1000, 10, 10, 0, 0, 0, 3)}
ODOMETERS = {DEVICE: 1000}


@pytest.fixture
def settled(chain: Chain, send: Send) -> Chain:
    send(issue(), settle(retire(ALICE, token(), 10)))
    return chain


def test_an_untouched_chain_has_nothing_to_explain(chain: Chain) -> None:
    assert chain.unexplained(balances={}, lots={}, odometers={}) == []


def test_a_book_that_agrees_explains_every_leaf(settled: Chain) -> None:
    zero = {(BOB, token(60)): 0}
    found = settled.unexplained(balances=BALANCES | zero, lots=LOTS, odometers=ODOMETERS)
    assert found == []


def test_a_balance_that_differs_is_named_with_both_figures(settled: Chain) -> None:
    wrong = BALANCES | {(BOB, token()): 401}
    (found,) = settled.unexplained(balances=wrong, lots=LOTS, odometers=ODOMETERS)
    assert found == Unexplained(f"balance of {BOB} in {token():040x}", expected=401, actual=400)


def test_a_balance_the_chain_lacks_is_named(settled: Chain) -> None:
    more = BALANCES | {(BOB, token(60)): 5}
    (found,) = settled.unexplained(balances=more, lots=LOTS, odometers=ODOMETERS)
    assert (found.expected, found.actual) == (5, 0)


def test_a_leaf_that_nobody_expects_is_found(settled: Chain) -> None:
    less = {(ALICE, token()): 590}
    (found,) = settled.unexplained(balances=less, lots=LOTS, odometers=ODOMETERS)
    assert (found.expected, found.actual) == (0, 400)


def test_another_odometer_and_another_lot_are_found(settled: Chain) -> None:
    lots = {LOT: replace(LOTS[LOT], retired_emissions=11)}
    found = settled.unexplained(balances=BALANCES, lots=lots, odometers={DEVICE: 999})
    assert {each.what for each in found} == {f"lot {LOT:040x}", f"odometer of {DEVICE}"}
