"""Asks one node over JSON-RPC 2.0. Every answer is bounded in time and size; none is believed."""

import base64
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from ledger.errors import ChainUnreachable

TIMEOUT = 15.0  # seconds for each read from the network
PATIENCE = 60.0  # seconds for one answer, however slowly it drips
MOST_BYTES = 32 << 20
READ_AT_ONCE = 1 << 16
LONGEST_MESSAGE = 500
Request = tuple[str, Sequence[Any]]  # method, parameters


class NodeRefused(Exception):
    """The node answered with an error; `data` is whatever it added."""

    def __init__(self, number: int, message: str, data: Any) -> None:
        super().__init__(message)
        self.number = number
        self.data = data


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a read and for a whole answer, and bytes of an answer."""

    timeout: float = TIMEOUT
    patience: float = PATIENCE
    most_bytes: int = MOST_BYTES


class Node:
    """One node, over one connection that is opened again when it breaks. Not thread-safe."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        """`url` may hold a user and a password, or a key in its path; no message shows either.

        Raises: ChainUnreachable when it is no address.
        """
        try:
            parts = urlsplit(url)
            self._port = parts.port
        except ValueError as error:
            raise ChainUnreachable(f"LEDGER_CHAIN_URL is no address: {error}.") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ChainUnreachable(
                "LEDGER_CHAIN_URL is no address of the form http://localhost:8545."
            )
        self._limits = limits or Limits()
        self._host: str = parts.hostname
        self._is_secure = parts.scheme == "https"
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": "application/json"}
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self._connection: http.client.HTTPConnection | None = None
        self._count = 0
        self.name = f"The node at {self._host}" + (f":{self._port}" if self._port else "")

    def ask(self, method: str, *parameters: Any) -> Any:
        """The result of one call. Raises: ChainUnreachable, NodeRefused."""
        call = self._call((method, parameters))
        return self._result(self._post(call), call)

    def ask_all(self, requests: Sequence[Request]) -> list[Any]:
        """Results in the order of the requests, in one exchange.

        Raises: ChainUnreachable, NodeRefused when one of them is refused.
        """
        if not requests:
            return []
        calls = [self._call(request) for request in requests]
        answers = self._post(calls)
        if not isinstance(answers, list):
            self._result(answers, calls[0])
            raise self.nonsense("several calls are not answered by a list")
        by_id = {
            answer.get("id"): answer
            for answer in answers
            if isinstance(answer, dict) and isinstance(answer.get("id"), int)
        }
        return [self._result(by_id.get(call["id"]), call) for call in calls]

    def nonsense(self, what: str) -> ChainUnreachable:
        """The error for an answer that cannot be what was asked for."""
        return ChainUnreachable(f"{self.name} answers what makes no sense: {what}.")

    def close(self) -> None:
        """Let the connection go; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _call(self, request: Request) -> dict[str, Any]:
        self._count += 1
        method, parameters = request
        return {"jsonrpc": "2.0", "id": self._count, "method": method, "params": list(parameters)}

    def _result(self, answer: Any, call: Mapping[str, Any]) -> Any:
        if not isinstance(answer, dict):
            raise self.nonsense(f"{call['method']} is not answered by an object")
        if answer.get("error") is not None:
            raise _refusal(answer["error"])
        if answer.get("id") != call["id"] or "result" not in answer:
            raise self.nonsense(f"{call['method']} has no result of its own")
        return answer["result"]

    def _post(self, content: Any) -> Any:
        body = json.dumps(content).encode()
        is_kept = self._connection is not None
        try:
            answer = self._exchange(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            # A connection that lay idle may have been closed by the node: that is no failure.
            if not is_kept or isinstance(error, TimeoutError):
                raise self._silent(error) from error
            try:
                answer = self._exchange(body)
            except (OSError, http.client.HTTPException) as again:
                self.close()
                raise self._silent(again) from again
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise self.nonsense("it is no JSON") from error

    def _silent(self, error: Exception) -> ChainUnreachable:
        said = str(error) or type(error).__name__
        return ChainUnreachable(
            f"{self.name} does not answer ({said}). What waits is sent when it does; see that it "
            f"runs and that LEDGER_CHAIN_URL names it."
        )

    def _exchange(self, body: bytes) -> bytes:
        if self._connection is None:
            kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
            self._connection = kind(self._host, self._port, timeout=self._limits.timeout)
        self._connection.request("POST", self._target, body=body, headers=self._headers)
        response = self._connection.getresponse()
        content = self._read(response)
        # A refusal may come with any status; what counts is whether it is JSON-RPC.
        if response.status != HTTPStatus.OK and not content.lstrip().startswith((b"{", b"[")):
            self.close()
            raise ChainUnreachable(f"{self.name} answered HTTP {response.status}.")
        return content

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        deadline = time.monotonic() + self._limits.patience
        parts, size = [], 0
        while part := response.read1(READ_AT_ONCE):
            parts.append(part)
            size += len(part)
            if size > self._limits.most_bytes or time.monotonic() > deadline:
                self.close()
                how = "large" if size > self._limits.most_bytes else "slow"
                raise ChainUnreachable(f"{self.name} gave an answer that is too {how}.")
        response.close()  # read1 does not notice the end, and the connection shall be used again
        return b"".join(parts)


def _refusal(error: Any) -> NodeRefused:
    if not isinstance(error, dict):
        return NodeRefused(0, str(error)[:LONGEST_MESSAGE], None)
    number = error.get("code")
    return NodeRefused(
        number if isinstance(number, int) else 0,
        str(error.get("message", "without a message"))[:LONGEST_MESSAGE],
        error.get("data"),
    )
