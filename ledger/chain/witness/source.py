"""The registry that a witness follows, over HTTP. Nothing that it sends is believed."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ledger.chain import framing
from ledger.chain.framing import SealedBlock
from ledger.errors import ChainUnreadable, SourceUnavailable

TIMEOUT = 30  # seconds for each read from the network
PATIENCE = 300  # seconds for one answer, however slowly it drips
MOST_JSON = 1 << 20
MOST_BLOCK_BYTES = 2 * framing.LARGEST_ITEM
READ_AT_ONCE = 1 << 16
ASKED_BLOCKS = 512
HASH_DIGITS = 64


@dataclass(frozen=True, slots=True)
class StatedHead:
    """What the registry says of its chain."""

    chain_id: int
    genesis_hash: bytes
    number: int
    hash: bytes


class HttpSource:
    """Asks one registry, one request a connection, every answer bounded in time and size."""

    def __init__(self, url: str) -> None:
        """`url` is where its front page is. Raises: SourceUnavailable when it is no address."""
        try:
            parts = urlsplit(url)
            self._port = parts.port
        except ValueError as error:
            raise SourceUnavailable(f"{url!r} is no address: {error}.") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceUnavailable(f"{url!r} is no address of the form https://registry.example.")
        self.url = url.rstrip("/")
        self._host: str = parts.hostname
        self._is_secure = parts.scheme == "https"
        self._path = parts.path.rstrip("/")

    def head(self) -> StatedHead:
        """Raises: SourceUnavailable."""
        stated = self._json("/chain/head")
        try:
            return StatedHead(
                chain_id=_whole(stated["chain_id"]),
                genesis_hash=_digest(stated["genesis_hash"]),
                number=_whole(stated["number"]),
                hash=_digest(stated["hash"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SourceUnavailable(f"{self.url}/chain/head is no head of a chain.") from error

    def genesis(self) -> Any:
        """The stated genesis, any JSON. Raises: SourceUnavailable."""
        return self._json("/chain/genesis")

    def blocks(self, first: int, last: int) -> Iterator[SealedBlock]:
        """Some blocks from `first` on, at most to `last`; fewer where the registry sends fewer.

        Raises: SourceUnavailable, also in the middle, when the answer is cut off or too large.
        """
        last = min(last, first + ASKED_BLOCKS - 1)
        with self._answer("GET", f"/chain/blocks/{first}/{last}") as answer:
            self._want(answer, HTTPStatus.OK)
            bounded = _Bounded(answer, MOST_BLOCK_BYTES)
            for count, item in enumerate(framing.items(bounded.read), start=first):
                if count > last:
                    raise ChainUnreadable("More blocks came than were asked for.")
                yield SealedBlock.decode(item)

    def post_signature(self, *, height: int, block_hash: bytes, signature: bytes) -> str:
        """Send a co-signature; "" when it was taken, otherwise why not, in the registry's words.

        Raises: SourceUnavailable.
        """
        body = {
            "height": height,
            "block_hash": f"0x{block_hash.hex()}",
            "signature": f"0x{signature.hex()}",
        }
        with self._answer("POST", "/chain/witness-signatures", json.dumps(body)) as answer:
            if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
                return ""
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self._want(answer, HTTPStatus.OK)
            said = _Bounded(answer, MOST_JSON).rest()
            try:
                return str(json.loads(said)["detail"])[:500]
            except (ValueError, KeyError, TypeError, RecursionError):
                return f"HTTP {answer.status}"

    def _json(self, path: str) -> Any:
        with self._answer("GET", path) as answer:
            self._want(answer, HTTPStatus.OK)
            try:
                return json.loads(_Bounded(answer, MOST_JSON).rest())
            except (ValueError, RecursionError) as error:
                raise SourceUnavailable(f"{self.url}{path} is no JSON.") from error

    def _want(self, answer: http.client.HTTPResponse, status: HTTPStatus) -> None:
        if answer.status != status:
            raise SourceUnavailable(f"{self.url} answered HTTP {answer.status}.")

    @contextmanager
    def _answer(
        self, method: str, path: str, body: str | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            with closing(kind(self._host, self._port, timeout=TIMEOUT)) as connection:
                connection.request(method, f"{self._path}{path}", body=body, headers=headers)
                with closing(connection.getresponse()) as response:
                    yield response
        except ChainUnreadable as error:
            raise SourceUnavailable(f"{self.url}{path}: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            name = error or type(error).__name__
            raise SourceUnavailable(f"{self.url} does not answer: {name}") from error


class _Bounded:
    """An answer's body, as long as it is neither too large nor too slow."""

    def __init__(self, answer: http.client.HTTPResponse, most: int) -> None:
        self._answer = answer
        self._left = most
        self._deadline = time.monotonic() + PATIENCE

    def read(self, count: int) -> bytes:
        """At most `count` bytes; none at the end. Raises: ChainUnreadable."""
        if time.monotonic() > self._deadline:
            raise ChainUnreadable(f"The answer was not whole after {PATIENCE} s.")
        part = self._answer.read(min(count, READ_AT_ONCE))
        self._left -= len(part)
        if self._left < 0:
            raise ChainUnreadable("The answer is larger than a witness takes.")
        return part

    def rest(self) -> bytes:
        """All of it. Raises: ChainUnreadable."""
        return b"".join(iter(lambda: self.read(READ_AT_ONCE), b""))


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError("no whole number")
    return value


def _digest(text: str) -> bytes:
    if not text.startswith("0x") or len(text) != len("0x") + HASH_DIGITS:
        raise ValueError("no hash")
    return bytes.fromhex(text[2:])
