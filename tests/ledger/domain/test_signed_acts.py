"""A signed act is read whole, or refused with the member that is wrong."""

from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.signed_acts import SignedRetirement, SignedTransfer, parse, vrs
from ledger.errors import ActUnreadable

SIGNATURE = b"\1" * 32 + b"\2" * 32 + b"\x1b"
TRANSFER = {
    "primaryType": "Transfer",
    "message": {
        "source": "0x" + "aa" * 20,
        "destination": "0x" + "BB" * 20,
        "id": "12345",
        "amount": 5,
        "nonce": "0",
        "deadline": 1_900_000_000,
    },
    "signature": f"0x{SIGNATURE.hex()}",
}
RETIREMENT = {
    "primaryType": "Retirement",
    "message": {
        "account": "0x" + "aa" * 20,
        "id": 12345,
        "amount": 5,
        "commitment": "0x" + "cc" * 32,
        "nonce": 0,
        "deadline": 1_900_000_000,
    },
    "signature": f"0x{SIGNATURE.hex()}",
}


def test_both_acts_are_read_whether_numbers_are_texts_or_not():
    source, deadline = b"\xaa" * 20, 1_900_000_000
    transfer = SignedTransfer(source, b"\xbb" * 20, 12345, 5, 0, deadline, SIGNATURE)
    retirement = SignedRetirement(source, 12345, 5, b"\xcc" * 32, 0, deadline, SIGNATURE)
    assert (parse(TRANSFER), parse(RETIREMENT)) == (transfer, retirement)
    assert transfer.signer == retirement.signer == source


@pytest.mark.parametrize(("last", "v"), [(0, 27), (1, 28), (27, 27), (28, 28)])
def test_a_wallet_may_count_from_0_or_from_27(last, v):
    one, two = (int.from_bytes(bytes([n]) * 32, "big") for n in (1, 2))
    assert vrs(SIGNATURE[:64] + bytes([last])) == (v, one, two)


@pytest.mark.parametrize("value", [None, -1, True, 1.0, "01", "1e3", "0x1", " 1", 1 << 200, [], ""])
@pytest.mark.parametrize("name", ["id", "amount", "nonce", "deadline"])
def test_a_number_that_is_none_is_named(name, value):
    wrong = deepcopy(TRANSFER)
    wrong["message"][name] = value
    with pytest.raises(ActUnreadable, match=name):
        parse(wrong)


@pytest.mark.parametrize("value", [None, 7, "", "0x", "aa" * 20, "0x" + "aa" * 19, "0x" + "g" * 40])
@pytest.mark.parametrize("name", ["account", "commitment"])
def test_an_address_or_commitment_that_is_none_is_named(name, value):
    wrong = deepcopy(RETIREMENT)
    wrong["message"][name] = value
    with pytest.raises(ActUnreadable, match=name):
        parse(wrong)


@pytest.mark.parametrize("value", [None, [], "act", 7, {}, {"message": []}, {"message": {}}])
def test_what_is_no_act_is_refused(value):
    with pytest.raises(ActUnreadable):
        parse(value)


@pytest.mark.parametrize("kind", [None, "transfer", "Approval"])
def test_no_other_act_is_brought(kind):
    with pytest.raises(ActUnreadable, match="primaryType"):
        parse(TRANSFER | {"primaryType": kind})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each),
    max_leaves=6,
)


@given(
    name=st.sampled_from([*TRANSFER["message"], "primaryType", "signature", "message"]),
    value=ANYTHING,
)
def test_nothing_but_a_typed_refusal_comes_of_nonsense(name, value):
    wrong = deepcopy(TRANSFER)
    (wrong if name in wrong else wrong["message"])[name] = value
    with suppress(ActUnreadable):
        assert isinstance(parse(wrong), SignedTransfer)
