"""Transactions become the bytes again that their hash stands for."""

import pytest
from eth_account import Account
from eth_utils import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.foreign.network_forms import encode_transaction

pytestmark = pytest.mark.once
KEY = bytes([7]) * 32
TO = to_checksum_address("0x" + "ab" * 20)
NAMES = ["chainId", "nonce", "gasPrice", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "value"]
numbers = st.integers(0, 2**64 - 1)


def described(fields: dict, signed) -> dict:
    """As a node describes a transaction."""
    answer = {name: hex(fields[name]) for name in NAMES if name in fields}
    answer |= {"to": fields.get("to"), "input": fields["data"], "type": hex(fields.get("type", 0))}
    answer |= {"r": hex(signed.r), "s": hex(signed.s), "v": hex(signed.v)}
    if fields.get("type"):
        answer["accessList"] = fields["accessList"]
        answer["yParity"] = hex(signed.v)
    if fields.get("type") == 4:
        answer["authorizationList"] = [
            {
                "chainId": hex(each.chain_id),
                "address": f"0x{each.address.hex()}",
                "nonce": hex(each.nonce),
                "yParity": hex(each.y_parity),
                "r": hex(each.r),
                "s": hex(each.s),
            }
            for each in fields["authorizationList"]
        ]
    return answer


@given(
    kind=st.sampled_from([0, 1, 2, 4]),
    nonce=numbers,
    price=numbers,
    value=numbers,
    data=st.binary(max_size=80),
    keys=st.lists(st.binary(min_size=32, max_size=32), max_size=3),
    creates=st.booleans(),
)
def test_a_transaction_of_any_known_type_is_encoded_as_it_was_signed(
    kind, nonce, price, value, data, keys, creates
):
    fields = {"chainId": 1337, "nonce": nonce, "gas": 90_000, "value": value}
    fields |= {"data": f"0x{data.hex()}"}
    if not creates or kind == 4:
        fields["to"] = TO
    if kind < 2:
        fields["gasPrice"] = price
    else:
        fields |= {"maxFeePerGas": price, "maxPriorityFeePerGas": price // 2}
    if kind:
        listed = [{"address": TO, "storageKeys": [f"0x{key.hex()}" for key in keys]}]
        fields |= {"type": kind, "accessList": listed if keys else []}
    if kind == 4:
        allowed = {"chainId": 1337, "address": TO, "nonce": 3}
        fields["authorizationList"] = [Account.sign_authorization(allowed, KEY)]
    signed = Account.sign_transaction(fields, KEY)
    raw = bytes(signed.raw_transaction)
    assert encode_transaction(described(fields, signed)) == raw


def test_a_type_that_is_not_known_has_no_bytes():
    assert encode_transaction({"type": "0x7e"}) == b""


@pytest.mark.parametrize("lacking", ["nonce", "to", "input", "r"])
def test_a_description_that_lacks_something_is_refused(lacking):
    signed = Account.sign_transaction(
        {
            "chainId": 1,
            "nonce": 0,
            "gas": 21_000,
            "value": 0,
            "gasPrice": 1,
            "data": "0x",
            "to": TO,
        },
        KEY,
    )
    answer = {"nonce": "0x0", "gasPrice": "0x1", "gas": "0x5208", "to": TO, "value": "0x0"}
    answer |= {"input": "0x", "v": hex(signed.v), "r": hex(signed.r), "s": hex(signed.s)}
    assert encode_transaction(answer) == bytes(signed.raw_transaction)
    del answer[lacking]
    with pytest.raises(KeyError):
        encode_transaction(answer)
