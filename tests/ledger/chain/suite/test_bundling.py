"""Attributes parted and joined again, where the admin allows it."""

from collections.abc import Callable

import pytest

from ledger.chain.port import Chain, Counters, Outcome
from ledger.domain.calls import Bundle, Call, Unbundle
from ledger.domain.token_id import EMISSIONS, RENEWABLE, lot_of
from tests.ledger.chain.chains import ALICE, BOB, DEVICE, issue, retire, settle, token

Send = Callable[..., list[Outcome]]
R, E = token(mask=RENEWABLE), token(mask=EMISSIONS)


def held(chain: Chain) -> list[int]:
    return [chain.balance(ALICE, token_id) for token_id in (token(), R, E)]


@pytest.fixture
def stocked(chain: Chain, send: Send, allow_unbundling: Callable[[], None]) -> Chain:
    send(issue())
    allow_unbundling()
    return chain


def test_parted_wh_stand_under_each_attribute_and_join_again(stocked: Chain, send: Send) -> None:
    (outcome,) = send(Unbundle(ALICE, token(), 250))
    assert (outcome.success, outcome.facts) == (True, ())
    assert held(stocked) == [350, 250, 250]
    assert send(Bundle(ALICE, token(), 50))[0].success
    assert held(stocked) == [400, 200, 200]
    assert stocked.counters(lot_of(token())) == Counters(1000, 0, 0, 0, 0, 0, 3)


def test_each_attribute_is_retired_for_itself_and_all_is_explained(
    stocked: Chain, send: Send
) -> None:
    send(Unbundle(ALICE, token(), 250))
    (outcome,) = send(settle(retire(ALICE, E, 30)))
    assert (outcome.facts[0].from_renewable, outcome.facts[0].from_emissions) == (0, 0)
    counters = Counters(1000, 0, 30, 0, 0, 0, 3)
    assert stocked.counters(lot_of(token())) == counters
    balances = {(ALICE, token()): 350, (ALICE, R): 250, (ALICE, E): 220, (BOB, token()): 400}
    about = {"lots": {lot_of(token()): counters}, "odometers": {DEVICE: 1000}}
    assert stocked.unexplained(balances=balances, **about) == []


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (Unbundle(ALICE, token(), 601), "balance"),
        (Unbundle(ALICE, token(), 0), "amount"),
        (Unbundle(ALICE, R, 1), "mask"),
        (Bundle(ALICE, token(), 1), "balance"),
        (Bundle(ALICE, E, 1), "mask"),
    ],
)
def test_what_is_not_there_is_neither_parted_nor_joined(
    stocked: Chain, send: Send, call: Call, reason: str
) -> None:
    (outcome,) = send(call)
    assert (outcome.success, outcome.reason) == (False, reason)
    assert held(stocked) == [600, 0, 0]
