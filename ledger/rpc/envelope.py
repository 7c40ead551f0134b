"""JSON-RPC 2.0 around the methods: bodies, batches, notifications, errors and their limits."""

import json
import logging
from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn

from ledger.errors import LedgerError, RpcRefused
from ledger.rpc.errors import (
    INTERNAL_ERROR,
    PARSE_ERROR,
    SERVER_ERROR,
    invalid_params,
    invalid_request,
)

BODY_BYTES = 1 << 20
BATCH_CALLS = 1_000
ANSWER_BYTES = 32 << 20
NESTING = 64
JSON = "2.0"

Perform = Callable[[str, list[Any]], Any]
log = logging.getLogger(__name__)


def answer(body: bytes, perform: Perform) -> bytes:
    """The answer to a body; empty when it holds notifications only. Never raises.

    `perform(method, params)` gives the result or raises RpcRefused (or another LedgerError).
    """
    try:
        asked = parse(body)
    except RpcRefused as error:
        return _dump(_failure(None, error))
    if not isinstance(asked, list):
        return _answer_one(asked, perform)
    answers: list[bytes] = []
    size = 0
    for each in asked:
        text = _answer_one(each, perform)
        size += len(text)
        if size > ANSWER_BYTES:
            return _dump(_failure(None, _too_large()))
        if text:
            answers.append(text)
    return b"[" + b",".join(answers) + b"]" if answers else b""


def parse(body: bytes) -> Any:
    """What a body asks: one call, or a batch within its limit. Raises: RpcRefused."""
    if len(body) > BODY_BYTES:
        raise invalid_request(f"the body is larger than {BODY_BYTES} bytes")
    try:
        text = body.decode()
        if _depth(text) > NESTING:
            raise RpcRefused(PARSE_ERROR, f"the body nests deeper than {NESTING} levels")
        asked = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise RpcRefused(PARSE_ERROR, f"the body is no JSON: {str(error)[:100]}") from None
    if isinstance(asked, list):
        if not asked:
            raise invalid_request("the batch is empty")
        if len(asked) > BATCH_CALLS:
            raise invalid_request(f"a batch holds at most {BATCH_CALLS} calls")
    return asked


def _answer_one(asked: Any, perform: Perform) -> bytes:
    """One call's answer, as JSON; empty for a notification, which is not performed."""
    name = asked.get("id") if isinstance(asked, dict) else None
    name = name if _is_id(name) else None
    try:
        method, params = _read(asked)
        if "id" not in asked:
            return b""
        text = _dump({"jsonrpc": JSON, "id": name, "result": perform(method, params)})
    except RpcRefused as error:
        return _dump(_failure(name, error))
    except LedgerError as error:
        return _dump(_failure(name, RpcRefused(SERVER_ERROR, str(error))))
    except Exception:
        # One broken call must not take its batch along; the log has the whole story.
        log.exception("a JSON-RPC call failed")
        return _dump(_failure(name, RpcRefused(INTERNAL_ERROR, "the registry made a mistake")))
    return text if len(text) <= ANSWER_BYTES else _dump(_failure(name, _too_large()))


def _read(asked: Any) -> tuple[str, list[Any]]:
    if not isinstance(asked, dict):
        raise invalid_request("a call is an object")
    if asked.get("jsonrpc") != JSON:
        raise invalid_request('a call says "jsonrpc": "2.0"')
    if not _is_id(asked.get("id")):
        raise invalid_request("an id is a string, a number or null")
    method, params = asked.get("method"), asked.get("params")
    if not isinstance(method, str):
        raise invalid_request("a call names its method")
    if params is None:
        params = []
    if not isinstance(params, list):
        raise invalid_params("params are a list, in the order of the method's description")
    return method, params


def _is_id(name: Any) -> bool:
    """A number too large for a float reads as infinite, which no answer can repeat."""
    if isinstance(name, float):
        return isfinite(name)
    return isinstance(name, str | int | None) and not isinstance(name, bool)


def _depth(text: str) -> int:
    """How deep brackets nest; those inside strings count too, which only errs to caution.

    Asked before parsing, because a parser that recurses a million levels ends the process.
    """
    depth = deepest = 0
    for sign in text:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _too_large() -> RpcRefused:
    return RpcRefused(SERVER_ERROR, f"the answer is larger than {ANSWER_BYTES} bytes")


def _failure(name: Any, error: RpcRefused) -> dict[str, Any]:
    stated: dict[str, Any] = {"code": error.number, "message": str(error)}
    if error.data is not None:
        stated["data"] = error.data
    return {"jsonrpc": JSON, "id": name, "error": stated}


def _dump(stated: dict[str, Any]) -> bytes:
    return json.dumps(stated, separators=(",", ":")).encode()
