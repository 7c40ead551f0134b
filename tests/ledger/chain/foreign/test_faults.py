"""What networks do to transactions: lose them, leave them, drop their block, cost too much."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from ledger.chain.foreign.chain import ForeignChain
from ledger.chain.foreign.fees import ladder, rung_for
from ledger.chain.foreign.transactions import Rungs
from ledger.chain.keys import OPERATOR
from ledger.chain.layout import unpack_counters
from ledger.chain.port import Outcome
from ledger.errors import ChainBusy, ChainRejected, ChainUnfunded, ChainUnreachable
from tests.ledger.chain.chains import (
    ALICE,
    CHAIN_ID,
    DEVICE,
    NOON,
    issue,
    key_ring,
    retire,
    settle,
    token,
)
from tests.ledger.chain.foreign.networks import found, open_reader, open_writer
from tests.ledger.chain.foreign.process_nodes import ProcessNode
from tests.ledger.chain.foreign.tester_node import RefusedError

pytestmark = pytest.mark.once
GWEI = 10**9
LATER = NOON + timedelta(minutes=2)  # longer than the patience with one fee


def prepared(chain: ForeignChain, *calls: Any) -> list[bytes]:
    sequence, nonce = chain.next_sequence(), chain.next_nonce()
    return [chain.prepare(sequence + n, nonce + n, call).raw for n, call in enumerate(calls)]


def settled(node: Any, chain: ForeignChain, raws: list[bytes], now: datetime) -> list[Outcome]:
    """Outcomes, after as many blocks as it takes."""
    for _ in range(10):
        outcomes = chain.submit(raws, now)
        if None not in outcomes:
            return [outcome for outcome in outcomes if outcome]
        node.mine()
    raise AssertionError("nothing becomes final")


def rung_of(chain: ForeignChain, raw: bytes, outcome: Outcome) -> int:
    rungs = Rungs(raw, chain._key())
    return next(n for n in range(len(rungs)) if rungs.hash(n) == outcome.hash)


def test_a_dropped_transaction_is_sent_again(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path) as chain:
        raws = prepared(chain, issue(), issue(60))
        assert chain.submit(raws, NOON) == [None, None]
        for raw in raws:
            node.drop(Rungs(raw, None).hash(0))
        node.mine()
        assert chain.odometer(DEVICE) == 0
        assert all(outcome.success for outcome in settled(node, chain, raws, NOON))
        assert chain.odometer(DEVICE) == 2_000


def test_a_stuck_transaction_is_replaced_by_itself_under_a_higher_fee(
    node: Any, tmp_path: Path
) -> None:
    with found(node, tmp_path) as chain:
        (raw,) = prepared(chain, issue())
        started = rung_for(GWEI, 100 * GWEI, chain._reader.base_fee())
        chain.submit([raw], NOON)
        chain.submit([raw], NOON + timedelta(seconds=59))
        chain.submit([raw], LATER)
        (outcome,) = settled(node, chain, [raw], LATER)
        assert outcome.success
        # 59 seconds are no reason; two minutes are one, for one rung.
        assert rung_of(chain, raw, outcome) == started + 1
        assert chain.balance(ALICE, token()) == 600


def test_a_writer_that_starts_again_finds_the_replacement(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path) as chain:
        raws = prepared(chain, issue(), issue(60))
        chain.submit(raws, NOON)
        chain.submit(raws, LATER)  # both bumped, and this process ends
    with open_writer(node, tmp_path) as again:
        again.submit(raws, NOON)
        outcomes = settled(node, again, raws, NOON)
        assert all(outcome.success for outcome in outcomes)
        assert again.odometer(DEVICE) == 2_000
        assert again.next_nonce() == 4
    with open_reader(node, tmp_path) as reader:
        assert [reader.outcome(outcome.hash) for outcome in outcomes] == outcomes


@pytest.mark.parametrize("node", ["anvil", "hardhat"], indirect=True)
def test_a_base_fee_that_rises_is_followed_up_to_the_cap(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path, fee_cap_gwei="50") as chain:
        (raw,) = prepared(chain, issue())
        node.set_base_fee(GWEI // 100)
        node.mine()
        chain.submit([raw], NOON)
        node.set_base_fee(20 * GWEI)
        node.mine()
        assert chain.submit([raw], NOON) == [None]
        node.set_base_fee(20 * GWEI)
        node.mine()
        (outcome,) = settled(node, chain, [raw], NOON)
        fee = ladder(GWEI)[rung_of(chain, raw, outcome)]
        assert 20 * GWEI <= fee.most <= 50 * GWEI


@pytest.mark.parametrize("node", ["anvil", "hardhat"], indirect=True)
def test_gas_above_the_cap_waits_and_says_so(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path, fee_cap_gwei="2") as chain:
        (raw,) = prepared(chain, issue())
        node.set_base_fee(30 * GWEI)
        node.mine()
        said = ""
        try:
            assert chain.submit([raw], NOON) == [None]  # some pools keep it until gas is cheaper
        except ChainBusy as busy:
            said = str(busy)
        assert not said or "LEDGER_CHAIN_FEE_CAP_GWEI allows 2" in said
        node.set_base_fee(30 * GWEI)
        node.mine()
        assert chain.odometer(DEVICE) == 0
        for _ in range(2):
            node.set_base_fee(GWEI // 2)
            node.mine()
        assert settled(node, chain, [raw], NOON)[0].success


def test_a_block_that_is_dropped_did_not_count_and_is_filled_again(
    node: Any, tmp_path: Path
) -> None:
    with found(node, tmp_path, depth="2") as chain:
        first, second = prepared(chain, issue(), settle(retire(ALICE, token(), 10, 20)))
        before = node.snapshot()
        assert chain.submit([first, second], NOON) == [None, None]
        node.mine(2)
        assert chain.submit([first, second], NOON) == [None, None]
        node.reorganise(before)
        node.mine(3)
        assert chain.submit([first, second], NOON) == [None, None]
        outcomes = settled(node, chain, [first, second], NOON)
        assert [outcome.success for outcome in outcomes] == [True, True]
        head = chain.head().number
        assert all(outcome.block_number <= head for outcome in outcomes)
        block = chain.block(outcomes[0].block_number)
        assert outcomes[0].hash in block.transactions
        assert chain.balance(ALICE, token()) == 570


def test_an_outcome_moves_with_its_transaction(node: Any, tmp_path: Path) -> None:
    with found(node, tmp_path) as chain:
        (raw,) = prepared(chain, issue())
        before = node.snapshot()
        (first,) = settled(node, chain, [raw], NOON)
        node.reorganise(before)
        node.mine(3)
        (again,) = settled(node, chain, [raw], NOON)
        assert again.block_number > first.block_number
        assert again.facts == first.facts


def test_money_that_runs_out_halfway_loses_nothing(own_node: Any, tmp_path: Path) -> None:
    with found(own_node, tmp_path) as chain:
        first, second = prepared(chain, issue(), issue(60))
        chain.submit([first], NOON)
        wealth = own_node.tester.get_balance
        own_node.tester.get_balance = lambda *_: 5
        with pytest.raises(ChainUnfunded, match=r"0\.000000000000000005 of this network's coin"):
            chain.submit([first, second], NOON)
        own_node.mine()
        # What is known by now is told, though the rest cannot be paid.
        done, waiting = chain.submit([first, second], NOON)
        assert done
        assert done.success
        assert waiting is None
        own_node.tester.get_balance = wealth
        assert all(outcome.success for outcome in settled(own_node, chain, [first, second], NOON))


@pytest.mark.parametrize("said", ["txpool is full", "the moon is in the wrong house"])
def test_whatever_a_node_refuses_is_said_and_tried_again(
    own_node: Any, tmp_path: Path, said: str
) -> None:
    with found(own_node, tmp_path) as chain:
        (raw,) = prepared(chain, issue())
        accept = own_node.do_eth_sendRawTransaction

        def refuse(_: str) -> None:
            raise RefusedError(-32000, said)

        own_node.do_eth_sendRawTransaction = refuse
        with pytest.raises(ChainBusy, match=said):
            chain.submit([raw], NOON)
        own_node.do_eth_sendRawTransaction = accept
        assert settled(own_node, chain, [raw], NOON)[0].success


def test_a_nonce_that_something_else_spent_is_said(own_node: Any, tmp_path: Path) -> None:
    with found(own_node, tmp_path) as chain:
        (raw,) = prepared(chain, issue())
        own_node.do_eth_sendRawTransaction(stranger(tmp_path, nonce=2))
        own_node.mine()
        with pytest.raises(ChainRejected, match="nonce 2 was spent"):
            chain.submit([raw], NOON)


def test_a_key_that_served_something_else_founds_no_registry(own_node: Any, tmp_path: Path) -> None:
    own_node.fund(key_ring(tmp_path).address(OPERATOR))
    for nonce in range(2):
        own_node.do_eth_sendRawTransaction(stranger(tmp_path, nonce=nonce))
    own_node.mine()
    with pytest.raises(ChainRejected, match="has sent 2 transactions"):
        open_writer(own_node, tmp_path)


def stranger(directory: Path, *, nonce: int) -> str:
    """A payment by the operator's key, which should do nothing but write the chain."""
    fields = {"nonce": nonce, "gas": 21_000, "maxFeePerGas": 5 * GWEI, "maxPriorityFeePerGas": GWEI,
              "to": "0x" + "11" * 20, "value": 1, "chainId": CHAIN_ID}  # fmt: skip
    signed = Account.sign_transaction(fields, key_ring(directory).unlock(OPERATOR))
    return f"0x{signed.raw_transaction.hex().removeprefix('0x')}"


def test_another_keys_batch_is_not_sent(own_node: Any, tmp_path: Path) -> None:
    with found(own_node, tmp_path) as chain:
        (raw,) = prepared(chain, issue())
        other = Rungs(raw, b"\x09" * 32).raw(1)
        with pytest.raises(ChainRejected, match="another key"):
            chain.submit([other], NOON)


def test_facts_that_do_not_hash_to_their_root_are_a_lie(own_node: Any, tmp_path: Path) -> None:
    with found(own_node, tmp_path) as chain:
        raws = prepared(chain, issue(), settle(retire(ALICE, token(), 10)))
        chain.submit(raws, NOON)
        own_node.mine()
        for receipt in own_node._receipts.values():
            for log in receipt["logs"]:
                if len(log["topics"]) == 4 and len(log["data"]) == 2 + 6 * 64:
                    # The first Wh number of the entry, one further.
                    log["data"] = log["data"][:129] + "1" + log["data"][130:]
        with pytest.raises(ChainUnreachable, match="do not hash to its root"):
            chain.submit(raws, NOON)


def test_a_node_that_is_killed_and_comes_back_without_its_pool(
    anvil: ProcessNode, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    anvil.kill()
    node = ProcessNode("anvil", "--state", str(state), "--preserve-historical-states")
    try:
        with found(node, tmp_path) as chain:
            (first, second) = prepared(chain, issue(), issue(60))
            assert settled(node, chain, [first], NOON)[0].success
            chain.submit([second], NOON)  # waits in the pool
            node.stop()
            with pytest.raises(ChainUnreachable, match="does not answer"):
                chain.submit([first, second], NOON)
            node = ProcessNode("anvil", "--state", str(state), port=node.port)
            outcomes = settled(node, chain, [first, second], NOON)
            assert [outcome.success for outcome in outcomes] == [True, True]
            assert chain.odometer(DEVICE) == 2_000
    finally:
        node.kill()


def test_a_node_that_is_killed_with_a_batch_half_mined_loses_nothing(
    anvil: ProcessNode, tmp_path: Path
) -> None:
    """SIGKILL: the node comes back where it last wrote, before some blocks that we had seen."""
    state = tmp_path / "state.json"
    anvil.kill()
    keeps = ("--state", str(state), "--state-interval", "1", "--preserve-historical-states")
    node = ProcessNode("anvil", *keeps)
    try:
        with found(node, tmp_path, depth="2") as chain:
            node.mine(3)
            chain.refresh()
            raws = prepared(chain, *(issue(60 * n) for n in range(6)))
            chain.submit(raws[:3], NOON)
            node.mine()
            _written(state)
            chain.submit(raws, NOON)
            node.mine()  # the node has these in a block, its disk has not
            node.kill()
            with pytest.raises(ChainUnreachable, match="does not answer"):
                chain.submit(raws, NOON)
            node = ProcessNode("anvil", *keeps, port=node.port)
            outcomes = settled(node, chain, raws, NOON)
            assert [outcome.success for outcome in outcomes] == [True] * 6
            assert chain.odometer(DEVICE) == 6_000
            assert chain.next_sequence() == 7
    finally:
        node.kill()


def _written(state: Path) -> None:
    """Wait for the node's next write of what it has."""
    since, deadline = time.time(), time.monotonic() + 60
    while not state.exists() or state.stat().st_mtime <= since:
        assert time.monotonic() < deadline, "the node never wrote its state"
        time.sleep(0.05)
    time.sleep(0.2)  # to its end


def test_a_killed_node_is_waited_for_and_not_believed_dead(
    anvil: ProcessNode, tmp_path: Path
) -> None:
    with found(anvil, tmp_path) as chain:
        (raw,) = prepared(chain, issue())
        chain.submit([raw], NOON)
        anvil.kill()
        started = time.monotonic()
        for _ in range(3):
            with pytest.raises(ChainUnreachable, match="What waits is sent when it does"):
                chain.submit([raw], NOON)
        assert time.monotonic() - started < 5


def test_a_range_of_logs_that_is_too_large_is_asked_for_in_parts(
    own_node: Any, tmp_path: Path
) -> None:
    with found(own_node, tmp_path) as chain:
        settled(own_node, chain, prepared(chain, issue()), NOON)
        own_node.mine(30)
        logs, asked = own_node.do_eth_getLogs, []

        def few(question: dict[str, str]) -> Any:
            width = int(question["toBlock"], 16) - int(question["fromBlock"], 16) + 1
            asked.append(width)
            if width > 4:
                raise RefusedError(-32005, "query returned more than 10000 results")
            return logs(question)

        own_node.do_eth_getLogs = few
        chain.refresh()
        found_ = chain.unexplained(balances={}, lots={}, odometers={})
        lot = next(each.actual for each in found_ if each.what.startswith("lot "))
        assert unpack_counters(lot).issued == 1000
        assert {each.actual for each in found_} == {600, 400, 1000, lot}
        assert max(asked) > 4
        assert sum(width for width in asked if width <= 4) >= 30


def test_what_logs_conceal_shows_in_the_sum_of_a_lot(own_node: Any, tmp_path: Path) -> None:
    with found(own_node, tmp_path) as chain:
        settled(own_node, chain, prepared(chain, issue()), NOON)
        logs = own_node.do_eth_getLogs
        # The node hides what was given to the second account.
        own_node.do_eth_getLogs = lambda question: [
            log for log in logs(question) if int(log["data"][66:130] or "0", 16) != 400
        ]
        found_ = chain.unexplained(balances={}, lots={}, odometers={})
        hidden = [each for each in found_ if "held by all together" in each.what]
        assert [(each.expected, each.actual) for each in hidden] == [(1000, 600)] * 2
