"""Each method over a small chain, asked as plain JSON."""

from typing import Any

import pytest

from ledger.chain.codec import call_data
from tests.ledger.chain.chains import CHAIN_ID, token
from tests.ledger.rpc.chain import Asker, Story

NOWHERE = "0x" + "11" * 20
NO_HASH = "0x" + "22" * 32
NEWEST = ["latest", "pending", "safe", "finalized"]


def hexed(data: bytes) -> str:
    return f"0x{data.hex()}"


def test_the_chain_says_what_it_is(ask: Asker) -> None:
    assert ask("net_version") == str(CHAIN_ID)
    assert ask("eth_chainId") == hex(CHAIN_ID)
    assert ask("eth_blockNumber") == "0x5"
    assert ask("eth_syncing") is False
    assert ask("eth_accounts") == []
    assert "py-evm" in ask("web3_clientVersion")


@pytest.mark.parametrize("tag", NEWEST)
def test_a_sealed_block_is_final_so_every_new_tag_names_the_head(ask: Asker, tag: str) -> None:
    assert ask("eth_getBlockByNumber", tag, False)["number"] == "0x5"


def test_blocks_are_found_by_number_tag_and_hash(ask: Asker, story: Story) -> None:
    first = ask("eth_getBlockByNumber", "earliest", False)
    assert first == ask("eth_getBlockByHash", first["hash"], False)
    block = ask("eth_getBlockByNumber", "0x4", True)
    assert [each["hash"] for each in block["transactions"]] == [
        hexed(each.hash) for each in story.retired
    ]
    assert block["transactions"][1]["transactionIndex"] == "0x1"
    assert ask("eth_getBlockTransactionCountByNumber", "0x4") == "0x2"
    assert ask("eth_getBlockTransactionCountByHash", block["hash"]) == "0x2"


def test_a_blocks_size_is_that_of_its_encoding(ask: Asker, story: Story) -> None:
    import rlp

    from tests.ledger.chain.chains import open_reader

    with open_reader(story.directory) as chain:
        for number in range(6):
            size = len(rlp.encode(chain._engine.block(number)))
            assert ask("eth_getBlockByNumber", hex(number), False)["size"] == hex(size)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBlockByNumber", ["0x6", False]),
        ("eth_getBlockByHash", [NO_HASH, False]),
        ("eth_getBlockTransactionCountByNumber", ["0x6"]),
        ("eth_getBlockTransactionCountByHash", [NO_HASH]),
        ("eth_getTransactionByHash", [NO_HASH]),
        ("eth_getTransactionByBlockHashAndIndex", [NO_HASH, "0x0"]),
        ("eth_getTransactionByBlockNumberAndIndex", ["0x4", "0x2"]),
        ("eth_getTransactionReceipt", [NO_HASH]),
        ("eth_getBlockReceipts", ["0x6"]),
    ],
)
@pytest.mark.django_db
def test_what_is_not_there_is_null(ask: Asker, method: str, params: list[Any]) -> None:
    assert ask(method, *params) is None


def test_a_hash_of_something_else_is_no_block(ask: Asker) -> None:
    root = ask("eth_getBlockByNumber", "latest", False)["stateRoot"]
    assert ask("eth_getBlockByHash", root, False) is None


def test_a_transaction_is_the_same_by_every_way_to_it(ask: Asker, story: Story) -> None:
    by_hash = ask("eth_getTransactionByHash", hexed(story.retired[1].hash))
    assert by_hash == ask("eth_getTransactionByBlockNumberAndIndex", "0x4", "0x1")
    assert by_hash == ask("eth_getTransactionByBlockHashAndIndex", by_hash["blockHash"], "0x1")
    assert by_hash["from"] == story.operator
    assert by_hash["to"] == story.certificates
    assert by_hash["chainId"] == hex(CHAIN_ID)


def test_receipts_count_gas_and_logs_through_the_block(ask: Asker, story: Story) -> None:
    first, second = ask("eth_getBlockReceipts", "0x4")
    assert second == ask("eth_getTransactionReceipt", hexed(story.retired[1].hash))
    assert int(second["cumulativeGasUsed"], 16) == int(first["gasUsed"], 16) + int(
        second["gasUsed"], 16
    )
    indices = [int(log["logIndex"], 16) for each in (first, second) for log in each["logs"]]
    assert indices == list(range(len(indices)))
    assert {first["status"], second["status"]} == {"0x1"}
    assert ask("eth_getTransactionReceipt", hexed(story.refused.hash))["status"] == "0x0"


def test_the_creation_of_a_contract_names_its_address(ask: Asker, story: Story) -> None:
    receipts = ask("eth_getBlockReceipts", "0x1")
    assert receipts[1]["contractAddress"] == story.certificates
    assert receipts[1]["to"] is None


def test_accounts_are_read_at_any_block(ask: Asker, story: Story) -> None:
    assert ask("eth_getTransactionCount", story.operator, "0x0") == "0x0"
    assert ask("eth_getTransactionCount", story.operator, "latest") == "0x6"
    assert ask("eth_getTransactionCount", story.operator) == "0x6"
    assert ask("eth_getBalance", NOWHERE, "latest") == "0x0"
    assert ask("eth_getCode", story.certificates, "0x0") == "0x"
    assert len(ask("eth_getCode", story.certificates, "latest")) > 1000
    first = ask("eth_getBlockByNumber", "0x1", False)["hash"]
    assert ask("eth_getTransactionCount", story.operator, {"blockHash": first}) == "0x2"
    assert ask("eth_getTransactionCount", story.operator, {"blockNumber": "0x1"}) == "0x2"


def test_storage_is_a_word_whatever_form_the_key_has(ask: Asker, story: Story) -> None:
    from ledger.chain import layout

    slot = layout.base_slot("nextSequence")
    expected = f"0x{4:064x}"
    for key in (hex(slot), f"0x{slot:064x}", f"0x{slot:04x}"):
        assert ask("eth_getStorageAt", story.certificates, key, "latest") == expected
    assert ask("eth_getStorageAt", NOWHERE, "0x0", "latest") == f"0x{0:064x}"


def test_gas_costs_nothing_here(ask: Asker) -> None:
    assert ask("eth_gasPrice") == ask("eth_maxPriorityFeePerGas") == "0x0"
    assert ask("eth_blobBaseFee") == "0x1"
    history = ask("eth_feeHistory", "0x3", "latest", [10, 90])
    assert history["oldestBlock"] == "0x3"
    assert history["baseFeePerGas"] == ["0x0"] * 4
    assert history["reward"] == [["0x0", "0x0"]] * 3
    assert all(0 < ratio < 1 for ratio in history["gasUsedRatio"])
    assert ask("eth_feeHistory", "0x400", "latest", None)["oldestBlock"] == "0x0"


def test_a_call_answers_in_the_context_of_its_block(ask: Asker, story: Story) -> None:
    """Code that returns (number, timestamp) of the block that it runs in."""
    code = "0x436000524260205260406000f3"
    for number in ("0x3", "latest"):
        block = ask("eth_getBlockByNumber", number, False)
        output = ask("eth_call", {"data": code}, number)
        assert int(output[2:66], 16) == int(block["number"], 16)
        assert int(output[66:], 16) == int(block["timestamp"], 16)


def test_a_refused_call_says_why_and_gives_the_data(ask: Asker, story: Story) -> None:
    call = {"from": NOWHERE, "to": story.certificates, "data": hexed(call_data("pause()"))}
    for method in ("eth_call", "eth_estimateGas"):
        error = ask.error(method, call, "latest")
        assert (error["code"], error["message"]) == (3, "execution reverted: role")
        assert bytes.fromhex(error["data"][2:])[:4] == bytes.fromhex("08c379a0")
    listed = ask("eth_createAccessList", call, "latest")
    assert listed["error"] == "execution reverted: role"


def test_the_estimate_suffices_and_hardly_exceeds(ask: Asker, story: Story) -> None:
    data = hexed(call_data("setApprovalForAll(address,bool)", NOWHERE, True))
    call = {"from": story.operator, "to": story.certificates, "data": data}
    estimate = int(ask("eth_estimateGas", call), 16)
    assert 21_000 < estimate < 100_000
    again = call | {"gas": hex(estimate)}
    assert int(ask("eth_estimateGas", again), 16) <= estimate
    short = ask.error("eth_estimateGas", call | {"gas": hex(estimate * 9 // 10)})
    assert short["code"] == -32000
    assert ask("eth_estimateGas", {"to": NOWHERE}) == hex(21_000)


def test_an_access_list_names_the_slots_that_a_call_reads(ask: Asker, story: Story) -> None:
    from ledger.chain import layout

    call = {
        "to": story.certificates,
        "data": hexed(call_data("odometer(uint256)", 735999000000000017)),
    }
    listed = ask("eth_createAccessList", call, "latest")
    slot = f"0x{layout.odometer_slot(735999000000000017):064x}"
    assert listed["accessList"] == [{"address": story.certificates, "storageKeys": [slot]}]
    assert int(listed["gasUsed"], 16) > 21_000
    assert "error" not in listed


def test_the_proof_of_an_account_that_is_not_there_ends_where_it_would_be(ask: Asker) -> None:
    proof = ask("eth_getProof", NOWHERE, ["0x0"], "latest")
    assert proof["accountProof"]
    assert proof["storageProof"] == [{"key": "0x0", "value": "0x0", "proof": []}]
    assert (proof["nonce"], proof["balance"]) == ("0x0", "0x0")


@pytest.mark.parametrize(
    ("code", "method", "params"),
    [
        (-32601, "eth_mine", []),
        (-32601, "__init__", []),
        (-32602, "eth_getBalance", []),
        (-32602, "eth_getBalance", [NOWHERE, "latest", 1]),
        (-32602, "eth_getBalance", ["0x11", "latest"]),
        (-32602, "eth_getBalance", [7, "latest"]),
        (-32602, "eth_getBalance", [NOWHERE, "0x01"]),
        (-32602, "eth_getBalance", [NOWHERE, "newest"]),
        (-32602, "eth_getBalance", [NOWHERE, {"blockHash": NO_HASH, "blockNumber": "0x1"}]),
        (-32602, "eth_getBalance", [NOWHERE, ["latest"]]),
        (-32000, "eth_getBalance", [NOWHERE, "0x6"]),
        (-32000, "eth_getBalance", [NOWHERE, "0x" + "f" * 64]),
        (-32602, "eth_getBlockByNumber", ["latest"]),
        (-32602, "eth_getBlockByNumber", ["latest", "yes"]),
        (-32602, "eth_getBlockByHash", ["0x12", True]),
        (-32602, "eth_getTransactionByHash", ["latest"]),
        (-32602, "eth_getStorageAt", [NOWHERE, "0x" + "1" * 65, "latest"]),
        (-32602, "eth_getStorageAt", [NOWHERE, "0xzz", "latest"]),
        (-32602, "eth_getProof", [NOWHERE, "0x0", "latest"]),
        (-32602, "eth_getProof", [NOWHERE, ["0x0"] * 1025, "latest"]),
        (-32602, "eth_feeHistory", ["0x0", "latest"]),
        (-32602, "eth_feeHistory", ["0x401", "latest"]),
        (-32602, "eth_feeHistory", ["0x1", "latest", [90, 10]]),
        (-32602, "eth_call", ["0x", "latest"]),
        (-32602, "eth_call", [{"to": NOWHERE, "data": "0x1"}, "latest"]),
        (-32602, "eth_call", [{"data": "0x11", "input": "0x22"}, "latest"]),
        (-32602, "eth_call", [{"to": NOWHERE}, "latest", {NOWHERE: {"nonce": "0x1"}}]),
        (-32000, "eth_call", [{"to": NOWHERE, "value": "0x1"}, "latest"]),
        (-32602, "eth_getLogs", [[]]),
    ],
)
def test_a_bad_call_is_refused_with_its_code(
    ask: Asker, code: int, method: str, params: list[Any]
) -> None:
    assert ask.error(method, *params)["code"] == code


def test_a_balance_is_read_by_a_call(ask: Asker, story: Story) -> None:
    from ledger.domain.custody import custody_address
    from tests.ledger.chain.chains import ALICE, REGISTRY_ID

    holder = hexed(custody_address(CHAIN_ID, REGISTRY_ID, ALICE))
    call = {
        "to": story.certificates,
        "data": hexed(call_data("balanceOf(address,uint256)", holder, token())),
    }
    assert int(ask("eth_call", call, "0x2"), 16) == 600
    assert int(ask("eth_call", call, "latest"), 16) == 450
