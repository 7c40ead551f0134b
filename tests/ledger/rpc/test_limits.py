"""What anyone may send to an open address: each refused in bounded time and memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.rpc import calls, machine, pool
from ledger.rpc.envelope import BODY_BYTES
from tests.ledger.rpc.chain import Asker, Story

NOWHERE = "0x" + "11" * 20


def create(code: str) -> dict[str, str]:
    """A call that runs code."""
    return {"data": f"0x{code}"}


def test_a_body_beyond_the_limit_is_not_read(ask: Asker) -> None:
    refused = ask.post(b" " * (BODY_BYTES + 1))
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == -32600


def test_a_batch_of_ten_thousand_is_refused(ask: Asker) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
    refused = ask.post(json.dumps([call] * 10_000)).json()
    assert (refused["error"]["code"], "1000" in refused["error"]["message"]) == (-32600, True)


def test_a_batch_sees_one_block(ask: Asker) -> None:
    batch = [{"jsonrpc": "2.0", "id": n, "method": "eth_blockNumber"} for n in range(1_000)]
    assert {each["result"] for each in ask.post(json.dumps(batch)).json()} == {"0x5"}


def test_other_http_methods_are_refused_and_a_preflight_is_welcome(ask: Asker) -> None:
    assert ask.client.get("/rpc").status_code == 405
    preflight = ask.client.options("/rpc")
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == "*"
    assert "content-type" in preflight["Access-Control-Allow-Headers"]
    assert ask.post("{").headers["Access-Control-Allow-Origin"] == "*"


def test_a_notification_has_an_empty_answer(ask: Asker) -> None:
    silent = ask.post(json.dumps({"jsonrpc": "2.0", "method": "eth_chainId"}))
    assert (silent.status_code, silent.content) == (204, b"")


def test_no_cookie_and_no_token_is_needed(story: Story) -> None:
    from django.test import Client

    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}
    posted = Client(enforce_csrf_checks=True).post("/rpc", call, content_type="application/json")
    assert posted.json()["result"] == "0x5"
    assert posted.cookies == {}


def test_before_the_first_block_the_server_says_so(
    settings: Any, client: Any, tmp_path: Path
) -> None:
    settings.CHAIN_DIR = tmp_path
    error = Asker(client).error("eth_blockNumber")
    assert (error["code"], "no chain yet" in error["message"]) == (-32000, True)


def test_code_that_never_ends_is_given_up(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """JUMPDEST, PUSH1 0, JUMP: a loop until the gas is used up."""
    monkeypatch.setattr(pool, "REQUEST_SECONDS", 0.2)
    error = ask.error("eth_call", create("5b600056"), "latest")
    assert (error["code"], "longer than 0.2 s" in error["message"]) == (-32000, True)


# Creates a contract that calls itself with all its gas, and calls it.
SELF_CALLER = (
    "6f675f5f5f5f5f305af15f5260086018f3"  # its creation: PUSH5 zeros, ADDRESS, GAS, CALL
    "5f52601060105ff0"
    "5f5f5f5f5f855af100"
)


@pytest.mark.parametrize(("gas", "depth"), [(50_000_000, 500), (1 << 37, 1_020)])
def test_a_contract_that_calls_itself_ends_at_the_machines_own_depth(
    ask: Asker, monkeypatch: pytest.MonkeyPatch, gas: int, depth: int
) -> None:
    """1,024 levels of the machine are thousands of the interpreter's."""
    deepest = [0]
    consume = machine.BoundedComputation.consume_gas

    def watch(self: Any, amount: int, reason: str) -> None:
        deepest[0] = max(deepest[0], self.msg.depth)
        consume(self, amount, reason)

    monkeypatch.setattr(machine.BoundedComputation, "consume_gas", watch)
    monkeypatch.setattr(calls, "GAS_LIMIT", gas)
    assert ask("eth_call", create(SELF_CALLER), "latest") == "0x"
    assert depth <= deepest[0] <= 1_024


def test_an_endless_allocation_runs_out_of_gas(ask: Asker) -> None:
    """MSTORE at 2^64."""
    error = ask.error("eth_call", create("6001680100000000000000005200"), "latest")
    assert (error["code"], "OutOfGas" in error["message"]) == (-32000, True)


@pytest.mark.parametrize("number", [0x05, 0x08, 0x0B, 0x0C, 0x0F])
def test_a_precompile_that_is_slow_here_is_bounded_by_its_input(ask: Asker, number: int) -> None:
    call = {"to": f"0x{number:040x}", "data": "0x" + "00" * 192 * 100}
    error = ask.error("eth_call", call, "latest")
    assert (error["code"], "precompile" in error["message"]) == (-32000, True)


def test_blake2_is_bounded_by_its_rounds(ask: Asker) -> None:
    data = "0x00ffffff" + "00" * 208 + "01"
    error = ask.error("eth_call", {"to": f"0x{9:040x}", "data": data}, "latest")
    assert (error["code"], "precompile" in error["message"]) == (-32000, True)


def test_a_precompile_within_its_bound_answers(ask: Asker) -> None:
    assert ask("eth_call", {"to": f"0x{4:040x}", "data": "0x1234"}, "latest") == "0x1234"
    five_squared_mod_seven = "0x" + "".join(f"{n:064x}" for n in (1, 1, 1)) + "050207"
    assert ask("eth_call", {"to": f"0x{5:040x}", "data": five_squared_mod_seven}) == "0x04"


def test_when_all_readers_are_busy_the_caller_is_told(
    ask: Asker, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.ledger.chain.chains import CHAIN_ID

    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
    taken = pool.pool_of(story.directory, CHAIN_ID)
    contexts = [taken.snapshot() for _ in range(pool.READERS)]
    for each in contexts:
        each.__enter__()
    assert "busy" in ask.error("eth_blockNumber")["message"]
    for each in contexts:
        each.__exit__(None, None, None)
    assert ask("eth_blockNumber") == "0x5"
