from types import SimpleNamespace

import pytest
from eth_abi.abi import decode as abi_decode
from eth_utils.abi import event_abi_to_log_topic, function_abi_to_4byte_selector

from ledger.chain import codec, history
from ledger.contracts.artefact import load_artefact
from ledger.domain.calls import (
    Bundle,
    Issue,
    Release,
    Transfer,
    TransferMove,
    Unbundle,
    Withdraw,
    WithdrawFrom,
    WithdrawItem,
)
from tests.ledger.contracts.examples import CITY, OWNER, entry, issue, settle, token

ABI = load_artefact()["Certificates"]["abi"]


CALLS = [codec.ISSUE, codec.TRANSFER, codec.SETTLE, codec.WITHDRAW, codec.RELEASE]
CALLS += [codec.WITHDRAW_FROM, codec.UNBUNDLE, codec.BUNDLE]
EVENTS = [codec.ISSUED, codec.RETIRED, codec.SETTLED, codec.COMMITTED]
EVENTS += [codec.TRANSFER_SINGLE, codec.TRANSFER_BATCH]


@pytest.mark.parametrize("text", CALLS)
def test_every_call_is_a_function_of_the_contract(text):
    selectors = {function_abi_to_4byte_selector(e) for e in ABI if e["type"] == "function"}
    assert codec.selector(text) in selectors


@pytest.mark.parametrize("text", EVENTS)
def test_every_fact_is_an_event_of_the_contract(text):
    topics = {event_abi_to_log_topic(entry) for entry in ABI if entry["type"] == "event"}
    assert codec.topic(text).to_bytes(32, "big") in topics
    assert set(history.NAMES) < topics


def test_a_transfer_is_encoded_as_the_abi_says():
    data = codec.encode(7, Transfer((TransferMove(OWNER, CITY, token(0), 5),)))
    types = ["uint256", "(uint256,uint256,uint256,uint256)[]"]
    assert data[:4] == codec.selector(codec.TRANSFER)
    assert abi_decode(types, data[4:]) == (7, ((OWNER.int, CITY.int, token(0), 5),))


def test_a_settlement_carries_its_leaves_sorted_behind_the_arguments():
    one, two = entry(OWNER, token(0), 30, 20), entry(OWNER, token(1), 7)
    data = codec.encode(7, settle(one, two))
    expected = b"".join(
        amount.to_bytes(8, "big") + mark
        for some in (one, two)
        for amount, mark in sorted(some.leaves, key=lambda leaf: leaf[1])
    )
    assert data[-len(expected) :] == expected
    assert len(data) == 100 + 2 * 160 + 3 * 40
    assert len(data) == codec.calldata_size(settle(one, two))


def test_logs_of_other_events_and_contracts_are_passed_over():
    words = (1).to_bytes(32, "big") + (2).to_bytes(32, "big")
    issued = SimpleNamespace(
        address=b"\1" * 20, topics=(codec.topic(codec.ISSUED), token(0)), data=words
    )
    other = SimpleNamespace(address=b"\1" * 20, topics=(1,), data=b"")
    bare = SimpleNamespace(address=b"\1" * 20, topics=(), data=b"")
    assert len(codec.decode_events([other, issued, bare])) == 1
    assert len(codec.decode_events([issued], contract=b"\1" * 20)) == 1
    assert codec.decode_events([issued], contract=b"\2" * 20) == []


def test_a_call_without_arguments_is_its_selector():
    assert codec.call_data("pause()") == codec.selector("pause()")


@pytest.mark.parametrize(
    "call",
    [
        issue(token(0), (OWNER, 5), (CITY, 6)),
        Issue((), (), b"\0" * 32),
        Transfer((TransferMove(OWNER, CITY, token(0), 5),) * 3),
        Withdraw((WithdrawItem(OWNER, token(0), 5, 1),) * 2),
        settle(entry(OWNER, token(0), 1, 2), entry(CITY, token(0), 3)),
        Release(OWNER, b"\1" * 20, token(0), 5),
        WithdrawFrom(b"\1" * 20, token(0), 5, 1),
        Unbundle(OWNER, token(0), 5),
        Bundle(OWNER, token(0), 5),
    ],
)
def test_the_size_of_a_call_is_known_without_encoding_it(call):
    assert codec.calldata_size(call) == len(codec.encode(1, call))
