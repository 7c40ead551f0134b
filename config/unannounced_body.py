"""A body whose length nobody announced is read first: without a length Django reads nothing.

Clients that write a body while they make it send it in chunks, as streams of Java and Node do.
"""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

MOST_BYTES = 2 * 1024 * 1024  # in memory; what is larger says how long it is
PIECE = 64 * 1024
ENDLESS = "registry.endless_body"  # in the environment: more came, and nothing of it counts
BODILESS = {"GET", "HEAD", "OPTIONS", "TRACE"}

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class UnannouncedBody:
    """WSGI: gives a chunked body a length; `BodyLimit` refuses one that is too large."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        # Only a server that ends what is read at the end of the body may be read to the end.
        is_told = environ.get("CONTENT_LENGTH") or not environ.get("wsgi.input_terminated")
        if not is_told and environ["REQUEST_METHOD"] not in BODILESS:
            body = _read(environ["wsgi.input"])
            environ["CONTENT_LENGTH"] = str(len(body))
            environ[ENDLESS] = len(body) > MOST_BYTES
            environ["wsgi.input"] = BytesIO(b"" if environ[ENDLESS] else body)
        return self.application(environ, start_response)


def _read(stream: Any) -> bytes:
    """Everything, or one piece more than may be kept."""
    body = bytearray()
    while len(body) <= MOST_BYTES and (piece := stream.read(PIECE)):
        body += piece
    return bytes(body)
