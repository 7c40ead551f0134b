"""eth_getLogs: filters, the index behind it, and how wide a question may be."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ledger.domain.keccak import keccak256
from ledger.rpc import log_index, logs
from ledger.rpc.deadline import Deadline
from ledger.rpc.pool import close_pools
from tests.ledger.chain.chains import Clock, issue, open_writer
from tests.ledger.rpc.chain import Asker, Story, send

ALL = {"fromBlock": "earliest", "toBlock": "latest"}
NO_TOPIC = "0x" + "33" * 32


def topic(signature: str) -> str:
    return f"0x{keccak256(signature.encode()).hex()}"


TRANSFER = topic("TransferSingle(address,address,address,uint256,uint256)")
RETIRED = topic("Retired(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bytes32)")


@pytest.fixture
def every(ask: Asker) -> list[dict[str, Any]]:
    """All logs, from the receipts and not from the index."""
    return [
        log
        for number in range(6)
        for receipt in ask("eth_getBlockReceipts", hex(number))
        for log in receipt["logs"]
    ]


def test_without_a_filter_all_logs_come_in_order(ask: Asker, every: list[Any]) -> None:
    assert len(every) > 10
    assert ask("eth_getLogs", ALL) == every
    assert ask("eth_getLogs", ALL | {"topics": [], "address": []}) == every
    assert ask("eth_getLogs", ALL | {"topics": [None]}) == every
    assert ask("eth_getLogs", ALL | {"topics": [[]]}) == every


def test_without_a_range_only_the_head_is_meant(ask: Asker, every: list[Any]) -> None:
    assert ask("eth_getLogs", {}) == [log for log in every if log["blockNumber"] == "0x5"]


@pytest.mark.parametrize("number", range(6))
def test_a_block_hash_means_that_block(ask: Asker, every: list[Any], number: int) -> None:
    digest = ask("eth_getBlockByNumber", hex(number), False)["hash"]
    expected = [log for log in every if log["blockNumber"] == hex(number)]
    assert ask("eth_getLogs", {"blockHash": digest}) == expected
    assert ask("eth_getLogs", {"fromBlock": hex(number), "toBlock": hex(number)}) == expected


def test_every_filter_gives_what_reading_all_receipts_gives(
    ask: Asker, story: Story, every: list[Any]
) -> None:
    """Nulls, alternatives and absent values at each position, against a plain filter."""
    sample = every[-1]["topics"]
    choices = [None, TRANSFER, [RETIRED, TRANSFER], NO_TOPIC, [NO_TOPIC, RETIRED]]
    others = [None, sample[1], [sample[1], NO_TOPIC], every[0]["topics"][1]]
    for address in (None, story.certificates, [story.operator, story.certificates], story.operator):
        for first in choices:
            for second in others:
                for topics in ([first], [first, second], [first, None, second]):
                    asked = ALL | {"address": address, "topics": topics}
                    expected = [log for log in every if matches(log, address, topics)]
                    assert ask("eth_getLogs", asked) == expected, asked


def matches(log: dict[str, Any], address: Any, topics: list[Any]) -> bool:
    def allows(allowed: Any, value: str) -> bool:
        return allowed is None or value in (allowed if isinstance(allowed, list) else [allowed])

    return (
        allows(address, log["address"])
        and len(topics) <= len(log["topics"])
        and all(map(allows, topics, log["topics"]))
    )


def test_null_among_alternatives_allows_any(ask: Asker, every: list[Any]) -> None:
    assert ask("eth_getLogs", ALL | {"topics": [[None, NO_TOPIC]]}) == every


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (-32602, {"blockHash": NO_TOPIC, "fromBlock": "0x1"}),
        (-32602, {"blockHash": "0x12"}),
        (-32602, {"fromBlock": "0x3", "toBlock": "0x2"}),
        (-32602, {"fromBlock": "0x0", "toBlock": "0xffffffff"}),
        (-32602, {"fromBlock": 3}),
        (-32602, {"topics": [NO_TOPIC] * 5}),
        (-32602, {"topics": "0x"}),
        (-32602, {"topics": ["0x12"]}),
        (-32602, {"topics": [[NO_TOPIC] * 1001]}),
        (-32602, {"topics": [[[NO_TOPIC]]]}),
        (-32602, {"address": "0x12"}),
        (-32602, {"address": {"a": 1}}),
        (-32000, {"blockHash": NO_TOPIC}),
    ],
)
def test_a_bad_filter_is_refused(ask: Asker, code: int, asked: dict[str, Any]) -> None:
    assert ask.error("eth_getLogs", asked)["code"] == code


def test_the_refusal_of_a_wide_question_names_the_limit(
    ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "RESULTS", 3)
    error = ask.error("eth_getLogs", ALL)
    assert (error["code"], "more than 3 logs" in error["message"]) == (-32000, True)
    monkeypatch.setattr(logs, "RANGE_BLOCKS", 4)
    error = ask.error("eth_getLogs", ALL)
    assert (error["code"], "at most 4 blocks" in error["message"]) == (-32000, True)


def test_the_index_may_be_removed_and_grows_with_the_chain(
    settings: Any, client: Any, tmp_path: Path
) -> None:
    settings.CHAIN_DIR, clock, ask = tmp_path, Clock(), Asker(client)
    with open_writer(tmp_path) as chain:
        for minute in range(3):
            send(chain, clock, issue(60 * minute))
            assert len(ask("eth_getLogs", {"topics": [TRANSFER]})) == 2
    before = ask("eth_getLogs", ALL)
    close_pools()
    for path in tmp_path.glob(f"{log_index.FILE_NAME}*"):
        path.unlink()
    assert ask("eth_getLogs", ALL) == before
    close_pools()


def test_an_index_of_another_chain_begins_again(settings: Any, client: Any, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    ask, found = Asker(client), []
    for directory, blocks in ((one, 3), (other, 1)):
        settings.CHAIN_DIR, clock = directory, Clock()
        with open_writer(directory) as chain:
            for minute in range(blocks):
                send(chain, clock, issue(60 * minute))
        found.append(ask("eth_getLogs", ALL))
        close_pools()
    (other / log_index.FILE_NAME).unlink()
    (one / log_index.FILE_NAME).rename(other / log_index.FILE_NAME)
    assert ask("eth_getLogs", ALL) == found[1]
    close_pools()


def test_a_damaged_index_is_said_and_spoils_nothing_else(
    settings: Any, client: Any, tmp_path: Path
) -> None:
    settings.CHAIN_DIR, ask = tmp_path, Asker(client)
    with open_writer(tmp_path):
        pass
    (tmp_path / log_index.FILE_NAME).write_bytes(b"no database" * 1000)
    error = ask.error("eth_getLogs", ALL)
    assert (error["code"], log_index.FILE_NAME in error["message"]) == (-32000, True)
    assert ask("eth_blockNumber") == "0x1"
    (tmp_path / log_index.FILE_NAME).unlink()
    assert ask("eth_getLogs", ALL)
    close_pools()


def test_many_at_once_make_one_index(settings: Any, client: Any, tmp_path: Path) -> None:
    settings.CHAIN_DIR, clock = tmp_path, Clock()
    with open_writer(tmp_path) as chain:
        for minute in range(5):
            send(chain, clock, issue(60 * minute))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: Asker(Client())("eth_getLogs", ALL), range(16)))
    assert all(each == found[0] for each in found)
    assert len(found[0]) > 20
    close_pools()


def test_a_long_catch_up_says_how_far_it_came_and_goes_on(
    settings: Any, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index of one block a time, by requests that have time for one."""
    settings.CHAIN_DIR, clock, ask = tmp_path, Clock(), Asker(client)
    with open_writer(tmp_path) as chain:
        send(chain, clock, issue())
    monkeypatch.setattr(logs, "CATCH_UP_BLOCKS", 1)
    over = {"is_over": False}
    monkeypatch.setattr(Deadline, "is_over", property(lambda _: over["is_over"]))
    extend = log_index.LogIndex.extend

    def extend_slowly(self: Any, take: Any) -> int:
        added = extend(self, take)
        over["is_over"] = True
        return added

    monkeypatch.setattr(log_index.LogIndex, "extend", extend_slowly)
    error = ask.error("eth_getLogs", ALL)
    assert (error["code"], "block 0 of 2" in error["message"]) == (-32000, True)
    over["is_over"] = False
    assert "block 1 of 2" in ask.error("eth_getLogs", ALL)["message"]
    monkeypatch.setattr(log_index.LogIndex, "extend", extend)
    over["is_over"] = False
    assert len(json.dumps(ask("eth_getLogs", ALL))) > 100
    close_pools()
