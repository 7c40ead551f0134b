"""Nodes that lie, drip, flood or fall silent: a typed refusal, bounded in time and size."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.chain.foreign.client import Limits, Node, NodeRefused
from ledger.chain.foreign.reading import Reader
from ledger.errors import ChainMissing, ChainUnreachable

pytestmark = pytest.mark.once
QUICK = Limits(timeout=0.3, patience=0.6, most_bytes=1 << 16)
Answer = Callable[[bytes], Iterator[bytes]]


class FakeNode:
    """Answers every request with what a function makes of its body."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _: iter(())
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def says(self, answer: Any, status: str = "200 OK") -> None:
        """JSON (or bytes as they are) in answer to everything; functions see the request."""

        def parts(body: bytes) -> Iterator[bytes]:
            made = answer(json.loads(body)) if callable(answer) else answer
            content = made if isinstance(made, bytes) else json.dumps(made).encode()
            yield f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            yield content

        self.answer = parts

    def result(self, value: Any) -> None:
        """A well-formed result for one call or several."""

        def made(asked: Any) -> Any:
            if isinstance(asked, list):
                return [{"jsonrpc": "2.0", "id": each["id"], "result": value} for each in asked]
            return {"jsonrpc": "2.0", "id": asked["id"], "result": value}

        self.says(made)

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.settimeout(5)
                with contextlib.suppress(OSError):
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        with stream:
            while head := stream.readline():
                size = 0
                while (line := stream.readline()).strip():
                    name, _, value = line.decode().partition(":")
                    size = int(value) if name.lower() == "content-length" else size
                body = stream.read(size)
                said = False
                for part in self.answer(body):
                    connection.sendall(part)
                    said = True
                if not said or not head:
                    return


@pytest.fixture
def fake() -> Iterator[FakeNode]:
    running = FakeNode()
    yield running
    running.stop()


@pytest.fixture
def node(fake: FakeNode) -> Iterator[Node]:
    opened = Node(fake.url, QUICK)
    yield opened
    opened.close()


NONSENSE = {
    "no JSON": b"<html>gateway</html>",
    "nothing": b"",
    "cut off": b'{"jsonrpc":"2.0","id":1,"resu',
    "nested too deeply": b"[" * 60_000,
    "a list": [],
    "a number": 7,
    "another id": {"jsonrpc": "2.0", "id": 99, "result": "0x1"},
    "no result": {"jsonrpc": "2.0", "id": 1},
}


@pytest.mark.parametrize("case", NONSENSE)
def test_an_answer_that_is_no_answer_is_refused(fake: FakeNode, node: Node, case: str) -> None:
    fake.says(NONSENSE[case])
    with pytest.raises(ChainUnreachable, match="makes no sense"):
        node.ask("eth_chainId")


def test_several_calls_want_an_answer_each(fake: FakeNode, node: Node) -> None:
    fake.says(lambda asked: [{"jsonrpc": "2.0", "id": asked[0]["id"], "result": 1}])
    with pytest.raises(ChainUnreachable, match="makes no sense"):
        node.ask_all([("a", ()), ("b", ())])


def test_answers_in_another_order_are_put_right(fake: FakeNode, node: Node) -> None:
    fake.says(
        lambda asked: [
            {"jsonrpc": "2.0", "id": each["id"], "result": each["method"]}
            for each in reversed(asked)
        ]
    )
    assert node.ask_all([("a", ()), ("b", ()), ("c", ())]) == ["a", "b", "c"]


def test_a_refusal_keeps_number_words_and_data(fake: FakeNode, node: Node) -> None:
    error = {"code": 3, "message": "execution reverted", "data": "0x08c379a0"}
    fake.says(lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "error": error})
    with pytest.raises(NodeRefused, match="execution reverted") as refused:
        node.ask("eth_call")
    assert (refused.value.number, refused.value.data) == (3, "0x08c379a0")


def test_an_error_page_is_named_by_its_status(fake: FakeNode, node: Node) -> None:
    fake.says(b"<html>", status="502 Bad Gateway")
    with pytest.raises(ChainUnreachable, match="HTTP 502"):
        node.ask("eth_chainId")


def test_an_oversized_answer_is_cut_off(fake: FakeNode, node: Node) -> None:
    fake.says(b" " * (QUICK.most_bytes + 1))
    with pytest.raises(ChainUnreachable, match="too large"):
        node.ask("eth_chainId")


def test_an_answer_that_drips_is_given_up(fake: FakeNode, node: Node) -> None:
    def drip(_: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        for _ in range(30):
            time.sleep(0.1)
            yield b" "

    fake.answer = drip
    started = time.monotonic()
    with pytest.raises(ChainUnreachable, match="too slow"):
        node.ask("eth_chainId")
    assert time.monotonic() - started < 3


def test_a_node_that_never_answers_is_given_up(fake: FakeNode, node: Node) -> None:
    def silent(_: bytes) -> Iterator[bytes]:
        time.sleep(1)
        yield b""

    fake.answer = silent
    with pytest.raises(ChainUnreachable, match="does not answer"):
        node.ask("eth_chainId")


def test_a_closed_port_is_said(fake: FakeNode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ChainUnreachable, match=f"127.0.0.1:{port} does not answer"):
        Node(f"http://127.0.0.1:{port}", QUICK).ask("eth_chainId")


def test_one_connection_serves_many_calls_and_is_opened_again(fake: FakeNode, node: Node) -> None:
    fake.result("0x1")
    for _ in range(3):
        node.ask("eth_chainId")
    assert fake.connections == 1
    node.close()
    node.ask("eth_chainId")
    assert fake.connections == 2


@pytest.mark.parametrize("url", ["", "localhost:8545", "ftp://node", "http://", "http://a:b"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ChainUnreachable, match="no address"):
        Node(url)


def test_no_message_shows_the_secrets_of_an_address() -> None:
    node = Node("http://user:hunter2@127.0.0.1:1/v3/secretkey?token=hidden", QUICK)
    with pytest.raises(ChainUnreachable) as said:
        node.ask("eth_chainId")
    assert not any(word in str(said.value) for word in ("hunter2", "secretkey", "hidden", "user"))


LIES = {
    "no number": "seven",
    "a negative": "-0x1",
    "beyond 256 bits": "0x1" + "0" * 64,
    "a list": [],
    "null": None,
    "an object": {},
}


@pytest.mark.parametrize("case", LIES)
def test_malformed_values_are_refused_wherever_they_stand(
    fake: FakeNode, node: Node, case: str
) -> None:
    reader = Reader(node)
    fake.result(LIES[case])
    reads: list[Callable[[], Any]] = [
        reader.chain_id,
        reader.base_fee,
        lambda: reader.block(3),
        lambda: reader.nonce(bytes(20), 3),
        lambda: reader.wealth(bytes(20)),
        lambda: reader.code(bytes(20)),
        lambda: reader.receipts([bytes(32)]),
        lambda: reader.logs(bytes(20), 1, 2, [1]),
        lambda: reader.views(bytes(20), 1, [("nextSequence()", [])]),
    ]
    for read in reads:
        try:
            answer = read()
        except (ChainUnreachable, ChainMissing):
            continue
        # What has the form of an answer is one: no receipt yet, no log.
        assert answer in ([None], []), case


def test_the_receipt_of_another_transaction_is_refused(fake: FakeNode, node: Node) -> None:
    receipt = {
        "transactionHash": "0x" + "22" * 32, "blockNumber": "0x1", "blockHash": "0x" + "33" * 32,
        "status": "0x1", "gasUsed": "0x1", "logs": [],
    }  # fmt: skip
    fake.result(receipt)
    with pytest.raises(ChainUnreachable, match="another transaction"):
        Reader(node).receipts([b"\x11" * 32])
