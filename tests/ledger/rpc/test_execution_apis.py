"""What the suite of ethereum/execution-apis asks of a node, asked of ours over our own chain.

The suite's files are recordings on a chain of its own, which this registry cannot serve. So the
questions are put here in their forms, and the answers compared with what the suite's would say.
"""

from typing import Any

import pytest

from ledger.chain.codec import call_data
from tests.ledger.rpc.chain import Asker, Story

POOR = "0x" + "aa" * 20
EMPTY = "0x" + "bb" * 20
GAS_PRICE = "0x3a60005260206000f3"  # returns GASPRICE
STATE_METHODS = {
    "eth_getBalance": [],
    "eth_getCode": [],
    "eth_getTransactionCount": [],
    "eth_getStorageAt": ["0x3"],
    "eth_getProof": [["0x3"]],
}


@pytest.mark.parametrize("method", STATE_METHODS)
def test_state_is_read_at_a_block_in_each_of_its_forms(
    ask: Asker, story: Story, method: str
) -> None:
    """By number, hash, either in an object (EIP-1898), and the newest when left out."""
    asked = [story.certificates, *STATE_METHODS[method]]
    for number in ("0x1", "0x5"):
        block_hash = ask("eth_getBlockByNumber", number, False)["hash"]
        forms: list[Any] = [
            number,
            block_hash,
            {"blockHash": block_hash},
            {"blockHash": block_hash, "requireCanonical": True},
            {"blockNumber": number},
        ]
        answers = [ask(method, *asked, form) for form in forms]
        assert all(answer == answers[0] for answer in answers)
    assert ask(method, *asked) == answers[0]


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas", "eth_createAccessList"])
def test_calls_are_made_at_a_block_in_each_of_its_forms(
    ask: Asker, story: Story, method: str
) -> None:
    call = {"to": story.certificates, "data": "0x" + call_data("nextSequence()").hex()}
    head = ask("eth_getBlockByNumber", "latest", False)
    forms: list[Any] = [
        [],
        ["latest"],
        [head["number"]],
        [head["hash"]],
        [{"blockHash": head["hash"]}],
        [{"blockNumber": head["number"]}],
    ]
    assert len({str(ask(method, call, *form)) for form in forms}) == 1


@pytest.mark.parametrize("method", [*STATE_METHODS, "eth_call"])
def test_an_unknown_hash_is_an_error_where_state_is_wanted(ask: Asker, method: str) -> None:
    asked: list[Any] = [EMPTY, *STATE_METHODS.get(method, [])]
    if method == "eth_call":
        asked = [{"to": EMPTY}]
    for block in ("0x" + "22" * 32, {"blockHash": "0x" + "22" * 32}, "0x3e8"):
        error = ask.error(method, *asked, block)
        assert (error["code"], error["message"]) == (-32000, "header not found")


def test_receipts_of_blocks_that_are_not_there_are_null(ask: Asker) -> None:
    for block in ("0x3e8", "0x" + "00" * 32, {"blockHash": "0x" + "00" * 32}):
        assert ask("eth_getBlockReceipts", block) is None
    assert ask("eth_getBlockReceipts", "0x0") == []
    assert ask("eth_getBlockReceipts", "earliest") == []


@pytest.mark.django_db
def test_blocks_and_transactions_that_are_not_there_are_null(ask: Asker) -> None:
    nothing = "0x" + "00" * 32
    assert ask("eth_getBlockByHash", nothing, True) is None
    assert ask("eth_getTransactionByHash", nothing) is None
    assert ask("eth_getTransactionReceipt", nothing) is None
    assert ask("eth_getTransactionByBlockHashAndIndex", nothing, "0x0") is None


def test_unknown_accounts_are_empty_and_no_error(ask: Asker) -> None:
    assert ask("eth_getBalance", EMPTY, "latest") == "0x0"
    assert ask("eth_getTransactionCount", EMPTY, "latest") == "0x0"
    assert ask("eth_getCode", EMPTY, "latest") == "0x"
    assert ask("eth_getStorageAt", EMPTY, "0x0", "latest") == "0x" + "00" * 32


@pytest.mark.parametrize("method", ["eth_call", "eth_createAccessList", "eth_estimateGas"])
def test_a_sender_without_money_may_ask_for_nothing(ask: Asker, method: str) -> None:
    answer = ask(method, {"from": POOR, "to": EMPTY}, "latest")
    expected = {
        "eth_call": "0x",
        "eth_createAccessList": {"accessList": [], "gasUsed": "0x5208"},
        "eth_estimateGas": "0x5208",
    }
    assert answer == expected[method]


@pytest.mark.parametrize("kind", ["0x0", "0x1", "0x2", "0x7f"])
def test_the_type_of_a_call_is_not_looked_at(ask: Asker, kind: str) -> None:
    listed = [{"address": EMPTY, "storageKeys": ["0x" + "00" * 31 + "01"]}]
    call = {"from": POOR, "gas": "0x30d40", "input": "0x5a60005260206000f3", "accessList": listed}
    assert ask("eth_call", call | {"type": kind}) == ask("eth_call", call)


def test_a_call_pays_the_least_of_its_limit_and_its_tip(ask: Asker) -> None:
    def price(**fees: str) -> dict[str, Any]:
        return ask.answer("eth_call", {"from": POOR, "input": GAS_PRICE} | fees)

    assert int(price()["result"], 16) == 0
    assert int(price(maxFeePerGas="0x5", maxPriorityFeePerGas="0x0")["result"], 16) == 0
    assert int(price(maxFeePerGas="0x5")["result"], 16) == 0
    assert price(maxFeePerGas="0x5", maxPriorityFeePerGas="0x3")["error"]["code"] == -32000
    over = price(maxFeePerGas="0x1", maxPriorityFeePerGas="0x2")["error"]
    assert (over["code"], "higher than max fee" in over["message"]) == (-32000, True)
    both = price(gasPrice="0x0", maxFeePerGas="0x0")["error"]
    assert both["code"] == -32602


def test_the_storage_key_of_a_proof_comes_back_as_it_was_asked(ask: Asker, story: Story) -> None:
    keys = ["0x0", "0x01", "0x" + "00" * 31 + "02"]
    proof = ask("eth_getProof", story.certificates, keys, "latest")
    assert [each["key"] for each in proof["storageProof"]] == keys


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"fromBlock": "0x38", "toBlock": "latest"}, "invalid block range"),
        ({"fromBlock": "0x4", "toBlock": "0x3"}, "invalid block range"),
        ({"fromBlock": "0x2", "toBlock": "0x38"}, "beyond current head block"),
        ({"fromBlock": "0x38", "toBlock": "0x40"}, "beyond current head block"),
        ({"blockHash": "0x" + "11" * 32, "fromBlock": "0x1", "toBlock": "0x2"}, "either blockHash"),
    ],
)
def test_a_range_that_cannot_be_is_an_invalid_parameter(
    ask: Asker, asked: dict[str, str], said: str
) -> None:
    error = ask.error("eth_getLogs", asked)
    assert error["code"] == -32602
    assert said in error["message"]


def test_logs_of_one_block_by_its_hash_are_those_of_its_number(ask: Asker) -> None:
    block = ask("eth_getBlockByNumber", "0x4", False)
    by_hash = ask("eth_getLogs", {"blockHash": block["hash"]})
    assert by_hash == ask("eth_getLogs", {"fromBlock": "0x4", "toBlock": "0x4"})
    assert {log["blockHash"] for log in by_hash} == {block["hash"]}
    first = by_hash[0]["topics"][0]
    narrowed = ask("eth_getLogs", {"blockHash": block["hash"], "topics": [[first], None]})
    assert narrowed == [log for log in by_hash if log["topics"][0] == first]


def test_a_revert_has_code_three_and_its_data(ask: Asker) -> None:
    """PUSH1 1, PUSH1 0, MSTORE8, PUSH1 1, PUSH1 0, REVERT: one byte of data and no reason."""
    call = {"from": POOR, "input": "0x600160005360016000fd"}
    for method in ("eth_call", "eth_estimateGas"):
        error = ask.error(method, call)
        assert error == {"code": 3, "message": "execution reverted", "data": "0x01"}
    listed = ask("eth_createAccessList", call)
    assert listed["error"] == "execution reverted"
    assert set(listed) == {"accessList", "gasUsed", "error"}


def test_the_revert_of_solidity_s_panic_is_put_in_words(ask: Asker) -> None:
    """MSTORE of the selector, MSTORE of 0x11 behind it, REVERT of 36 bytes."""
    code = "0x634e487b7160e01b5f526011600452" + "60245ffd"
    error = ask.error("eth_call", {"input": code})
    assert (error["code"], error["data"]) == (3, "0x4e487b71" + "00" * 31 + "11")
    assert "overflow" in error["message"]
