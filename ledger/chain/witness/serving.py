"""What a witness shows to other witnesses: its head, and the blocks that it executed.

The same addresses as a registry's, so that whoever compares heads asks both alike. One request
at a time, each bounded in time and size: this is no mirror to download a chain from.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from ledger.chain.engine import Engine
from ledger.chain.framing import MEDIA_TYPE
from ledger.chain.store import SQLiteStore
from ledger.chain.transcript import sealed_block
from ledger.errors import ChainMissing, LedgerError

PATIENCE = 5  # seconds for one request
MOST_BLOCKS = 16
BLOCKS = re.compile(r"/chain/blocks/([0-9]{1,18})/([0-9]{1,18})")


@contextmanager
def serving(
    store: Path, *, chain_id: Callable[[], int | None], address: tuple[str, int]
) -> Iterator[int]:
    """Answer for as long as the context lasts; gives the port, as port 0 lets the system choose.

    Until there is a store, and a chain in it, there is nothing here. Raises: OSError when the
    address is taken.
    """

    class Handler(_Handler):
        path_of_store, ask_chain = store, staticmethod(chain_id)

    with HTTPServer(address, Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True, name="witness serving")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    path_of_store: Path
    ask_chain: Callable[[], int | None]
    timeout = PATIENCE
    server_version, sys_version = "witness", ""

    def do_GET(self) -> None:
        """Called by the standard library for each request."""
        try:
            content, kind = self._found()
        except LedgerError as error:
            missing = isinstance(error, ChainMissing)
            status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.SERVICE_UNAVAILABLE
            self._send(status, f"{error}\n".encode(), "text/plain; charset=utf-8")
            return
        self._send(HTTPStatus.OK, content, kind)

    def _found(self) -> tuple[bytes, str]:
        chain_id = self.ask_chain()
        if chain_id is None:
            raise ChainMissing("This witness has not seen its registry yet.")
        store = SQLiteStore(self.path_of_store, writable=False)
        try:
            engine = Engine(store, chain_id=chain_id)
            if self.path == "/chain/head":
                return json.dumps(_head(engine)).encode(), "application/json"
            asked = BLOCKS.fullmatch(self.path)
            if asked is None:
                raise ChainMissing("Here are /chain/head and /chain/blocks/FIRST/LAST.")
            return _blocks(engine, int(asked[1]), int(asked[2])), MEDIA_TYPE
        finally:
            store.close()

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Who compares heads is nobody's business."""


def _head(engine: Engine) -> dict[str, Any]:
    header = engine.head()
    return {
        "chain_id": engine.chain_id,
        "genesis_hash": f"0x{engine.genesis_hash.hex()}",
        "number": header.block_number,
        "hash": f"0x{header.hash.hex()}",
        "state_root": f"0x{header.state_root.hex()}",
    }


def _blocks(engine: Engine, first: int, last: int) -> bytes:
    last = min(last, first + MOST_BLOCKS - 1, engine.head().block_number)
    if not 1 <= first <= last:
        raise ChainMissing(f"There is no block {first:,} here.")
    return b"".join(sealed_block(engine, number).encode() for number in range(first, last + 1))
