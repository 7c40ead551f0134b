"""A body that came in chunks is read as any other, and one without an end is refused."""

import io
import json
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.http import HttpResponse
from django.test.client import ClientHandler
from hypothesis import given
from hypothesis import strategies as st

from certificates.models import Role
from certificates.services import reference
from certificates.services.organisations import register_organisation
from config import unannounced_body
from config.unannounced_body import ENDLESS, MOST_BYTES, UnannouncedBody
from tests.charging.api.ocpi.conftest import NOW, TOKEN, cdr, connect, word


class Chunks(io.RawIOBase):
    """What a server gives: pieces as they came, then nothing."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.taken = pieces, 0

    def read(self, size: int = -1) -> bytes:
        piece = next(self.pieces, b"")
        self.taken += len(piece)
        return piece


def environment(stream: Any, path: str = "/", **more: Any) -> dict[str, Any]:
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "POST", "wsgi.input": stream}
    setup_testing_defaults(environ)
    environ.pop("CONTENT_LENGTH", None)
    return environ | {"wsgi.input_terminated": True, "HTTP_HOST": "testserver"} | more


def seen(environ: dict[str, Any]) -> tuple[Any, bytes, Any]:
    """What the application behind it is told: the length, the body, whether it has no end."""
    found: list[Any] = []

    def application(inner: dict[str, Any], _start: Any) -> list[bytes]:
        found.append((inner.get("CONTENT_LENGTH"), inner["wsgi.input"].read(), inner.get(ENDLESS)))
        return []

    UnannouncedBody(application)(environ, None)
    return found[0]


@given(pieces=st.lists(st.binary(min_size=1, max_size=50), max_size=8))
def test_a_body_in_pieces_has_its_length_and_every_byte(pieces):
    whole = b"".join(pieces)
    assert seen(environment(Chunks(iter(pieces)))) == (str(len(whole)), whole, False)


@pytest.mark.parametrize("more", [0, 1])
def test_what_is_larger_than_may_be_kept_is_not_kept(more, monkeypatch):
    monkeypatch.setattr(unannounced_body, "MOST_BYTES", 100)
    length, body, endless = seen(environment(io.BytesIO(b"x" * (100 + more))))
    assert endless is bool(more)
    assert (length, body) == (str(100 + more), b"" if more else b"x" * 100)


def test_a_body_that_never_ends_is_read_to_the_limit_and_no_further():
    chunks = Chunks(iter(lambda: b"x" * 1000, b""))
    assert seen(environment(chunks)) == (str(chunks.taken), b"", True)
    assert MOST_BYTES < chunks.taken <= MOST_BYTES + 1000


@pytest.mark.parametrize(
    "more",
    [
        {"CONTENT_LENGTH": "3"},
        {"wsgi.input_terminated": False},
        {"REQUEST_METHOD": "GET"},
    ],
)
def test_what_is_announced_or_cannot_be_read_to_its_end_is_left_alone(more):
    chunks = Chunks(iter([b"abc"]))
    environ = environment(chunks, **more)
    UnannouncedBody(lambda *_: [])(environ, None)
    assert environ["wsgi.input"] is chunks
    assert chunks.taken == 0


def answered(path: str, stream: Any, **more: str) -> HttpResponse:
    """The whole registry's answer."""
    found: list[HttpResponse] = []
    handler = ClientHandler(enforce_csrf_checks=False)
    environ = environment(stream, path, CONTENT_TYPE="application/json", **more)
    UnannouncedBody(lambda inner, _start: [found.append(handler(inner))])(environ, None)
    return found[0]


def endless() -> Chunks:
    return Chunks(iter(lambda: b" " * 65_536, b""))


@pytest.mark.django_db
def test_a_page_and_the_api_refuse_a_body_without_an_end():
    page = answered("/log-in/", endless())
    assert page.status_code == 413
    assert b"2 MB" in page.content
    problem = answered("/api/v1/readings/", endless())
    assert problem.status_code == 413
    assert "Content-Length" in json.loads(problem.content)["detail"]


@pytest.mark.django_db
def test_a_cdr_in_chunks_is_taken_and_one_without_an_end_is_not():
    reference.load()
    roles = [Role.CHARGING_COMPANY]
    connect(register_organisation(name="C", slug="c", roles=roles, now=NOW), "BE*BEC")
    whole = json.dumps(cdr()).encode()
    path, known = "/ocpi/2.2.1/cdrs", {"HTTP_AUTHORIZATION": word(TOKEN)}
    assert answered(path, Chunks(iter((whole[:9], whole[9:]))), **known).status_code == 201
    assert answered(path, endless(), **known).status_code == 413
