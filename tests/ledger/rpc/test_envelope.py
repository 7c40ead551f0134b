"""The JSON-RPC envelope: what is no call, batches, notifications, and how much is too much."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ChainMissing, RpcRefused
from ledger.rpc import envelope

pytestmark = pytest.mark.once


def perform(method: str, params: list[Any]) -> Any:
    if method == "echo":
        return params
    if method == "revert":
        raise RpcRefused(3, "execution reverted", "0x12")
    if method == "missing":
        raise ChainMissing("There is no chain yet.")
    if method == "large":
        return "x" * (envelope.ANSWER_BYTES // 2)
    raise ZeroDivisionError(method)


def answered(body: Any) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = envelope.answer(text, perform)
    return json.loads(said) if said else None


def call(method: str = "echo", *params: Any, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)} | more


@pytest.mark.parametrize("name", [1, "a", None, 1.5, -7])
def test_an_answer_bears_the_id_of_its_call(name: Any) -> None:
    assert answered(call("echo", 5, id=name)) == {"jsonrpc": "2.0", "id": name, "result": [5]}


def test_parameters_may_be_left_out() -> None:
    assert answered({"jsonrpc": "2.0", "id": 1, "method": "echo"})["result"] == []


def test_a_refusal_carries_number_message_and_data() -> None:
    assert answered(call("revert"))["error"] == {
        "code": 3,
        "message": "execution reverted",
        "data": "0x12",
    }
    assert answered(call("missing"))["error"] == {
        "code": -32000,
        "message": "There is no chain yet.",
    }


def test_a_mistake_of_ours_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    error = answered([call("boom"), call()])[0]["error"]
    assert error == {"code": -32603, "message": "the registry made a mistake"}
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 90_000, b"9" * 10_000],
)
def test_what_is_no_json_is_a_parse_error(body: bytes) -> None:
    said = answered(body)
    assert (said["id"], said["error"]["code"]) == (None, -32700)


@pytest.mark.parametrize(
    "body",
    [
        [],
        1,
        "call",
        None,
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "echo"},
        call(method=5),
        call(id={"a": 1}),
        call(id=True),
    ],
)
def test_what_is_no_call_is_an_invalid_request(body: Any) -> None:
    assert answered(body)["error"]["code"] == -32600


@pytest.mark.parametrize("params", [{"a": 1}, "x", 5, False])
def test_params_that_are_no_list_are_invalid_params(params: Any) -> None:
    said = answered(call(params=params, id=9))
    assert (said["id"], said["error"]["code"]) == (9, -32602)


def test_an_id_that_no_answer_can_repeat_is_refused() -> None:
    said = answered(b'{"jsonrpc": "2.0", "method": "echo", "id": 1e999}')
    assert (said["id"], said["error"]["code"]) == (None, -32600)


def test_a_batch_is_answered_call_by_call() -> None:
    said = answered([call("echo", 1, id="a"), 5, call("revert", id="b"), call("echo", 2, id="c")])
    assert [each["id"] for each in said] == ["a", None, "b", "c"]
    assert [each.get("result", each.get("error", {}).get("code")) for each in said] == [
        [1],
        -32600,
        3,
        [2],
    ]


def test_a_notification_is_not_answered() -> None:
    silent = {"jsonrpc": "2.0", "method": "boom"}
    assert answered(silent) is None
    assert answered([silent, silent]) is None
    assert len(answered([silent, call()])) == 1


@pytest.mark.parametrize(("size", "code"), [(1_000, None), (1_001, -32600), (10_000, -32600)])
def test_a_batch_has_a_limit_that_its_refusal_names(size: int, code: int | None) -> None:
    said = answered([{"jsonrpc": "2.0", "id": 1, "method": "echo"}] * size)
    if code is None:
        assert len(said) == size
    else:
        assert (said["error"]["code"], "1000" in said["error"]["message"]) == (code, True)


def test_a_body_has_a_limit_that_its_refusal_names() -> None:
    said = answered(b" " * (envelope.BODY_BYTES + 1))
    assert (said["error"]["code"], str(envelope.BODY_BYTES) in said["error"]["message"]) == (
        -32600,
        True,
    )


def test_an_answer_has_a_limit() -> None:
    assert answered(call("large"))["result"]
    said = answered([call("large"), call("large"), call("large")])
    assert "larger than" in said["error"]["message"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(
    JSON
    | st.fixed_dictionaries(
        {"jsonrpc": st.just("2.0"), "id": JSON, "method": st.just("echo"), "params": JSON}
    )
)
def test_whatever_comes_the_answer_is_json_rpc(body: Any) -> None:
    said = answered(body)
    for each in said if isinstance(said, list) else [said]:
        assert each["jsonrpc"] == "2.0"
        assert ("result" in each) != ("error" in each)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_json_rpc(body: bytes) -> None:
    said = answered(body)
    assert said["jsonrpc"] == "2.0"
    assert "error" in said
