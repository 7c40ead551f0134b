"""After the calls of a move the new contract holds what the old one held, whatever that is."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.memory_state import Ledger, RevertError
from ledger.domain import moving, moving_plan
from ledger.domain.calls import (
    MAX_AMOUNT_WH,
    MAX_SPLITS,
    Call,
    Issue,
    LotIssue,
    Release,
    Settle,
    SettleEntry,
    Split,
    Transfer,
    TransferMove,
    Unbundle,
    Withdraw,
    WithdrawItem,
)
from ledger.domain.counters import Counters
from ledger.domain.moving import FIRST_FILLER, State, check_state, moved, opening_account
from ledger.domain.moving_plan import calls_of
from ledger.domain.token_id import BOTH, EMISSIONS, PRODUCTION, RENEWABLE, TokenId, lot_of
from ledger.errors import MoveRefused

pytestmark = pytest.mark.once
HOLDERS = [UUID(int=10), UUID(int=20), UUID(int=30), bytes([7]) * 20]
DEVICES = (735999000000000017, 735999000000000024)
STATEMENT = bytes(range(32))
OPENING = opening_account(STATEMENT)
numbers = st.integers(0, 11)
issues = st.tuples(st.just("issue"), st.integers(0, 1), st.sampled_from([BOTH, EMISSIONS]), numbers)
acts = st.tuples(
    st.sampled_from(["transfer", "retire", "withdraw", "unbundle", "release"]),
    numbers,
    st.sampled_from([BOTH, RENEWABLE, EMISSIONS]),
    st.integers(1, 9),
)


def token(place: int, mask: int) -> int:
    return TokenId(PRODUCTION, DEVICES[place % 2], 60 * place, 60, 0, mask).number


def call_of(act: str, place: int, mask: int, amount: int) -> Call:
    account, other = HOLDERS[amount % 3], HOLDERS[(amount + 1) % 3]
    token_id = token(place, mask)
    match act:
        case "issue":
            parts = (Split(0, account, 5 + amount), Split(0, other, 15))
            return Issue((LotIssue(token_id, 20 + amount),), parts, bytes(32))
        case "transfer":
            return Transfer((TransferMove(account, other, token_id, amount),))
        case "retire":
            return Settle((SettleEntry(account, token_id, amount, ((amount, bytes(32)),)),))
        case "withdraw":
            return Withdraw((WithdrawItem(account, token_id, amount, 1),))
        case "unbundle":
            return Unbundle(account, token_id, amount)
        case _:
            return Release(account, HOLDERS[3], token_id, amount)


def old_chain(history) -> Ledger:
    """A contract's model after a history; what it refuses is left out."""
    ledger = Ledger.of(1, 1)
    for sequence, act in enumerate(history, start=1):
        draft = ledger.draft()
        with suppress(RevertError):
            draft.apply(sequence, call_of(*act))
            draft.commit()
    return ledger


def state_of(ledger: Ledger) -> State:
    lots = {
        lot: Counters(*(getattr(c, name) for name in c.__dataclass_fields__))
        for lot, c in ledger.lots.items()
    }
    leaves = {lot: lot.to_bytes(32, "big") for lot in lots}
    return State(lots, dict(ledger.balances), dict(ledger.odometers), leaves)


def executed(state: State) -> State:
    """What a new contract holds after the plan; everything must be accepted."""
    ledger = Ledger.of(2, 1)
    for sequence, call in enumerate(calls_of(state, STATEMENT), start=1):
        draft = ledger.draft()
        draft.apply(sequence, call)
        draft.commit()
    return state_of(ledger)


def a_state(*rows: tuple[int, int, int], odometer: int | None = None) -> State:
    """Lots of one device by (place, first Wh, total), all held by one account."""
    lots = {
        lot_of(token(place, BOTH)): Counters(total, 0, 0, 0, 0, first, BOTH)
        for place, first, total in rows
    }
    holdings = {(HOLDERS[0], lot | BOTH): c.issued for lot, c in lots.items()}
    end = max((first + total for _, first, total in rows), default=0)
    leaves = {lot: bytes(32) for lot in lots}
    return State(lots, holdings, {DEVICES[0]: odometer or end}, leaves)


def without_zeros(state: State) -> dict:
    return {place: amount for place, amount in state.holdings.items() if amount}


@given(st.lists(st.one_of(issues, acts), max_size=40))
def test_the_new_contract_goes_on_where_the_old_one_stopped(history):
    old = state_of(old_chain(history))
    check_state(old)
    new = executed(old)
    assert new.odometers == {device: wh for device, wh in old.odometers.items() if wh}
    assert without_zeros(new) == without_zeros(old)
    for _, token_id in without_zeros(old):
        assert new.lots[lot_of(token_id)] == old.lots[lot_of(token_id)]
    assert new.lots == moved(old).lots
    assert not any(amount for (who, _), amount in new.holdings.items() if who == OPENING)


@given(st.lists(st.one_of(issues, acts), max_size=40))
def test_no_number_of_what_is_not_held_can_be_given_again(history):
    old = state_of(old_chain(history))
    held = {lot_of(token_id) for _, token_id in without_zeros(old)}
    for lot, c in executed(old).lots.items():
        if lot not in held:
            assert (c.withdrawn_renewable, c.withdrawn_emissions) == (c.issued, c.issued)


def test_a_stretch_beyond_what_a_lot_counts_takes_several_fillers():
    state = a_state((0, 3 * MAX_AMOUNT_WH, 5))
    new = executed(state)
    assert new.lots[lot_of(token(0, BOTH))].first_wh == 3 * MAX_AMOUNT_WH
    fillers = [lot for lot in new.lots if lot >> 8 & 0xFFFFFFFF >= FIRST_FILLER]
    assert len(fillers) == 3


def test_what_a_transaction_cannot_hold_is_sent_in_several(monkeypatch):
    for name, most in (("LOTS", 3), ("SPLITS", 4), ("MOVES", 2), ("ITEMS", 2), ("ENTRIES", 2)):
        monkeypatch.setattr(moving_plan, name, most)
    history = [("issue", place, BOTH, 4) for place in range(12)]
    history += [(act, place, BOTH, 3) for place in range(12) for act in ("retire", "withdraw")]
    old = state_of(old_chain(history))
    issued = [each for each in calls_of(old, STATEMENT) if isinstance(each, Issue)]
    assert len(issued) > 3
    assert max(len(each.splits) for each in issued) <= 4
    assert executed(old).lots == moved(old).lots


def test_more_holders_than_an_issue_can_name_get_theirs_afterwards():
    lot, many = lot_of(token(0, BOTH)), MAX_SPLITS + 3
    state = replace(
        a_state((0, 0, many)),
        holdings={(UUID(int=n), lot | BOTH): 1 for n in range(1, many + 1)},
    )
    assert without_zeros(executed(state)) == state.holdings


def test_a_registry_in_which_nothing_was_issued_needs_no_call():
    assert list(calls_of(State({}, {}, {}, {}), STATEMENT)) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (a_state((0, 0, 10), (2, 9, 10)), "starts within"),
        (a_state((0, 0, 10), odometer=9), "beyond the end"),
        (replace(a_state((0, 0, 10)), holdings={}), "do not make that"),
        (replace(a_state((0, 0, 10)), lots={}), "no such lot"),
        (replace(a_state((0, 0, 10)), leaves={}), "facts that it can have"),
        (a_state((0, 0, 1 << 40)), "no amount"),
        (a_state((0, 0, 10), odometer=1 << 54), "beyond what the contract counts"),
    ],
)
def test_a_state_that_contradicts_itself_is_refused(state, words):
    with pytest.raises(MoveRefused, match=words):
        check_state(state)


def test_the_same_state_gives_the_same_calls_in_whatever_order_it_is_read():
    old = state_of(old_chain([("issue", place, BOTH, 4) for place in range(8)]))
    turned = State(*(dict(reversed(list(each.items()))) for each in (
        old.lots, old.holdings, old.odometers, old.leaves)))  # fmt: skip
    assert list(calls_of(turned, STATEMENT)) == list(calls_of(old, STATEMENT))
    assert moving.opening_account(STATEMENT) == OPENING
