"""What a registry may answer: too little, too much, nothing at all, or boasts."""

import io
import itertools
from collections.abc import Callable

import pytest
from django.test.testcases import LiveServerThread
from pytest_django.live_server_helper import LiveServer

from ledger.chain.witness.witness import Witness
from ledger.errors import SourceUnavailable
from ledger.views import chain as views
from tests.ledger.witness.lies import (
    block_of,
)

BLOCKS = 5
Open = Callable[..., Witness]


def cut(stream, count: int):
    """What of a stream arrives when the line breaks after so many bytes."""
    whole = io.BytesIO(b"".join(stream))
    return iter([whole.read(count)])


def test_a_truncated_answer_loses_nothing_and_is_asked_for_again(
    open_witness: Open, registry, monkeypatch
):
    honest = views._stream
    two_and_a_half = sum(len(block_of(registry, n).encode()) for n in (1, 2)) + 400
    with monkeypatch.context() as patch:
        patch.setattr(views, "_stream", lambda *span: cut(honest(*span), two_and_a_half))
        with pytest.raises(SourceUnavailable, match="cut off"):
            open_witness().run()
    assert open_witness().run().executed == BLOCKS - 2


def test_a_huge_item_is_refused_unread(open_witness: Open, monkeypatch):
    flood = itertools.repeat(bytes(1 << 16))
    announced = b"\xfb\x7f\xff\xff\xff"
    monkeypatch.setattr(views, "_stream", lambda *span: itertools.chain([announced], flood))
    with pytest.raises(SourceUnavailable, match="announced"):
        open_witness().run()


def test_blocks_without_end_are_refused_after_those_asked_for(
    open_witness: Open, registry, monkeypatch
):
    honest = views._stream
    again = block_of(registry, BLOCKS).encode()
    monkeypatch.setattr(
        views, "_stream", lambda *span: itertools.chain(honest(*span), itertools.repeat(again))
    )
    witness = open_witness()
    with pytest.raises(SourceUnavailable, match="More blocks"):
        witness.run()
    assert witness.run().number == BLOCKS


class ReusingServer(LiveServerThread.server_class):
    """Comes back at once under the port that it just left."""

    def server_bind(self) -> None:
        self.allow_reuse_address = True
        super().server_bind()


def test_a_registry_goes_away_and_comes_back(open_witness: Open, registry, monkeypatch):
    monkeypatch.setattr(LiveServerThread, "server_class", ReusingServer)
    server = LiveServer("127.0.0.1")
    port = server.thread.port
    monkeypatch.setattr(views, "MOST_BLOCKS", 2)
    witness = open_witness(url=server.url)

    def end_server(done: int, total: int) -> None:
        if done == 3:
            server.stop()

    with pytest.raises(SourceUnavailable):
        witness.run(progress=end_server)
    with pytest.raises(SourceUnavailable, match="does not answer"):
        witness.run()
    back = LiveServer(f"127.0.0.1:{port}")
    try:
        done = witness.run()
    finally:
        back.stop()
    assert (done.number, done.refusal) == (BLOCKS, "")


def test_a_head_that_no_block_backs_is_not_believed(open_witness: Open, registry, monkeypatch):
    witness = open_witness()
    witness.run()
    honest = witness._source.head
    stated = honest()
    boast = type(stated)(stated.chain_id, stated.genesis_hash, 10**12, stated.hash)
    monkeypatch.setattr(witness._source, "head", lambda: boast)
    with pytest.raises(SourceUnavailable):
        witness.run()
