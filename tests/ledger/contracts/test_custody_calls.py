"""Transfers, withdrawals, superseded claims and bundling: what else an operator may do."""

from uuid import UUID

import pytest

from ledger.domain.calls import Transfer, TransferMove, Withdraw, WithdrawItem
from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE
from tests.ledger.contracts.evm import RevertError
from tests.ledger.contracts.examples import (
    CITY,
    OTHER,
    OWNER,
    address,
    balance,
    counters,
    entry,
    issue,
    settle,
    token,
)

UNBUNDLE = "unbundle(uint256,uint256,uint256,uint256)"
BUNDLE = "bundle(uint256,uint256,uint256,uint256)"
SUPERSEDE = "supersede(uint256,uint256,uint256,uint256,uint256)"
CUSTODY = "custodyAddress(uint256)"


@pytest.fixture
def stocked(evm):
    """OWNER holds 900 and CITY 100 of hour 0; the next sequence is 2."""
    evm.operate(issue(token(0), (OWNER, 900), (CITY, 100)))
    return evm


def move(source, destination, amount, token_id=None):
    return Transfer((TransferMove(source, destination, token_id or token(0), amount),))


def take(account, amount, token_id=None, reason=1):
    return Withdraw((WithdrawItem(account, token_id or token(0), amount, reason),))


@pytest.mark.parametrize("account", [OWNER, UUID(int=0), UUID(int=(1 << 128) - 1)])
def test_the_contract_derives_the_addresses_that_pure_code_derives(evm, account):
    assert evm.view(CUSTODY, ["address"], account.int) == "0x" + address(account).hex()


def test_a_move_takes_from_one_account_and_gives_to_another(stocked):
    stocked.operate(move(OWNER, OTHER, 30))
    assert [balance(stocked, who, token(0)) for who in (OWNER, CITY, OTHER)] == [870, 100, 30]
    (log,) = stocked.logs
    assert log.topics[2:] == tuple(int.from_bytes(address(who), "big") for who in (OWNER, OTHER))


def test_a_move_to_oneself_changes_nothing(stocked):
    stocked.operate(move(OWNER, OWNER, 30))
    assert balance(stocked, OWNER, token(0)) == 900


def test_moves_happen_in_order_and_all_or_none(stocked):
    there = TransferMove(OWNER, OTHER, token(0), 900)
    back = TransferMove(OTHER, CITY, token(0), 900)
    stocked.operate(Transfer((there, back)))
    assert balance(stocked, CITY, token(0)) == 1_000
    with pytest.raises(RevertError, match="balance"):
        stocked.operate(Transfer((TransferMove(CITY, OWNER, token(0), 900), there, there)))
    assert balance(stocked, CITY, token(0)) == 1_000


@pytest.mark.parametrize(("amount", "reason"), [(901, "balance"), (0, "amount")])
def test_a_move_of_more_than_is_held_or_of_nothing_is_refused(stocked, amount, reason):
    with pytest.raises(RevertError, match=reason):
        stocked.operate(move(OWNER, CITY, amount))


@pytest.mark.parametrize("sequence", [0, 1, 3, (1 << 256) - 1])
def test_a_call_out_of_sequence_is_refused(stocked, sequence):
    with pytest.raises(RevertError, match="sequence"):
        stocked.operate(move(OWNER, CITY, 1), sequence=sequence)


def test_a_call_sent_twice_is_refused_the_second_time(stocked):
    stocked.operate(move(OWNER, CITY, 1), sequence=2)
    with pytest.raises(RevertError, match="sequence"):
        stocked.operate(move(OWNER, CITY, 1), sequence=2)
    assert stocked.view("nextSequence()", ["uint256"]) == 3


def test_a_reverted_call_leaves_its_sequence_free(stocked):
    with pytest.raises(RevertError):
        stocked.operate(move(OWNER, CITY, 901), sequence=2)
    stocked.operate(move(OWNER, CITY, 1), sequence=2)


def test_withdrawn_watt_hours_are_counted_per_attribute_and_never_numbered_again(stocked):
    stocked.operate(take(OWNER, 40))
    assert counters(stocked, token(0)) == (1_000, 0, 0, 40, 40, 0, BOTH)
    assert balance(stocked, OWNER, token(0)) == 860
    stocked.operate(issue(token(1), (OWNER, 5)))
    assert stocked.facts[0].first_wh == 1_000


@pytest.mark.parametrize(
    ("call", "reason"),
    [(take(OWNER, 901), "balance"), (take(OWNER, 0), "amount"), (take(OWNER, 1, reason=0), "rea")],
)
def test_a_withdrawal_needs_holdings_an_amount_and_a_reason(stocked, call, reason):
    with pytest.raises(RevertError, match=reason):
        stocked.operate(call)


def test_attributes_are_parted_only_where_the_policy_allows(stocked):
    with pytest.raises(RevertError, match="policy"):
        stocked.call("custodian", UNBUNDLE, 2, OWNER.int, token(0), 10)


def test_parted_attributes_are_retired_each_on_an_odometer_of_its_own(stocked):
    stocked.call("admin", "allowUnbundling(bool)", True)
    stocked.call("custodian", UNBUNDLE, 2, OWNER.int, token(0), 100)
    renewable, emissions = token(0, mask=RENEWABLE), token(0, mask=EMISSIONS)
    assert [balance(stocked, OWNER, id_) for id_ in (token(0), renewable, emissions)] == [
        800, 100, 100,
    ]  # fmt: skip
    stocked.operate(settle(entry(OWNER, renewable, 30)))
    assert (stocked.facts[0].from_renewable, stocked.facts[0].from_emissions) == (0, 0)
    stocked.operate(settle(entry(OWNER, emissions, 7), entry(OWNER, token(0), 20)))
    first, second = stocked.facts[:2]
    assert (first.token_id, first.from_renewable, first.from_emissions) == (emissions, 0, 0)
    assert (second.token_id, second.from_renewable, second.from_emissions) == (token(0), 30, 7)
    stocked.operate(take(OWNER, 3, renewable))
    assert counters(stocked, token(0)) == (1_000, 50, 27, 3, 0, 0, BOTH)


def test_joined_attributes_are_one_asset_again(stocked):
    stocked.call("admin", "allowUnbundling(bool)", True)
    stocked.call("custodian", UNBUNDLE, 2, OWNER.int, token(0), 100)
    stocked.call("custodian", BUNDLE, 3, OWNER.int, token(0), 60)
    ids = (token(0), token(0, mask=RENEWABLE), token(0, mask=EMISSIONS))
    assert [balance(stocked, OWNER, id_) for id_ in ids] == [860, 40, 40]
    with pytest.raises(RevertError, match="balance"):
        stocked.call("custodian", BUNDLE, 4, OWNER.int, token(0), 41)


def test_only_the_bundle_of_both_attributes_is_parted_or_joined(stocked):
    stocked.call("admin", "allowUnbundling(bool)", True)
    for name in (UNBUNDLE, BUNDLE):
        for mask in (RENEWABLE, EMISSIONS):
            with pytest.raises(RevertError, match="mask"):
                stocked.call("custodian", name, 2, OWNER.int, token(0, mask=mask), 1)


def test_a_claim_is_voided_once_and_its_watt_hours_stay_retired(stocked):
    stocked.operate(settle(entry(OWNER, token(0), 30, 20)))
    stocked.call("custodian", SUPERSEDE, 3, 2, 0, 1, 1)
    assert counters(stocked, token(0))[1] == 50
    key = 2 << 128 | 0 << 64 | 1
    assert stocked.view("superseded(uint256)", ["uint256"], key) == 1
    with pytest.raises(RevertError, match="superseded"):
        stocked.call("custodian", SUPERSEDE, 4, 2, 0, 1, 2)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [((1, 0, 0, 1), "batch"), ((9, 0, 0, 1), "batch"), ((2, 256, 0, 1), "leaf"),
     ((2, 0, 3_000, 1), "leaf"), ((2, 0, 0, 0), "leaf")],
)  # fmt: skip
def test_a_claim_that_cannot_be_is_not_voided(stocked, arguments, reason):
    stocked.operate(settle(entry(OWNER, token(0), 1)))
    with pytest.raises(RevertError, match=reason):
        stocked.call("custodian", SUPERSEDE, 3, *arguments)
