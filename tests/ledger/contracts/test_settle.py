from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.chain.codec import encode
from ledger.contracts.storage import batch_root_slot
from ledger.domain.calls import BatchSettled, EntryRetired, Issue, LotIssue, Settle, Split
from ledger.domain.sum_tree import batch_root, build, entry_hash
from ledger.domain.token_id import EMISSIONS
from tests.ledger.contracts.evm import RevertError, start
from tests.ledger.contracts.examples import (
    CITY,
    DATA_ROOT,
    OWNER,
    address,
    balance,
    counters,
    entry,
    issue,
    settle,
    token,
)


@pytest.fixture
def stocked(evm):
    """OWNER holds 900 and CITY 100 of hour 0, numbered from 1,000 on; OWNER 50 of hour 1."""
    evm.operate(issue(token(9), (OWNER, 1_000)))
    evm.operate(issue(token(0), (OWNER, 900), (CITY, 100)))
    evm.operate(issue(token(1), (OWNER, 50)))
    return evm


def test_an_entry_burns_its_amount_and_is_numbered_from_storage(stocked):
    call = settle(entry(OWNER, token(0), 30, 20))
    stocked.operate(call)
    tree = build(token(0), call.entries[0].leaves)
    expected = EntryRetired(0, address(OWNER), token(0), 1_000, 1_000, 50, 2, tree.root)
    root = batch_root([entry_hash(expected)])
    assert stocked.facts == [expected, BatchSettled(4, root, 1)]
    assert balance(stocked, OWNER, token(0)) == 850
    assert counters(stocked, token(0)) == (1_000, 50, 50, 0, 0, 1_000, 3)


def test_numbers_go_on_where_the_last_retirement_of_the_lot_ended(stocked):
    stocked.operate(settle(entry(OWNER, token(0), 50), entry(CITY, token(0), 7)))
    stocked.operate(settle(entry(CITY, token(0), 1)))
    assert stocked.facts[0].from_renewable == stocked.facts[0].from_emissions == 1_057


def test_the_root_is_kept_in_the_contract_of_roots(stocked):
    stocked.operate(settle(entry(OWNER, token(0), 50)))
    root = stocked.facts[-1].root
    assert stocked.view("batchRoot(uint256)", ["bytes32"], 4) == root
    kept = stocked.storage(batch_root_slot(4), stocked.deployment.roots_address)
    assert kept == int.from_bytes(root, "big")


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=9), min_size=1, max_size=12))
def test_the_contracts_batch_root_is_the_pure_one(amounts):
    evm = start()
    stock_hours(evm, len(amounts))
    evm.operate(settle(*(entry(OWNER, token(hour), *some) for hour, some in enumerate(amounts))))
    retired, settled = evm.facts[:-1], evm.facts[-1]
    assert [fact.position for fact in retired] == list(range(len(amounts)))
    assert [fact.amount for fact in retired] == [sum(some) for some in amounts]
    assert settled.root == batch_root([entry_hash(fact) for fact in retired])


def test_an_attribute_that_the_asset_lacks_has_no_number(evm):
    evm.operate(issue(token(0), (OWNER, 5)))
    evm.operate(issue(token(1, mask=EMISSIONS), (OWNER, 5)))
    evm.operate(settle(entry(OWNER, token(1, mask=EMISSIONS), 2)))
    assert (evm.facts[0].from_renewable, evm.facts[0].from_emissions) == (0, 5)
    assert counters(evm, token(1)) == (5, 0, 2, 0, 0, 5, EMISSIONS)


@pytest.mark.parametrize("amount", [101, 1_000, 1 << 40, (1 << 64) - 1])
def test_nobody_retires_more_than_is_held(stocked, amount):
    with pytest.raises(RevertError, match="balance"):
        stocked.operate(settle(entry(CITY, token(0), amount)))


def test_an_asset_never_issued_is_not_retired(stocked):
    with pytest.raises(RevertError, match="balance"):
        stocked.operate(settle(entry(OWNER, token(5), 1)))


@pytest.mark.parametrize(
    "entries",
    [
        [(OWNER, token(1)), (OWNER, token(0))],
        [(OWNER, token(0)), (OWNER, token(0))],
        [(CITY, token(0)), (OWNER, token(0))],
        [(CITY, token(0)), (OWNER, token(1))],
    ],
)
def test_entries_ascend_strictly_by_account_and_asset(stocked, entries):
    call = Settle(tuple(entry(account, id_, 1, salt=n) for n, (account, id_) in enumerate(entries)))
    with pytest.raises(RevertError, match="order"):
        stocked.operate(call)


def test_a_settlement_of_nothing_is_refused(stocked):
    with pytest.raises(RevertError, match="leaves"):
        stocked.operate(Settle(()))


def test_calldata_of_another_length_than_its_leaves_is_refused(stocked):
    data = encode(4, settle(entry(OWNER, token(0), 30, 20)))
    for wrong in (data[:-1], data[:-40], data + b"\0", data + b"\0" * 40):
        with pytest.raises(RevertError, match="calldata"):
            stocked.send("custodian", wrong)
    stocked.send("custodian", data)


def test_calldata_in_another_than_the_canonical_form_is_refused(stocked):
    data = encode(4, settle(entry(OWNER, token(0), 50)))
    gap = 0x40 + 40
    moved = data[:36] + gap.to_bytes(32, "big") + b"\0" * 40 + data[68:-40]
    assert len(moved) == len(data)
    with pytest.raises(RevertError, match="calldata"):
        stocked.send("custodian", moved)


def test_more_leaves_than_watt_hours_or_none_are_refused(stocked):
    data = bytearray(encode(4, settle(entry(OWNER, token(0), 1))))
    count_at = 4 + 3 * 32 + 3 * 32
    assert int.from_bytes(data[count_at : count_at + 32], "big") == 1
    for count in (0, 2, (1 << 256) - 1):
        data[count_at : count_at + 32] = count.to_bytes(32, "big")
        with pytest.raises(RevertError, match="count"):
            stocked.send("custodian", bytes(data))


def test_leaves_that_do_not_add_up_are_never_encoded():
    call = Settle((replace(entry(OWNER, token(0), 30, 20), amount=51),))
    with pytest.raises(ValueError, match="51 Wh"):
        encode(1, call)


def stock_hours(evm, count):
    """OWNER holds 1,000 Wh of each of so many hours."""
    for first in range(0, count, 200):
        hours = range(first, min(first + 200, count))
        lots = tuple(LotIssue(token(hour), 1_000) for hour in hours)
        splits = tuple(Split(n, OWNER, 1_000) for n in range(len(hours)))
        evm.operate(Issue(lots, splits, DATA_ROOT))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 127, 128, 129, 255, 256])
def test_the_contracts_batch_root_is_the_pure_one_at_every_depth(evm, count):
    stock_hours(evm, count)
    evm.operate(settle(*(entry(OWNER, token(hour), 5, 6, 7) for hour in range(count))))
    assert evm.facts[-1].root == batch_root([entry_hash(fact) for fact in evm.facts[:-1]])
    assert evm.facts[-1].entry_count == count


def test_the_largest_settlement_stays_below_the_gas_of_foreign_pools(evm):
    stock_hours(evm, 256)
    evm.operate(settle(*(entry(OWNER, token(hour), *([1] * 7)) for hour in range(256))))
    assert evm.gas_used < 1 << 24


def test_more_than_three_thousand_leaves_are_refused(evm):
    evm.operate(issue(token(0), (OWNER, 5_000)))
    evm.operate(settle(entry(OWNER, token(0), *([1] * 1_500))))
    with pytest.raises(RevertError, match="leaves"):
        evm.operate(settle(entry(OWNER, token(0), *([1] * 3_001))))
