import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.contracts.storage import odometer_slot
from ledger.domain.calls import Issue, LotIssue, LotIssued, Split
from ledger.domain.token_id import BOTH, EMISSIONS, RENEWABLE
from tests.ledger.contracts.evm import RevertError, start
from tests.ledger.contracts.examples import (
    CITY,
    DATA_ROOT,
    DEVICE,
    OTHER,
    OWNER,
    address,
    balance,
    counters,
    issue,
    token,
)

MAX_AMOUNT = (1 << 40) - 1


def test_a_lot_is_issued_to_its_parts_and_numbered_by_the_odometer(evm):
    evm.operate(issue(token(0), (OWNER, 900), (CITY, 100)))
    assert evm.facts == [LotIssued(token(0), 0, 1_000)]
    evm.operate(issue(token(1), (OWNER, 50)))
    assert evm.facts == [LotIssued(token(1), 1_000, 50)]
    assert balance(evm, OWNER, token(0)) == 900
    assert balance(evm, CITY, token(0)) == 100
    assert counters(evm, token(1)) == (50, 0, 0, 0, 0, 1_000, BOTH)
    assert evm.view("odometer(uint256)", ["uint256"], DEVICE) == 1_050


def test_each_device_has_an_odometer_of_its_own_whatever_the_order_of_lots(evm):
    ids = [token(0), token(0, device=7), token(1), token(1, device=7), token(2, device=7)]
    lots = tuple(LotIssue(id_, 10 * (n + 1)) for n, id_ in enumerate(ids))
    splits = tuple(Split(n, OWNER, lot.total) for n, lot in enumerate(lots))
    evm.operate(Issue(lots, splits, DATA_ROOT))
    assert [fact.first_wh for fact in evm.facts] == [0, 0, 10, 20, 60]
    assert evm.view("odometer(uint256)", ["uint256"], DEVICE) == 40
    assert evm.view("odometer(uint256)", ["uint256"], 7) == 110


def test_every_part_is_an_erc_1155_transfer_from_nobody(evm):
    evm.operate(issue(token(0), (OWNER, 900), (CITY, 100)))
    transfers = [log for log in evm.logs if len(log.topics) == 4]
    assert [log.topics[2:] for log in transfers] == [
        (0, int.from_bytes(address(account), "big")) for account in (OWNER, CITY)
    ]


def test_an_account_may_have_two_parts_of_a_lot(evm):
    evm.operate(issue(token(0), (OWNER, 900), (OWNER, 100)))
    assert balance(evm, OWNER, token(0)) == 1_000


def test_a_lot_without_renewable_attribute_is_issued_with_mask_2(evm):
    evm.operate(issue(token(0, mask=EMISSIONS), (OWNER, 5)))
    assert counters(evm, token(0)) == (5, 0, 0, 0, 0, 0, EMISSIONS)


def test_a_lot_without_an_emission_factor_is_issued_with_mask_1(evm):
    evm.operate(issue(token(0, mask=RENEWABLE), (OWNER, 5)))
    assert counters(evm, token(0)) == (5, 0, 0, 0, 0, 0, RENEWABLE)


@pytest.mark.parametrize("mask", [0, 4])
def test_a_lot_is_not_issued_with_an_unknown_mask(evm, mask):
    with pytest.raises(RevertError, match="mask"):
        evm.operate(issue(token(0) & ~BOTH | mask, (OWNER, 5)))


@pytest.mark.parametrize("mask", [RENEWABLE, EMISSIONS, BOTH])
def test_a_lot_is_issued_once_whatever_the_mask(evm, mask):
    evm.operate(issue(token(0), (OWNER, 5)))
    with pytest.raises(RevertError, match="issued"):
        evm.operate(issue(token(0, mask=mask), (OWNER, 5)))


def test_another_lot_of_the_same_interval_is_issued(evm):
    evm.operate(issue(token(0), (OWNER, 5)))
    evm.operate(issue(token(0, sequence=1), (OWNER, 7)))
    assert counters(evm, token(0, sequence=1))[5] == 5


@pytest.mark.parametrize(
    "splits",
    [
        (),
        (Split(0, OWNER, 9),),
        (Split(0, OWNER, 11),),
        (Split(0, OWNER, 10), Split(0, CITY, 1)),
        (Split(0, OWNER, 10), Split(0, CITY, 0)),
        (Split(0, OWNER, 10), Split(1, CITY, 1)),
        (Split(1, OWNER, 10),),
        (Split(0, OWNER, (1 << 256) - 1), Split(0, CITY, 11)),
    ],
)
def test_parts_that_do_not_add_up_to_the_lot_are_refused(evm, splits):
    with pytest.raises(RevertError, match="split"):
        evm.operate(Issue((LotIssue(token(0), 10),), splits, DATA_ROOT))


def test_parts_out_of_the_order_of_lots_are_refused(evm):
    lots = (LotIssue(token(0), 10), LotIssue(token(1), 10))
    with pytest.raises(RevertError, match="split"):
        evm.operate(Issue(lots, (Split(1, OWNER, 10), Split(0, OWNER, 10)), DATA_ROOT))


@pytest.mark.parametrize("total", [0, MAX_AMOUNT + 1, (1 << 256) - 1])
def test_a_lot_of_nothing_or_too_much_is_refused(evm, total):
    call = Issue((LotIssue(token(0), total),), (Split(0, OWNER, total),), DATA_ROOT)
    with pytest.raises(RevertError, match="amount"):
        evm.operate(call)


@pytest.mark.parametrize("kind", [0, 4, 1 << 64])
def test_an_id_of_unknown_kind_is_refused(evm, kind):
    with pytest.raises(RevertError, match="kind"):
        evm.operate(issue(token(0) & ((1 << 152) - 1) | kind << 152, (OWNER, 5)))


def test_an_issue_of_nothing_is_refused(evm):
    with pytest.raises(RevertError, match="empty"):
        evm.operate(Issue((), (), DATA_ROOT))


def test_the_largest_lot_keeps_its_counters_apart(evm):
    evm.operate(issue(token(0), (OWNER, 1)))
    evm.operate(issue(token(1), (OWNER, MAX_AMOUNT)))
    assert counters(evm, token(1)) == (MAX_AMOUNT, 0, 0, 0, 0, 1, BOTH)


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from([OWNER, CITY, OTHER]), st.integers(1, 10**9)),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_stretches_of_lots_tile_the_odometer(parts):
    evm = start()
    totals = [sum(amount for _, amount in part) for part in parts]
    lots = tuple(LotIssue(token(n), total) for n, total in enumerate(totals))
    splits = tuple(Split(n, *part) for n, some in enumerate(parts) for part in some)
    evm.operate(Issue(lots, splits, DATA_ROOT))
    ends = [0]
    for fact in evm.facts:
        assert fact.first_wh == ends[-1]
        ends.append(fact.first_wh + fact.total)
    assert ends[-1] == sum(totals) == evm.view("odometer(uint256)", ["uint256"], DEVICE)


def test_a_device_that_has_counted_as_far_as_numbers_reach_issues_no_more(evm):
    last = (1 << 54) - 1
    evm.vm.state.set_storage(evm.deployment.certificates_address, odometer_slot(DEVICE), last - 5)
    with pytest.raises(RevertError, match="odometer"):
        evm.operate(issue(token(0), (OWNER, 6)))
    evm.operate(issue(token(0), (OWNER, 5)))
    assert evm.facts[0].first_wh == last - 5
