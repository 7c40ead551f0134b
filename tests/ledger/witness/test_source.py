"""What a registry answers is bounded in size and form before anything is made of it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ledger.chain.witness import source as module
from ledger.chain.witness.source import HttpSource
from ledger.errors import SourceUnavailable

HASH = "0x" + "11" * 32
HEAD = {"chain_id": 1, "genesis_hash": HASH, "number": 2, "hash": HASH}
Answer = Callable[[BaseHTTPRequestHandler], None]


def say(body: bytes, *, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def scripted() -> Iterator[Callable[[Answer], HttpSource]]:
    """A source whose registry gives one answer to everything."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: Answer) -> HttpSource:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                answer(self)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return HttpSource(f"http://127.0.0.1:{servers[-1].server_port}")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("url", ["registry.example", "ftp://x", "http://", "http://x:port/", ""])
def test_what_is_no_address_is_refused_at_once(url):
    with pytest.raises(SourceUnavailable, match="no address"):
        HttpSource(url)


BAD_HEADS = {
    "no JSON": say(b"<html>"),
    "nested without end": say(b"[" * 100_000),
    "a list": say(b"[]"),
    "a number in words": say(b'{"chain_id": 1, "genesis_hash": "x", "number": "2"}'),
    "true for a number": say(
        f'{{"chain_id": true, "genesis_hash": "{HASH}", "number": 2, "hash": "{HASH}"}}'.encode()
    ),
    "a short hash": say(b'{"chain_id": 1, "genesis_hash": "0x11", "number": 2, "hash": "0x11"}'),
    "a cut answer": say(b'{"chain_id": 1', length=500),
    "an error": say(b"{}", status=500),
    "a detour": say(b"", status=302, Location="http://127.0.0.1:1/"),
}


@pytest.mark.parametrize("case", BAD_HEADS)
def test_a_head_that_is_none_is_refused(scripted, case):
    with pytest.raises(SourceUnavailable):
        scripted(BAD_HEADS[case]).head()


def test_a_huge_json_answer_is_given_up(scripted):
    with pytest.raises(SourceUnavailable, match="larger than"):
        scripted(say(b" " * (module.MOST_JSON + 1))).head()


def test_an_answer_that_drips_is_given_up(scripted, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", -1)
    with pytest.raises(SourceUnavailable, match="not whole"):
        scripted(say(b"{}")).head()


@pytest.mark.parametrize("body", [b"\xc0", b"\xc2\xc0", b"no", b"\xc1\x80"])
def test_items_that_are_no_blocks_are_refused(scripted, body):
    with pytest.raises(SourceUnavailable):
        list(scripted(say(body)).blocks(1, 2))


def test_a_refused_signature_comes_back_with_the_reason(scripted):
    facts = {"height": 1, "block_hash": bytes(32), "signature": bytes(65)}
    said = scripted(say(b'{"detail": "Not yet."}', status=404))
    assert said.post_signature(**facts) == "Not yet."
    assert scripted(say(b"oops", status=403)).post_signature(**facts) == "HTTP 403"
    assert scripted(say(b"{}", status=201)).post_signature(**facts) == ""
    with pytest.raises(SourceUnavailable):
        scripted(say(b"", status=503)).post_signature(**facts)
